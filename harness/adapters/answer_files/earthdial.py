"""EarthDial's results: lines of {question, answer} with what is true beside them, without id or picture.

hiyamdebary/EarthDial, src/earthdial/eval/*/results/*.jsonl: the truth is `annotation` (classes, VQA with
`vqa_type`, regions), caption0 ... caption4, `groundtruth`, or `gt_bbox`. Such a file is a data set too (the
layout `records`): an answer is of the sample that the same line makes.
"""

from __future__ import annotations

from .own import read as read_own
from .said import Answers, Content, has

_TRUTHS = ("annotation", "caption0", "groundtruth", "gt_bbox")


def recognises(content: Content) -> bool:
    """By question, answer and one of its truths, where nothing names the sample."""
    row = content.first
    named = row.keys() & {"id", "question_id", "image_id", "image"}
    return has(row, "question", "answer") and any(t in row for t in _TRUTHS) and not named


def read(content: Content) -> Answers:
    """Every line; its id is its place."""
    return read_own(content)
