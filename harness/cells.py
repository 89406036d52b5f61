"""How numbers and tables are written for people: percent, intervals, dashes, markdown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from .contract import Figure, Report

DASH = "–"
_LONGEST = 300  # characters of a foreign text


def number(value: float | None) -> str:
    """A fraction in percent with two decimals; undefined is a dash.

    >>> number(0.90471), number(None)
    ('90.47', '–')
    """
    return DASH if value is None else f"{100 * value:.2f}"


def with_interval(figure: Figure) -> str:
    """A figure with its 95 % interval.

    >>> with_interval(Figure("top-1", 0.5, 0.4, 0.61))
    '50.00 [40.00, 61.00]'
    """
    if figure.value is None or figure.low is None or figure.high is None:
        return number(figure.value)
    return f"{number(figure.value)} [{number(figure.low)}, {number(figure.high)}]"


def share(part: int, whole: int) -> str:
    """A part of a whole in percent.

    >>> share(1, 8), share(0, 0)
    ('12.5 %', '–')
    """
    return f"{100 * part / whole:.1f} %" if whole else DASH


def run_name(report: Report) -> str:
    """How a run's row is headed: the model, and every label that keeps it from being the real thing."""
    return f"{plain(model(report.spec))} {run_label(report)}"


def run_label(report: Report) -> str:
    """What stands behind the model's name in the row of a run."""
    labels = "; ".join(report.labels)
    return f"(this run{': ' + labels if labels else ''})"


def model(spec: Mapping[str, Any]) -> str:
    """What `--model` was given, without the folders of this machine.

    >>> model({"adapter": "replay", "arguments": {"answers": "a.jsonl"}})
    'replay,answers=a.jsonl'
    """
    return ",".join([spec["adapter"], *(f"{k}={v}" for k, v in spec["arguments"].items())])


def plain(text: str) -> str:
    """Text of a model, a file or a data set as words of a page: no markup, one line, not too long.

    >>> print(plain("<b>one</b> `x` [a](b)"))
    &lt;b>one&lt;/b> 'x' \\[a\\](b)
    """
    words = " ".join(text.split()).replace("`", "'")[:_LONGEST]
    marked = re.sub(r"([*\[\]~\\]|\b_|_\b)", r"\\\1", words)  # an underscore inside a word marks nothing
    return marked.replace("&", "&amp;").replace("<", "&lt;")


def code(text: str) -> str:
    """The same, shown letter by letter.

    >>> code("a `b` <i>")
    "`a 'b' <i>`"
    """
    return f"`{' '.join(text.split()).replace('`', chr(39))[:_LONGEST]}`"


def table(head: Sequence[str], rows: Sequence[Sequence[str]], names: int = 1) -> str:
    """A markdown table; the first `names` columns are aligned left, figures right."""
    from tabulate import tabulate

    titles, *clean = [[cell.replace("|", "\\|") for cell in row] for row in (head, *rows)]
    alignment = ["left"] * names + ["right"] * (len(head) - names)
    return tabulate(clean, headers=titles, tablefmt="pipe", colalign=alignment, disable_numparse=True)
