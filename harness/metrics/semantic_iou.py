"""Names of objects as Osprey's evaluation compares them: cleaned, then as sets of words."""

from __future__ import annotations


def said_name(text: str) -> str:
    """What an answer names: the part behind its first colon, up to a second one; . and , become spaces.

    >>> said_name("Region 1: small vehicle.")
    'small vehicle'
    """
    text = text.strip()
    if ":" in text:
        text = text.split(":")[1]
    return text.replace(".", " ").replace(",", " ").strip()


def gold_name(label: str) -> str:
    """A class name as text: underscores and colons become spaces.

    >>> gold_name("baseball_field")
    'baseball field'
    """
    return label.replace("_", " ").replace(":", " ").strip()


def semantic_iou(said: str, gold: str) -> float:
    """Words that both have over words that either has, in lower case, split at white space; 0 of nothing.

    Y. Yuan and others: Osprey, pixel understanding with visual instruction tuning, CVPR 2024 (semantic IoU),
    and its script lvis_paco_eval.py.

    >>> semantic_iou("large vehicle", "Small vehicle")
    0.3333333333333333
    """
    one, other = set(said.lower().split()), set(gold.lower().split())
    return len(one & other) / len(one | other) if one or other else 0.0
