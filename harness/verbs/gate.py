"""`rsbench gate`: whether a run is worse than a baseline, as an exit code for continuous integration."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..gate import Verdict

EXAMPLE = Path(__file__).parents[1] / "gate_example.yaml"


def _example(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        click.echo(EXAMPLE.read_text(encoding="utf-8"), nl=False)
        context.exit()


@click.command()
@click.option(
    "--baseline",
    required=True,
    type=click.Path(path_type=Path),
    metavar="PLACE",
    help="What to hold the current side to: a run's folder, a report, or a folder of several.",
)
@click.option(
    "--current",
    required=True,
    type=click.Path(path_type=Path),
    metavar="PLACE",
    help="What is judged, likewise; runs of one task belong together.",
)
@click.option(
    "--config", required=True, type=click.Path(path_type=Path), metavar="FILE", help="The rules (--example)."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown"]),
    default="text",
    show_default=True,
    help="Of what is printed.",
)
@click.option(
    "--junit", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write JUnit XML there."
)
@click.option(
    "--summary",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help='Append markdown there, on GitHub "$GITHUB_STEP_SUMMARY".',
)
@click.option(
    "--link",
    metavar="ADDRESS",
    help="Address of a sample on report pages, with {run}, {task} and {id}: flipped samples lead there.",
)
@click.option(
    "--example", is_flag=True, is_eager=True, expose_value=False, callback=_example, help="Print a gate file."
)
def gate(
    baseline: Path,
    current: Path,
    config: Path,
    form: str,
    junit: Path | None,
    summary: Path | None,
    link: str | None,
) -> None:
    """Judge whether a run is worse than a baseline.

    A figure is worse when it moved in its bad direction by more than the tolerance of its rule and by more
    than chance. Exit code 0: nothing is worse; 1: a figure is; 2: the gate file or an option is wrong; 3: the
    two cannot be compared.
    """
    from ..errors import DataError, GateFailed, UsageError
    from ..gate import REFUSED, WORSE, Refusal, Verdict
    from ..gate_config import read_config
    from ..gate_runs import gate as judge
    from ..gate_text import headline

    rules = read_config(config)
    for path in (junit, summary):
        if path is not None and not path.parent.is_dir():
            raise UsageError(f"There is no folder {path.parent} to write {path.name} in.", "Make it first.")
    try:
        verdict = judge(baseline, current, rules)
    except DataError as error:  # nothing could be opened: every output says so
        verdict = Verdict((), (Refusal("all tasks", error.message, error.hint or ""),))
    _put_out(verdict, form, junit, summary, link)
    if verdict.state == WORSE:
        raise GateFailed(f"The gate fails: {headline(verdict)}.")
    if verdict.state == REFUSED:
        first = verdict.refusals[0]
        raise DataError(f"The gate cannot judge {first.task}: {first.reason}", first.remedy)


def _put_out(verdict: Verdict, form: str, junit: Path | None, summary: Path | None, link: str | None) -> None:
    from ..gate_junit import as_junit
    from ..gate_text import as_markdown, as_text

    click.echo(as_markdown(verdict, link) if form == "markdown" else as_text(verdict), nl=False)
    if junit is not None:
        junit.write_text(as_junit(verdict), encoding="utf-8")
    if summary is not None:
        with summary.open("a", encoding="utf-8") as file:
            file.write(as_markdown(verdict, link))
