"""lmms-eval's samples: lines of {doc_id, target, filtered_resps, resps, ...}, named *_samples_*.jsonl.

EvolvingLMMs-Lab/lmms-eval, lmms_eval/loggers/evaluation_tracker.py (save_results_samples): `filtered_resps`
is what was scored, one text a request; `resps` is left out where it is the same; `doc` is taken out by newer
versions. doc_id counts the items of its own data set: it is no id of ours, only an order.
"""

from __future__ import annotations

from typing import Any

from ...records import part
from .said import Answers, Content, Said, faults_of, has, names, words


def recognises(content: Content) -> bool:
    """By doc_id and the responses."""
    return has(content.first, "doc_id") and bool(content.first.keys() & {"filtered_resps", "resps"})


def read(content: Content) -> Answers:
    """Every line with a text; with its item, where that was kept, to tell the sample by."""
    faults = list(faults_of(content.rows))
    said = []
    for place, (where, row) in enumerate(content.rows.rows):
        text = _text(row.get("filtered_resps"))
        text = _text(row.get("resps")) if text is None else text
        if text is None:
            faults.append(f"{where} has no response in words")
            continue
        item = row["doc"] if isinstance(row.get("doc"), dict) else {}
        question = words(part(item, "question")) or words(row.get("input"))
        key = part(item, "id")
        said.append(
            Said(
                where,
                {"text": text},
                None if key is None else str(key),
                names(*(item.get(k) for k in ("image", "image_path", "image_id", "file_name"))),
                question,
                words(row.get("target")),
                row["doc_id"] if isinstance(row.get("doc_id"), int) else place,
            )
        )
    return Answers(tuple(said), tuple(faults))


def _text(responses: Any) -> str | None:
    """The first text in lists of lists."""
    while isinstance(responses, list) and responses:
        responses = responses[0]
    return responses if isinstance(responses, str) else None
