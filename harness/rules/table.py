"""Every rule by its name."""

from __future__ import annotations

from ..errors import unknown
from . import classification, lrs, multiple_choice, rsvqa, vqa
from .rule import Rule

RULES: dict[str, Rule] = {
    rule.name: rule for family in (classification, rsvqa, vqa, lrs, multiple_choice) for rule in family.RULES
}

CLASSIFICATION = tuple(rule.name for rule in classification.RULES)
RSVQA = tuple(rule.name for rule in rsvqa.RULES)
MULTIPLE_CHOICE = tuple(rule.name for rule in multiple_choice.RULES)


def rule(name: str) -> Rule:
    """The rule of a name.

    Raises:
        UsageError: no such rule; the message has the nearest names.

    >>> rule("cls/geochat").source
    'GeoChat batch_geochat_scene.py'
    """
    if name not in RULES:
        raise unknown("rule", name, RULES)
    return RULES[name]
