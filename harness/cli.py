"""The rsbench command: verbs by name, each imported when it is called, and errors as sentences."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import click

from .errors import RsbenchError

# verb -> (module:command, what --help says), so that --help imports no verb
VERBS = {
    "run": ("rsbench.harness.verbs.run:run", "Ask a model, give its boxes confidences, score, report."),
    "score": ("rsbench.harness.verbs.score:score", "Score the answers of a run again; needs no model."),
    "report": ("rsbench.harness.verbs.report:report", "Show the reports of runs as tables, pages or plots."),
    "leaderboard": (
        "rsbench.harness.verbs.leaderboard:leaderboard",
        "Published tables with runs beside them.",
    ),
    "compare": (
        "rsbench.harness.verbs.compare:compare",
        "Say how runs differ: figures, slices, flipped samples.",
    ),
    "gate": (
        "rsbench.harness.verbs.gate:gate",
        "Judge whether a run is worse than a baseline, by exit code.",
    ),
    "chat": ("rsbench.harness.verbs.chat:chat", "Talk with a model about a picture."),
    "doctor": ("rsbench.harness.verbs.doctor:doctor", "Look at what a model is really asked, and its boxes."),
    "list": ("rsbench.harness.verbs.listing:listing", "List tasks, suites, models, dialects or metrics."),
    "train": ("rsbench.harness.verbs.train:train", "Train the reference model from a recipe."),
    "convert": ("rsbench.harness.verbs.convert:convert", "Convert weights from one layout into another."),
    "data": ("rsbench.harness.verbs.data:data", "Describe, verify or draw the data of a benchmark."),
}


class LazyGroup(click.Group):
    """A group that imports a verb's module when the verb is called, not before."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs, in the order of a user's work."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import a verb."""
        if name not in VERBS:
            return None
        module, _, attribute = VERBS[name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in VERBS.items()])

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Find a verb; an unknown one gets the nearest names."""
        from .errors import unknown

        if args and args[0] not in VERBS and not args[0].startswith("-"):
            raise unknown("command", args[0], VERBS)
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="rsbench", message="rsbench %(version)s")
def root() -> None:
    """Exact, resumable evaluation of multi-modal models on remote-sensing imagery.

    Try: rsbench run --model earthgpt --tasks mar20,clrs --data mini
    """


def main(args: list[str] | None = None) -> None:
    """Entry point. Exit codes: 0 done, 1 gate failed, 2 usage, 3 data, 4 model, 130 interrupted."""
    try:
        root.main(args=args, prog_name="rsbench", standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except RsbenchError as error:
        click.echo(f"rsbench: {error}", err=True)
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("\nrsbench: stopped. Every answer so far is kept: the same command continues.", err=True)
        sys.exit(130)
    except BrokenPipeError:  # the reader of our output left
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:  # a disk or a file of the user's that nothing else spoke for
        where = f" ({error.filename})" if error.filename else ""
        click.echo(f"rsbench: {error.strerror or error}{where}.\nCheck that path and run again.", err=True)
        sys.exit(3)
