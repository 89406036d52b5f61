"""What turned and disturbed pictures did to the figure that is shown, as sections of a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .blocks import Block, Line, Section, grid, items
from .cells import number, share, with_interval
from .contract import Figure

_TITLES = {"rotations": "four rotations", "flips": "four mirrored"}
NAMES = frozenset({"views", "corruptions"})  # of a report's details


def sections(details: Mapping[str, Any]) -> Iterator[Section]:
    """Both, each where it was asked for."""
    if views := details.get("views"):
        yield Section(f"Turned and mirrored pictures ({views['figure']})", tuple(_views(views)))
    if corruptions := details.get("corruptions"):
        yield Section(f"Disturbed pictures ({corruptions['figure']})", tuple(_corruptions(corruptions)))


def _views(found: Mapping[str, Any]) -> Iterator[Block]:
    asked = found["asked"]
    said = [f"Over the {found['samples']:,} samples with an answer in every view, of {asked:,}."]
    if left := found["directions"]:
        said.append(f"{left:,} of {asked:,} samples speak of directions and were not turned.")
    if left := found["unknown size"]:
        said.append(f"{left:,} have pictures of unknown size and were not turned.")
    yield Line((" ".join(said),))
    if not found["samples"]:
        return
    rows = [[name, _figure(row), *_counts(row)] for name, row in found["views"].items()]
    yield grid(["View", "%", "Failed", "Unparsable"], rows)
    names = ("mean", "min", "max")
    rows = [
        [title, *(number(row[name]) for name in names), _figure(row, "spread"), number(row.get("agreement"))]
        for title, row in (("all eight", found), *_titled(found["classes"]))
    ]
    head = ["Views", "Mean", "Least", "Most", "Spread", "Agreement"]
    rows[0][-1] = number(found["agreement"])
    yield grid(head, rows)
    yield Line(
        (
            "Spread is the most less the least, with its interval; answers that change at random have one "
            "above 0 too. Agreement is that of answers, of boxes their F1 at IoU 0.50: of every two views in "
            "the first row, with the picture as it is in the others. A sample with boxes is right when all "
            "its objects are found and nothing else. Failed and unparsable answers about the pictures as "
            "they are stand under what went wrong.",
        )
    )
    lines = [("the same answer in all: ", f"{number(found['the same in all'])} %")]
    if "agreement of places" in found:
        lines.append(
            (
                "agreement of boxes without regard to their class: ",
                f"{number(found['agreement of places'])} %",
            )
        )
    right = found.get("right", {})
    lines += [(f"right {name}: ", f"{number(v)} %") for name, v in right.items()]
    yield items(*lines)


def _corruptions(found: Mapping[str, Any]) -> Iterator[Block]:
    yield Line(
        (f"Over the {found['samples']:,} samples with an answer under every disturbance; 0 is clean.",)
    )
    kinds = found["kinds"]
    strengths = sorted({strength for kind in kinds.values() for strength in kind["strengths"]})
    rows = [
        [
            name,
            *(number(kind["strengths"].get(strength, {}).get("figure")) for strength in strengths),
            number(kind["mean"]),
            number(kind["drop"]),
        ]
        for name, kind in kinds.items()
    ]
    if len(kinds) > 1:
        rows.append(["mean", *("" for _ in strengths), number(found["mean"]), number(found["drop"])])
    yield grid(["Disturbance, by strength", *strengths, "Mean without 0, %", "Mean part lost, %"], rows)
    rows = [
        [f"{name}/{strength}", _figure(row), _figure(row, "drop"), *_counts(row)]
        for name, kind in kinds.items()
        for strength, row in kind["strengths"].items()
        if strength != "0"
    ]
    yield grid(["Disturbance", "%", "Part lost, %", "Failed", "Unparsable"], rows)


def _titled(classes: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    return ((_TITLES.get(name, name), row) for name, row in classes.items())


def _figure(row: Mapping[str, Any], name: str = "figure") -> str:
    """A value with its interval."""
    own = "" if name == "figure" else f"{name} "
    return with_interval(Figure(name, row[name], row[f"{own}low"], row[f"{own}high"]))


def _counts(row: Mapping[str, Any]) -> tuple[str, str]:
    """What failed and could not be parsed; of the pictures as they are the report says it."""
    if "asked" not in row:
        return "", ""
    return share(row["failed"], row["asked"]), share(row["unparsable"], row["asked"])
