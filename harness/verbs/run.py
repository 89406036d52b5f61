"""`rsbench run`: predict, confidence, score, report, for every task named."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from types import MappingProxyType

import click

from ..contract import Report, Request, Response, Runtime
from ..datasets.card import known_card
from ..errors import DataError, ModelError, UsageError
from ..ledger import Ledger, start
from ..observation import Item, items
from ..plan import (
    PROMPTINGS,
    Plan,
    build_adapter,
    build_dialect,
    build_spec,
    confidence_options,
    plan,
    varied,
    versions,
)
from ..predict import predict, requests
from ..progress import Meter
from ..rating import Confidence, rate
from ..registry import load
from ..report import show, write
from ..roles import Adapter, Dialect, Informed
from ..score import RESAMPLES, score
from ..suites import selected
from ..understand import understand
from ..variants import VIEWS, disturbances


@click.command()
@click.option(
    "--model", required=True, metavar="NAME[,KEY=VALUE...]", help="What answers (rsbench list models)."
)
@click.option(
    "--tasks",
    required=True,
    metavar="A,B@SPLIT",
    help="Tasks, suites, patterns or cards (rsbench list tasks).",
)
@click.option("--data", metavar="DIR|mini|hf:ID", help="Where the data lies; mini is drawn on the spot.")
@click.option("--split", metavar="NAME", help="Another split than the one the paper reports.")
@click.option("--limit", type=click.IntRange(min=1), help="Only N samples; the report says so.")
@click.option("--batch-size", type=click.IntRange(min=1), default=16, show_default=True)
@click.option("--device", default="cpu", show_default=True, help="cpu, cuda, cuda:1, ...")
@click.option(
    "--dtype", type=click.Choice(["float32", "bfloat16", "float16"]), default="float32", show_default=True
)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--dialect", metavar="NAME[,KEY=VALUE...]", help="Speak to the model in another dialect.")
@click.option(
    "--prompting",
    type=click.Choice(PROMPTINGS),
    help="Detection in two turns: the count, or horizontal boxes, asked for first.",
)
@click.option(
    "--confidence",
    "confidences",
    multiple=True,
    metavar="NAME,KEY=VALUE...",
    help="Set up what ranks boxes: clip-score,checkpoint=DIR rates them with another CLIP.",
)
@click.option(
    "--errata",
    type=click.Choice(["shipped", "none"]),
    default="shipped",
    show_default=True,
    help="Whether known errors of the data are corrected; the report counts the changes.",
)
@click.option(
    "--views", type=click.Choice(VIEWS), help="Ask again about every picture turned and mirrored: 8 views."
)
@click.option(
    "--corrupt",
    metavar="all|KIND[/STRENGTH],...",
    help="Ask again about disturbed pictures: speckle, haze, blur, jpeg, gsd; strengths 1 to 5.",
)
@click.option("--output", type=click.Path(path_type=Path), default=Path("runs"), show_default=True)
def run(
    model: str,
    tasks: str,
    data: str | None,
    split: str | None,
    limit: int | None,
    batch_size: int,
    device: str,
    dtype: str,
    seed: int,
    dialect: str | None,
    prompting: str | None,
    confidences: tuple[str, ...],
    errata: str,
    views: str | None,
    corrupt: str | None,
    output: Path,
) -> None:
    """Ask a model, give its boxes confidences, score, report.

    An interrupted run is continued by the same command. Figures are of the pictures as they are; what --views
    and --corrupt find stands beside them in the report.
    """
    runtime = Runtime(device, dtype, batch_size, seed)
    disturbed = disturbances(corrupt) if corrupt is not None else ()
    raters = confidence_options(confidences)
    # data first: what is missing is said before a model is loaded
    cache = output / "mini"
    amend = errata == "shipped"
    plans = [
        plan(name, data, own or split, limit, seed, cache, prompting, amend) for name, own in selected(tasks)
    ]
    adapter, options = build_adapter(model, runtime)
    if views or disturbed:
        _can_be_asked_again(adapter)
        plans = [varied(planned, views, disturbed, seed) for planned in plans]
    reports = [
        run_task(planned, adapter, options, dialect, runtime, output, raters=raters) for planned in plans
    ]
    click.echo(show(reports))


def run_task(
    planned: Plan,
    adapter: Adapter,
    options: dict[str, str],
    dialect_text: str | None,
    runtime: Runtime,
    output: Path,
    resamples: int = RESAMPLES,
    raters: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
) -> Report:
    """One task from the plan to the report: ask, rate, score, write.

    `raters` holds the options of sources of confidence, by their names.
    """
    text = dialect_text or adapter.dialect
    dialect = build_dialect(text)
    spec = build_spec(planned, adapter, options, text, dialect, runtime)
    data, note = planned.dataset, getattr(adapter, "note", None)
    problems = (*data.problems, *data.corrections)
    both = (*planned.samples, *planned.variants)
    head = (data.classes, both, problems, versions(), note, data.aliases)
    ledger = start(output, spec, *head)
    if known_card(planned.card.name) is None:  # a user's own: kept, so that the run can be scored again
        ledger.write("card.json", json.dumps(asdict(planned.card), ensure_ascii=False, indent=1))
    if prepare := getattr(adapter, "prepare", None):  # answers made elsewhere are matched to the data
        prepare(planned.samples, data.classes, planned.card.options)
    informed = both if isinstance(adapter, Informed) else ()
    targets = {sample.id: sample.target for sample in informed}
    engine = load("engines", "serial")()
    turns, last = getattr(planned.task, "turns", 1), []
    with Meter(f"{spec.task}: asking {adapter.name}", turns * len(both)) as meter:
        seen = partial(watch, meter, dialect)
        # first as if there were no variants, in the same batches: rounding may depend on the batch
        for samples in filter(None, (planned.samples, planned.variants)):
            ask = partial(requests, spec, planned.task, dialect, samples, planned.images)
            last += predict(ask, adapter, engine, ledger, targets, runtime.batch_size, seen, meter.found)
    if summary := getattr(adapter, "summary", None):  # what it took, or could not use
        click.echo(f"{spec.task}: {adapter.name}: {summary}", err=True)
    _rate(planned, ledger, dialect, last, runtime, raters)
    report = score(ledger, planned.task, dialect, resamples)
    write(ledger, report)
    click.echo(f"{spec.task}: every answer is in {ledger.folder}", err=True)
    return report


def _can_be_asked_again(adapter: Adapter) -> None:
    """
    Raises:
        UsageError: the adapter's answers are tied to the pictures as they are.
    """
    if getattr(adapter, "tied", False):
        raise UsageError(
            f"{adapter.name} has one answer a sample and looks at no picture: what was answered elsewhere "
            "cannot be turned or disturbed.",
            "Leave out --views and --corrupt, or name a model.",
        )


def watch(meter: Meter, dialect: Dialect | None, request: Request, response: Response, new: bool) -> None:
    """Count an answer as it arrives, or as it is found."""
    failed = response.error is not None
    image = request.images[0]
    unparsable = not failed and understand(response, request.wants, dialect, image).unparsable is not None
    meter.advance(failed, unparsable, new)


def _rate(
    planned: Plan,
    ledger: Ledger,
    dialect: Dialect | None,
    last: list[Request],
    runtime: Runtime,
    raters: Mapping[str, Mapping[str, str]],
) -> None:
    """Confidences for boxes that came without one; a source that cannot be had is named and left out."""
    sources = getattr(planned.task, "confidences", ())
    if not sources:
        return
    asked = {request.sample_id: request for request in last}
    unrated = [item for item in items(ledger, planned.task, dialect) if _needs_scores(item)]
    blind = any(item.sample.images[0].name not in planned.images for item in unrated)
    for name in sources if unrated else ():
        kind = load("confidences", name)
        try:
            if kind.needs_images and blind:
                raise DataError("The images are not at hand.")
            source: Confidence = kind(runtime, **raters.get(name, {}))
        except (DataError, ModelError) as error:
            click.echo(f"{planned.card.name}: no {name}. {error}", err=True)
            continue
        with Meter(f"{planned.card.name}: {name}", len(unrated), answers=False) as meter:
            rows = ((asked[i.sample.id], i.response, i.answer) for i in unrated if i.response and i.answer)
            rate(source, rows, ledger, meter.advance)


def _needs_scores(item: Item) -> bool:
    regions = item.answer.regions if item.answer else ()
    return any(region.score is None for region in regions)
