"""What a page says of changed pictures: every number in its place, a dash where there is none."""

from __future__ import annotations

from typing import Any

from rsbench.harness.blocks import markdown
from rsbench.harness.page_robustness import NAMES, sections

GONE = {"figure": None, "low": None, "high": None, "asked": 10, "failed": 10, "unparsable": 0}


def row(value: float, **more: Any) -> dict[str, Any]:
    return {"figure": value, "low": value - 0.1, "high": value + 0.1, **more}


def asked(failed: int, unparsable: int) -> dict[str, int]:
    return {"asked": 10, "failed": failed, "unparsable": unparsable}


OVER = {"mean": 0.6, "min": 0.5, "max": 0.7, "spread": 0.2, "spread low": 0.1, "spread high": 0.3}
VIEWS = {
    "figure": "top-1",
    "samples": 588,
    "asked": 1000,
    "directions": 412,
    "unknown size": 3,
    "views": {"as it is": row(0.6), "rot90": row(0.5, **asked(1, 2))},
    **OVER,
    "agreement": 0.8125,
    "the same in all": 0.25,
    "agreement of places": 0.85,
    "classes": {"rotations": OVER | {"agreement": 0.9}, "flips": OVER | {"agreement": None}},
    "right": {"in all": 0.11, "in some": 0.22, "in none": 0.67},
}
LOST = {"drop": 0.25, "drop low": 0.2, "drop high": 0.3}
NONE_LOST = dict.fromkeys(LOST)
HAZE = {"0": row(0.6), "2": row(0.45, **LOST, **asked(0, 3)), "3": GONE | NONE_LOST}
CORRUPTIONS = {
    "figure": "top-1",
    "samples": 90,
    "kinds": {
        "haze": {"strengths": HAZE, "mean": None, "drop": None},
        "gsd": {"strengths": {"0": row(0.6)}, "mean": 0.3, "drop": 0.5},
    },
    "mean": 0.31,
    "drop": 0.52,
}


def page(details: dict[str, Any]) -> str:
    return "\n".join(" ".join(markdown(s.blocks).replace("|", " ").split()) for s in sections(details))


def test_views() -> None:
    text = page({"views": VIEWS})
    for words in (
        "588 samples with an answer in every view, of 1,000.",
        "412 of 1,000 samples speak of directions and were not turned.",
        "3 have pictures of unknown size and were not turned.",
        "as it is 60.00 [50.00, 70.00]",
        "rot90 50.00 [40.00, 60.00] 10.0 % 20.0 %",
        "all eight 60.00 50.00 70.00 20.00 [10.00, 30.00] 81.25",
        "four rotations 60.00 50.00 70.00 20.00 [10.00, 30.00] 90.00",
        "four mirrored 60.00 50.00 70.00 20.00 [10.00, 30.00] –",
        "- the same answer in all: 25.00 % - agreement of boxes without regard to their class: 85.00 %",
        "- right in all: 11.00 % - right in some: 22.00 % - right in none: 67.00 %",
    ):
        assert words in text


def test_what_was_not_left_out_is_not_mentioned() -> None:
    text = page({"views": VIEWS | {"directions": 0, "unknown size": 0}})
    assert "directions" not in text and "unknown size" not in text


def test_corruptions() -> None:
    text = page({"corruptions": CORRUPTIONS})
    for words in (
        "90 samples with an answer under every disturbance",
        "haze 60.00 45.00 – – –",
        "gsd 60.00 – – 30.00 50.00",
        "mean 31.00 52.00",
        "haze/2 45.00 [35.00, 55.00] 25.00 [20.00, 30.00] 0.0 % 30.0 %",
        "haze/3 – – 100.0 % 0.0 %",
    ):
        assert words in text


def test_titles_name_the_figure_and_nothing_is_said_of_what_was_not_asked() -> None:
    titles = [section.title for section in sections({"views": VIEWS, "corruptions": CORRUPTIONS})]
    assert titles == ["Turned and mirrored pictures (top-1)", "Disturbed pictures (top-1)"]
    assert list(sections({"choice": {}})) == [] and {"views", "corruptions"} == NAMES
