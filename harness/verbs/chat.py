"""`rsbench chat`: talk with a model about a picture, in the terminal or from a pipe."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import click

from ..contract import Decoding, Runtime
from ..dialogue import Dialogue
from ..errors import RsbenchError, UsageError, disk_errors, unknown
from ..plan import build_adapter, build_dialect

HELP = """\
/draw FILE.png    draw the boxes of the last answer onto the picture
/image PATH       talk about another picture, from the beginning
/reset            begin anew with this picture
/history          show what was said
/save FILE.json   write the conversation as a record of MMRS-1M's form
/help             show this
/quit             end, as Ctrl-D does; Ctrl-C stops an answer only"""


@click.command()
@click.argument("image")
@click.option("--model", default="earthgpt", show_default=True, metavar="NAME[,KEY=VALUE...]")
@click.option("--dialect", metavar="NAME[,KEY=VALUE...]", help="How to read boxes out of answers.")
@click.option(
    "--temperature", type=click.FloatRange(min=0), default=0.0, show_default=True, help="0: greedy."
)
@click.option("--max-new-tokens", type=click.IntRange(min=1), default=512, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True, help="Of answers with a temperature.")
@click.option("--device", default="cpu", show_default=True, help="cpu, cuda, cuda:1, ...")
@click.option(
    "--dtype", type=click.Choice(["float32", "bfloat16", "float16"]), default="float32", show_default=True
)
def chat(
    image: str,
    model: str,
    dialect: str | None,
    temperature: float,
    max_new_tokens: int,
    seed: int,
    device: str,
    dtype: str,
) -> None:
    """Talk with a model about the picture IMAGE.

    A line is a question, passed on literally; /help shows the commands. Questions may come from a pipe: then
    answers alone are printed, one after the other, and the exit code is that of the first line that failed.
    """
    adapter, _ = build_adapter(model, Runtime(device, dtype, 1, seed))
    spoken = build_dialect(dialect or adapter.dialect)
    dialogue = Dialogue(adapter, spoken, Decoding(max_new_tokens, temperature, logprobs=False), image)
    interactive = sys.stdin.isatty()
    if interactive:
        import readline  # noqa: F401 - its import alone lets input() edit lines

        note = getattr(adapter, "note", None)
        click.echo(
            f"{adapter.name} looks at {image}. /help shows the commands." + (f"\n{note}" if note else "")
        )
    code = converse(dialogue, lambda: input("> " if interactive else ""), interactive)
    if code and not interactive:
        raise SystemExit(code)


def converse(dialogue: Dialogue, read: Callable[[], str], interactive: bool) -> int:
    """Read lines until /quit or the end; the exit code of the first that failed, 0 where none did."""
    failed = 0
    while True:
        try:
            line = read().strip()
            if line == "/quit":
                return failed
            if line.startswith("/"):
                command(dialogue, line)
            elif line:
                answer(dialogue, line)
        except EOFError:
            if interactive:
                click.echo()
            return failed
        except KeyboardInterrupt:
            click.echo("\n(stopped; /quit or Ctrl-D ends)", err=True)
            if not interactive:
                raise
        except RsbenchError as error:
            click.echo(str(error), err=True)
            failed = failed or error.exit_code


def answer(dialogue: Dialogue, question: str) -> None:
    """Ask, and print the answer as it comes."""

    def show(part: str) -> None:
        click.echo(part, nl=False)
        sys.stdout.flush()

    try:
        dialogue.ask(question, show)
    finally:
        click.echo()


def command(dialogue: Dialogue, line: str) -> None:
    """Do what a line that begins with a slash says.

    Raises:
        UsageError: no such command, or without what it needs.
        DataError: a file that cannot be read or written.
    """
    word, _, rest = line.partition(" ")
    name, value = word.removeprefix("/"), rest.strip()
    commands: dict[str, Callable[[Dialogue, str], None]] = {
        "draw": _draw,
        "image": _image,
        "reset": lambda dialogue, _: dialogue.forget(),
        "history": _history,
        "save": _save,
        "help": lambda *_: click.echo(HELP),
    }
    if name not in commands:
        raise unknown("command", word, [f"/{known}" for known in (*commands, "quit")])
    if name in ("draw", "image", "save") and not value:
        raise UsageError(f"{word} needs the name of a file.", "/help shows the commands.")
    commands[name](dialogue, value)


def _draw(dialogue: Dialogue, value: str) -> None:
    from ..drawing import draw, save

    boxes = dialogue.boxes()
    if not boxes:
        raise UsageError("There are no boxes in the last answer.", "Ask where something is.")
    save(draw(dialogue.picture(), boxes), Path(value))
    click.echo(f"{len(boxes)} {'box' if len(boxes) == 1 else 'boxes'} on {value}", err=True)


def _image(dialogue: Dialogue, value: str) -> None:
    dialogue.look_at(value)


def _history(dialogue: Dialogue, _: str) -> None:
    for turn in dialogue.turns:
        click.echo(f"> {turn.question}\n{turn.answer}")


def _save(dialogue: Dialogue, value: str) -> None:
    path = Path(value)
    text = json.dumps([dialogue.record()], ensure_ascii=False, indent=1) + "\n"
    with disk_errors(path):
        path.write_text(text, encoding="utf-8")
    click.echo(f"{len(dialogue.turns)} turns in {value}", err=True)
