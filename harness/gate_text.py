"""A verdict for people: lines of a terminal, and the markdown of a pull request's summary."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

from .cells import DASH, code, plain, table
from .gate import PASS, REFUSED, WORSE, Flips, Line, Verdict

_IN_SUMMARY = 20  # flipped samples of a task
_WORDS = {
    PASS: "pass: nothing is worse",
    WORSE: "worse than the baseline",
    REFUSED: "not comparable with the baseline",
}
READ = (
    "Figures and differences are in points (hundredths). Brackets hold the 95 % interval of the difference; "
    "p is two-sided and adjusted over all figures of the gate (Holm). A figure is worse when it moved in its "
    "bad direction by more than its tolerance and, unless its rule says otherwise, by more than chance."
)


def as_text(verdict: Verdict) -> str:
    """The verdict as a terminal shows it: the outcome, a line for every figure, what was not judged."""
    said = [f"Gate: {headline(verdict)}"]
    for line in verdict.lines:
        told = f"{line.state}: {line.observed.task} {line.observed.figure}: {values(line)}: {line.reason}."
        said += [visible(f"  {told}"), *(f"    {note}" for note in _weak(line))]
    for refusal in verdict.refusals:
        said += [visible(f"  {REFUSED}: {refusal.task}: {refusal.reason}"), visible(f"    {refusal.remedy}")]
    for flips in verdict.flips:
        said += [visible(f"  {_changed(flips)}")]
    said += [visible(f"  {note}") for note in verdict.notes]
    return "\n".join([*said, *([READ] if verdict.lines else []), ""])


def as_markdown(verdict: Verdict, link: str | None = None) -> str:
    """The verdict as a page: the outcome first, a table of figures, reasons, samples that are worth less.

    `link` is the address of a sample, with {run} (the folder of the current run), {task} and {id} in their
    places: ids then lead there.
    """
    head = ("figure", "task", "verdict", "before", "after", "difference", "tolerance", "p")
    said = [f"## Gate: {plain(headline(verdict))}", ""]
    if verdict.lines:
        said += [table(head, [_cells(line) for line in verdict.lines], names=3), "", READ, ""]
    for line in verdict.lines:
        said.append(f"- {_name(line)}: {line.reason}. {' '.join(_weak(line))}".rstrip())
    if verdict.refusals:
        said += ["", "### Not comparable", ""]
        said += [f"- {code(r.task)}: {plain(r.reason)} {plain(r.remedy)}" for r in verdict.refusals]
    for flips in verdict.flips:
        said += ["", f"### {_changed(flips)}", "", *_listed(flips, link)]
    said += ["", *(f"- {plain(note)}" for note in verdict.notes)]
    return visible("\n".join(said).rstrip(), "\n") + "\n"


def headline(verdict: Verdict) -> str:
    """The outcome in one line."""
    worse = sum(line.state == WORSE for line in verdict.lines)
    said = f"{_WORDS[verdict.state]} ({worse} of {len(verdict.lines)} figures worse"
    refused = dict.fromkeys(refusal.task for refusal in verdict.refusals)
    return said + (f"; not comparable: {', '.join(map(visible, refused))})" if refused else ")")


def values(line: Line) -> str:
    """Before, after, difference with its interval, tolerance and p of a figure, in one line."""
    before, after, difference, tolerance, p = numbers(line)
    return f"{before} before, {after} now, {difference}, tolerance {tolerance}, p {p}"


def numbers(line: Line) -> tuple[str, str, str, str, str]:
    """The same one by one; a dash for what there is none of."""
    observed, found = line.observed, line.observed.difference
    difference = f"{100 * (observed.after - observed.before):+.2f}"
    if found is not None:
        difference += f" [{100 * found.low:+.2f}, {100 * found.high:+.2f}]"
    p = DASH if line.p is None else "< 0.001" if line.p < 0.0005 else f"{line.p:.3f}"
    return f"{100 * observed.before:.2f}", f"{100 * observed.after:.2f}", difference, line.tolerance, p


def visible(text: str, kept: str = "") -> str:
    r"""Text without the characters that a terminal obeys or XML 1.0 forbids; `kept` are let through.

    >>> visible("a\x1b[31m\x00b\ud800c\nd")
    'a[31mbc d'
    """
    shown = (c if c.isprintable() or c in kept else " " if c.isspace() else "" for c in text)
    return "".join(shown)


def _cells(line: Line) -> list[str]:
    before, after, difference, tolerance, p = numbers(line)
    name, task = code(line.observed.figure), code(line.observed.task)
    return [name, task, line.state, before, after, difference, tolerance, p]


def _name(line: Line) -> str:
    return f"{code(line.observed.task)} {code(line.observed.figure)}"


def _weak(line: Line) -> Iterator[str]:
    """That a gate can hardly see what it is for."""
    if line.seen is not None and line.seen < 0.9 and line.state == PASS:
        yield (
            f"A true drop of twice the tolerance would be seen about {100 * line.seen:.0f} % of the time: "
            "more samples or a wider tolerance help."
        )


def _changed(flips: Flips) -> str:
    counts = f"{flips.less} samples are worth less than before, {flips.more} more"
    return f"{plain(flips.task)}, by {plain(flips.figure)}: {counts}"


def _listed(flips: Flips, link: str | None) -> Iterator[str]:
    for flip in flips.worst[:_IN_SUMMARY]:
        shown = code(visible(flip.sample))
        if link:
            shown = f"[{shown}]({_address(link, run=flips.run, task=flips.task, id=flip.sample)})"
        objects = f", {flip.lost} objects lost, {flip.won} found" if flip.lost or flip.won else ""
        yield f"- {shown}: {flip.before}, now {flip.after}{objects}"
    if flips.less > _IN_SUMMARY:
        yield f"- and {flips.less - _IN_SUMMARY} more (rsbench compare lists them all)"


def _address(link: str, **parts: str) -> str:
    """The link with every {name} of a part replaced, escaped; all at once, so that no part is read again."""
    written = {name: quote(visible(part), "") for name, part in parts.items()}
    return re.sub(r"\{(\w+)\}", lambda found: written.get(found[1], found[0]), link)
