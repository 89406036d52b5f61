"""The section of a page on test pictures that are in a training set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .blocks import Foreign, Line, Section, Strong, grid, items
from .cells import DASH, number, share, with_interval
from .contract import Figure

_SAYS = {"file": "the same file", "pixels": "the same pixels", "near": "nearly the same picture"}


def contamination_section(found: Mapping[str, Any]) -> Section:
    """How much of the test set is shared, and the figures with it, without it and over it alone."""
    pictures, samples = found["pictures"], found["samples"]
    head = ["In the training set", "Pictures", "of all", "Samples", "of all"]
    rows = [_counts(text, kind, pictures, samples) for kind, text in _SAYS.items()]
    rows.append(_counts("together", "shared", pictures, samples))
    return Section(
        "Test pictures that are in a training set",
        (
            Line(("Compared: ", Foreign(found["train"]["name"]), " as the training set.")),
            grid(head, rows),
            grid(
                ["Figure (%)", "all", "without them", "over them alone", "difference", "p"],
                [_figure(name, figure) for name, figure in found["figures"].items()],
            ),
            items(*_notes(found)),
        ),
    )


def _counts(text: str, kind: str, *counts: Mapping[str, int]) -> list[str]:
    cells = [(f"{count[kind]:,}", share(count[kind], count["all"])) for count in counts]
    return [text, *(cell for pair in cells for cell in pair)]


def _figure(name: str, found: Mapping[str, Any]) -> list[str]:
    parts = [with_interval(Figure(name, **found[part])) for part in ("all", "without", "alone")]
    apart = found["difference"]
    if apart is None:
        return [Foreign(name), *parts, DASH, DASH]
    around = f"{100 * apart['value']:+.2f} [{number(apart['low'])}, {number(apart['high'])}]"
    return [Foreign(name), *parts, around, f"{apart['p']:.3f}"]


def _notes(found: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """What the figures are and are not."""
    broken, plain = found["broken"], found["plain"]
    near = (
        f"nearly the same: at most {found['distance']} of 64 bits of a perceptual hash differ, in one of the "
        "eight turns and flips of the square, and the detail agrees"
        if found["distance"] >= 0
        else "pictures that are nearly the same were not looked for"
    )
    lines: list[tuple[str, ...]] = [
        ("The headline of this report is over all samples.",),
        ("A difference may also be one of difficulty: which pictures are shared is not left to chance.",),
        (f"{near}; a part cut out of a picture is not found",),
        (f"{found['method']}",),
        (f"fingerprint of the images compared: {found['fingerprint']}; the list: sha256 {found['digest']}",),
    ]
    train = found["train"]
    if broken or train["broken"]:
        said = f"{broken:,} pictures of the run and {train['broken']:,} of the training set could not be read"
        lines.insert(1, (Strong(f"{said}: nothing is known of them."),))
    if plain:
        lines.append(
            (f"{plain:,} pictures have too little detail and were compared by bytes and pixels alone",)
        )
    return lines
