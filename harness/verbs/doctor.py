"""`rsbench doctor`: whether a model is asked as it should be, and writes boxes as its dialect declares."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import click

from ..contract import Runtime
from ..doctor_boxes import look, questions, verdict
from ..doctor_model import TOLERANCES, examine
from ..drawing import save
from ..plan import build_adapter, build_dialect, plan
from ..suites import selected

_TYPES = click.Choice(list(TOLERANCES))


@click.group()
def doctor() -> None:
    """Look at what a model is really asked, and at what it answers."""


@doctor.command(short_help="The literal prompt, padding, batches, the size of the picture.")
@click.option(
    "--model", required=True, metavar="NAME[,KEY=VALUE...]", help="A name, path, hub id or address."
)
@click.option("--dialect", metavar="NAME[,KEY=VALUE...]", help="Speak to the model in another dialect.")
@click.option("--max-new-tokens", type=click.IntRange(min=1), default=32, show_default=True)
@click.option("--device", default="cpu", show_default=True, help="cpu, cuda, cuda:1, ...")
@click.option("--dtype", type=_TYPES, default="float32", show_default=True)
def model(model: str, dialect: str | None, max_new_tokens: int, device: str, dtype: str) -> None:
    """Ask four questions about drawn pictures, in one batch and one by one.

    Exit code 4 where a batch changes answers, prompts are padded on the wrong side, or a question fails.
    """
    adapter, _ = build_adapter(model, Runtime(device, dtype, 4))
    text = dialect or adapter.dialect
    checkpoint = f", checkpoint {adapter.checkpoint[:12]}" if adapter.checkpoint else ""
    click.echo(f"{adapter.name}, dialect {text or 'none'}{checkpoint}, {dtype} on {device}")
    with TemporaryDirectory() as folder:
        found = examine(adapter, build_dialect(text), Path(folder), dtype, max_new_tokens)
    for line in found.lines:
        click.echo(line)
    click.echo()
    for fault in found.faults:
        click.echo(f"FAULT     {fault}")
    if found.faults:
        raise SystemExit(4)
    click.echo("All is well.")


@doctor.command(short_help="A few boxes beside the true ones, in one picture.")
@click.option(
    "--model", required=True, metavar="NAME[,KEY=VALUE...]", help="A name, path, hub id or address."
)
@click.option("--data", metavar="DIR|mini", help="Where the data lies; mini is drawn on the spot.")
@click.option("--tasks", required=True, metavar="A,B", help="What is asked (rsbench list tasks).")
@click.option("--split", metavar="NAME", help="Another split than the one the paper reports.")
@click.option("--count", type=click.IntRange(min=1), default=8, show_default=True, help="Questions.")
@click.option("--dialect", metavar="NAME[,KEY=VALUE...]", help="Speak to the model in another dialect.")
@click.option("--batch-size", type=click.IntRange(min=1), default=8, show_default=True)
@click.option("--device", default="cpu", show_default=True, help="cpu, cuda, cuda:1, ...")
@click.option("--dtype", type=_TYPES, default="float32", show_default=True)
@click.option("--seed", type=int, default=0, show_default=True, help="Which questions.")
@click.option("--cache", type=click.Path(path_type=Path), default=Path("runs/mini"), help="For miniatures.")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    default=Path("boxes.png"),
    show_default=True,
    metavar="FILE.png",
    help="Where the picture goes.",
)
def boxes(
    model: str,
    data: str | None,
    tasks: str,
    split: str | None,
    count: int,
    dialect: str | None,
    batch_size: int,
    device: str,
    dtype: str,
    seed: int,
    cache: Path,
    output: Path,
) -> None:
    """Ask for a few boxes, draw them beside the true ones, and try other conventions of coordinates.

    Exit code 4 where the declared convention does not fit and another one would. Nothing here changes how a
    run is scored.
    """
    from ..doctor_sheet import sheet

    plans = [plan(name, data, own or split, None, seed, cache) for name, own in selected(tasks)]
    adapter, _ = build_adapter(model, Runtime(device, dtype, batch_size, seed))
    spoken = build_dialect(dialect or adapter.dialect)
    for planned in plans:
        if prepare := getattr(adapter, "prepare", None):  # answers made elsewhere are matched to the data
            prepare(planned.samples, planned.dataset.classes, planned.card.options)
    seen = look(adapter, spoken, questions(plans, spoken, count, seed), batch_size)
    other = seen.fit.better[0] if seen.fit and seen.fit.better else None
    save(sheet(seen.looked, other), output)
    lines, fine = verdict(seen, spoken)
    for line in lines:
        click.echo(line)
    click.echo(f"drawn: {output}", err=True)
    if not fine:
        raise SystemExit(4)
