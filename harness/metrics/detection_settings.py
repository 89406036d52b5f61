"""What is counted in detections, and how: the options of the metric, in one value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import unknown
from .average_precision import INTERPOLATIONS
from .detection_rules import RULES, Rule

TIES = ("auto", "order", "group")


@dataclass(frozen=True, slots=True)
class Settings:
    """See `Detection`, whose options these are.

    Raises:
        UsageError: a tie rule or an interpolation that does not exist.
    """

    thresholds: Sequence[float]
    interpolations: Sequence[str]
    ties: str = "auto"
    rule: Rule = RULES["exact"]
    limit: int | None = None
    limit_by_class: bool = False
    sizes: Sequence[float] | None = None
    averaged: bool = False
    counted: bool = False

    def __post_init__(self) -> None:
        if self.ties not in TIES:
            raise unknown("tie rule", self.ties, TIES)
        for how in self.interpolations:
            if how not in INTERPOLATIONS:
                raise unknown("interpolation", how, INTERPOLATIONS)
