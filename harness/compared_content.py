"""A comparison as JSON-able values, and what was said of a sample in one line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from .comparable import spec_of
from .comparison import Comparison
from .comparison_flips import Flip, by_kind
from .contract import Region, Target
from .outcomes import Outcome
from .result import Result

_BOXES = 8  # of an answer that came as boxes


def content(comparisons: Sequence[Comparison], flips: int) -> dict[str, Any]:
    """All comparisons with one baseline; of every kind of change `flips` samples, their answers in full."""
    return {
        "baseline": _side(comparisons[0].first),
        "comparisons": [_comparison(comparison, flips) for comparison in comparisons],
    }


def said(outcome: Outcome) -> str:
    """The literal answers of a sample, of a picture in tiles those of all tiles that said something."""
    responses = [item.response for item in outcome.items if item.response]
    texts = [
        response.text
        if response.text is not None
        else response.label
        if response.label is not None
        else _boxes(response.regions or ())
        for response in responses
    ]
    return " | ".join(filter(None, texts))


def truth(target: Target) -> str:
    """What is true of a sample, short."""
    if target.regions:
        return _boxes(target.regions)
    return target.label if target.label is not None else " | ".join(target.texts) or "nothing"


def _boxes(regions: Sequence[Region]) -> str:
    shown = [
        f"{r.label} [{', '.join(f'{v:.0f}' for v in r.points)}]"
        + (f" {r.score:.2f}" if r.score is not None else "")
        for r in regions[:_BOXES]
    ]
    more = [f"and {len(regions) - _BOXES} more"] if len(regions) > _BOXES else []
    return ", ".join([*shown, *more]) or "no boxes"


def _side(result: Result) -> dict[str, Any]:
    return {"name": result.name, "spec": spec_of(result), "labels": list(result.report.labels)}


def _comparison(found: Comparison, flips: int) -> dict[str, Any]:
    return {
        "run": _side(found.second),
        "shown": found.shown,
        "paired": found.paired,
        "samples": found.samples,
        "pictures": found.groups,
        "draws": found.draws,
        "figures": [asdict(figure) for figure in found.figures],
        "slices": [asdict(part) for part in found.slices],
        "changes": [
            {"first": one, "second": other, "samples": count}
            for (one, other), count in (found.changes or {}).items()
        ],
        "objects": dict(zip(("both", "first only", "second only", "neither"), found.objects, strict=True))
        if found.objects
        else None,
        "mcnemar": asdict(found.mcnemar) | {"p": found.mcnemar.p} if found.mcnemar else None,
        "unparsable": list(found.unparsable),
        "left_out": list(found.left_out),
        "differs": [{"name": n, "first": one, "second": other} for n, one, other in found.differs],
        "notes": list(found.notes),
        "flips": [
            {"kind": kind, "samples": len(all_of), "listed": [_flip(flip) for flip in all_of[:flips]]}
            for kind, all_of in by_kind(found.flips).items()
        ],
    }


def _flip(flip: Flip) -> dict[str, Any]:
    return {
        "sample": flip.sample,
        "first": flip.first.state,
        "second": flip.second.state,
        "truth": truth(flip.first.sample.target),
        "said": [said(flip.first), said(flip.second)],
        "values": [flip.first.judgement.value, flip.second.judgement.value],
        "lost": flip.lost,
        "won": flip.won,
    }
