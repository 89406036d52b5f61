"""rsbench's own lines: {"id": ..., "text" | "texts" | "label" | "boxes" | "masks": ...}, and other records.

A record of any kit that no other format claims is read here too: its answer is `said`, `prediction`,
`response`, `output`, or `answer` beside a truth (harness/records.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from ...records import has_truth, part
from ..said_regions import box_of, mask_of
from .said import Answers, Content, Said, faults_of, several, words

FORMS = (
    'Each line is {"id": ..., "text": ...}, {"id": ..., "label": ...} or {"id": ..., "boxes": '
    '[{"box": [4 or 8 numbers], "label": ..., "score": ...}]}, '
    '{"id": ..., "masks": [{"size": [height, width], "counts": COCO run lengths}]}; or the file is one of '
    "those that public kits write: see format= in the documentation of replay."
)


def recognises(content: Content) -> bool:
    """Whatever has rows of JSON."""
    return bool(content.first)


def read(content: Content) -> Answers:
    """Every row with an id, or with a truth of its own.

    Raises:
        DataError: an id stands twice.
    """
    faults = list(faults_of(content.rows))
    said = []
    for place, (where, row) in enumerate(content.rows.rows):
        name = part(row, "id")
        if name is None and not has_truth(row):
            faults.append(f"{where} has no id")
            continue
        payload = _payload(where, row, content.path.name, faults)
        said.append(Said(where, payload, str(where if name is None else name), place=place))
    if twice := [key for key, count in Counter(s.id for s in said).items() if key and count > 1]:
        raise several(content.path.name, twice)
    return Answers(tuple(said), tuple(faults))


def _payload(where: str, row: Mapping[str, Any], file: str, faults: list[str]) -> dict[str, Any]:
    for name, make in (("boxes", box_of), ("masks", mask_of)):
        items = row.get(name)
        if isinstance(items, list):
            regions = [make(item) for item in items]
            kind = {"boxes": "box", "masks": "mask"}[name]
            faults += [f"{where} has a {kind} that is none"] * regions.count(None)
            return {"regions": tuple(region for region in regions if region)}
    texts = row.get("texts")
    if isinstance(texts, list) and texts and all(isinstance(text, str) for text in texts):
        return {"texts": texts}
    for key in () if has_truth(row) else ("text", "label"):  # in a record, those are no answers
        if isinstance(row.get(key), str):
            return {key: row[key]}
    if (said := words(part(row, "said"))) is not None:
        return {"text": said}
    faults.append(f"{where} has no text, label or boxes")
    return {"error": f"{where} of {file} has no text, label or boxes"}
