"""What a rule is: a name, a pure function of prediction and gold, and what is known of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

Outcome: TypeAlias = float | str | None
"""A score in [0, 1]; or why there is none (a reason: counted as wrong); or None: left out of every mean."""

EMPTY = "empty answer"
UNPARSED = "no answer found in the text"
JUDGE = "left to a judge"


@dataclass(frozen=True, slots=True)
class Context:
    """What a rule may look at besides the two texts.

    `classes` are the names that can be answered, in the order in which they were asked, `aliases` (other
    spelling, class) pairs. `choices` are the options of a multiple-choice question in the order of their
    letters. `buckets` says which numbers of RSVQA stand for a range: "lr" counts and areas, "hr" areas only,
    "" none beyond those that the gold answer already writes as a range.
    """

    classes: tuple[str, ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()
    choices: tuple[str, ...] = ()
    buckets: str = ""


NOTHING = Context()


@dataclass(frozen=True, slots=True)
class Rule:
    """A named way to compare a prediction with the gold answer.

    `ours` are the strict rules of rsbench, which read the answer as the model's dialect cleaned it; all
    others look at the literal text. `rewards_empty`: an empty text scores 1 for some gold answer. `joined`:
    the rule expects the gold class as a folder name, without spaces. `named` is the class a text stands for,
    where a rule decides on one.
    """

    name: str
    score: Callable[[str, str, Context], Outcome]
    says: str
    source: str
    ours: bool = False
    rewards_empty: bool = False
    joined: bool = False
    named: Callable[[str, Context], str | None] | None = None


def right(value: bool) -> float:
    """1 for a right answer, 0 for a wrong one."""
    return 1.0 if value else 0.0
