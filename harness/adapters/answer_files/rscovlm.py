"""RSCoVLM's inference_results.json: a list of the benchmark's items, each with `message` and `output`.

VisionXLab/RSCoVLM, rscovlm/eval/run.py and inferencer.py: `output` is the text without its thinking,
original_width/height and resized_width/height tell the picture the model saw; the items come from
rscovlm/eval/data/*.py, `message` being a chat whose last user turn holds the picture and the prompt.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...contract import Frame
from ...records import part
from ..said_regions import finite
from .said import Answers, Content, Said, faults_of, has, names, words


def recognises(content: Content) -> bool:
    """By `message` and `output`."""
    return has(content.first, "message", "output")


def read(content: Content) -> Answers:
    """Every item that was answered."""
    faults = list(faults_of(content.rows))
    said = []
    for place, (where, row) in enumerate(content.rows.rows):
        text = words(row.get("output"))
        if text is None:
            faults.append(f"{where} has no output")
            text_or_not: dict[str, Any] = {"error": f"{where} of {content.path.name} has no output"}
        else:
            text_or_not = {"text": text}
        parts = list(_last(row.get("message")))
        pictures = [p.get("image") for p in parts if p.get("type") == "image"]
        prompts = [p.get("text") for p in parts if p.get("type") == "text"]
        own = (row.get(k) for k in ("image_id", "image", "file_name", "img_id", "img_path"))
        question = row.get("question") or next((p for p in prompts if isinstance(p, str)), None)
        name = row.get("question_id")
        said.append(
            Said(
                where,
                text_or_not,
                None if name is None else str(name),
                names(*own, *(str(p).removeprefix("file://") for p in pictures if p)),
                words(question),
                words(part(row, "truth")),
                row["idx"] if isinstance(row.get("idx"), int) else place,
                _frame(row),
            )
        )
    return Answers(tuple(said), tuple(faults))


def _last(message: Any) -> Iterator[Mapping[str, Any]]:
    """The parts of the last user turn."""
    turns = message if isinstance(message, list) else []
    users = [t for t in turns if isinstance(t, dict) and t.get("role") == "user"]
    content = users[-1].get("content") if users else None
    if isinstance(content, str):
        yield {"type": "text", "text": content}
    for item in content if isinstance(content, list) else ():
        if isinstance(item, dict):
            yield item


def _frame(row: Mapping[str, Any]) -> Frame | None:
    sides: list[Any] = [
        row.get(f"{kind}_{side}") for kind in ("original", "resized") for side in ("width", "height")
    ]
    if not finite(sides) or min(sides) <= 0:
        return None
    width, height, seen_width, seen_height = sides
    return Frame(width, height, seen_width, seen_height, seen_width / width, seen_height / height)
