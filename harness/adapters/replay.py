"""Answers made elsewhere, read from a file, so that any predictions can be scored."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from ..contract import Raster, Region, Request, Response, Runtime, Sample
from ..errors import DataError, UsageError, check_keys
from ..records import has_truth, part, read_rows

_FORMS = (
    'Each line is {"id": ..., "text": ...}, {"id": ..., "label": ...} or {"id": ..., "boxes": '
    '[{"box": [4 or 8 numbers], "label": ..., "score": ...}]}, '
    '{"id": ..., "masks": [{"size": [height, width], "counts": COCO run lengths}]}; or the file '
    "is a list of COCO results."
)


class Replay:
    """Needs no model and no images. Options: `answers` (the file), `dialect` (in which its texts are read).

    JSONL: a line answers the sample of that id with a text, a label, or boxes (pixels of the original image,
    x1 y1 x2 y2 or four corners), the same in every turn of a conversation, or with a list of `texts`, one a
    turn. A COCO results list answers by image_id; an image it does not name has no objects, and categories
    are named as the COCO reader's aliases name them (`category_id 18`). What cannot be read is counted in
    `note`; a line without a usable answer and a sample without a line are errors.
    """

    name = "replay"

    def __init__(self, arguments: Mapping[str, str], runtime: Runtime) -> None:
        """Read the file.

        Raises:
            UsageError: no file named, or an unknown option.
            DataError: no such file, nothing in it that can be read, or ids that stand twice.
        """
        check_keys("replay", arguments, ("answers", "dialect"))
        if "answers" not in arguments:
            raise UsageError("replay needs a file of answers.", "Write --model replay,answers=FILE.")
        self._file = Path(arguments["answers"])
        self.dialect = arguments.get("dialect")
        content = _read(self._file)
        self.checkpoint: str | None = sha256(content).hexdigest()
        self._faults: list[str] = []
        rows = list(self._rows(content))
        self._complete = bool(rows) and all("image_id" in row and "bbox" in row for _, row in rows)
        self._answers = self._coco(rows) if self._complete else self._lines(rows)
        if not self._answers and (self._faults or not self._complete):
            first = f" {self._faults[0]}." if self._faults else ""
            raise DataError(f"There is no answer in {self._file.name}.{first}", _FORMS)

    @property
    def note(self) -> str | None:
        """What of the file could not be read."""
        if not self._faults:
            return None
        more = f", and {len(self._faults) - 5} more" if len(self._faults) > 5 else ""
        return f"{self._file.name}: {'; '.join(self._faults[:5])}{more}"

    def prepare(self, samples: Sequence[Sample], classes: Sequence[str], options: Mapping[str, Any]) -> None:
        """Refuse a file that is about other data.

        Raises:
            DataError: not one id of the file is an id of the data.
        """
        known = {sample.id for sample in samples}
        if self._answers and known.isdisjoint(self._answers):
            raise DataError(
                f"No id in {self._file.name} is one of the data: it has {_some(self._answers)}, "
                f"the data {_some(known)}.",
                "Answers are matched by the ids of the samples.",
            )

    def generate(self, requests: Sequence[Request]) -> Iterator[Response]:
        """The answers as they stand in the file."""
        for request in requests:
            payload = self._answers.get(request.sample_id)
            if payload is None:
                payload = {"regions": ()} if self._complete else {"error": f"no answer in {self._file.name}"}
            if (texts := payload.get("texts")) is not None:
                turn = len(request.turns)
                missing = {"error": f"no answer to question {turn + 1} in {self._file.name}"}
                payload = {"text": texts[turn]} if turn < len(texts) else missing
            yield Response(request.key, request.sample_id, **payload)

    def _rows(self, content: bytes) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Rows with where they stand; what is no row is a fault."""
        read = read_rows(content, self._file.name)
        self._faults += [f"{where} is {why}" for where, why in read.faults]
        for where, row in read.rows:
            if "image_id" in row and "bbox" in row:
                yield where, row
            elif (name := part(row, "id")) is not None:
                yield where, {**row, "id": name}
            elif has_truth(row):  # a record of its own: its sample is named by its place
                yield where, {**row, "id": where}
            else:
                self._faults.append(f"{where} has no id")

    def _lines(self, rows: Sequence[tuple[str, Mapping[str, Any]]]) -> dict[str, dict[str, Any]]:
        counts = Counter(str(row.get("id")) for _, row in rows)
        if twice := [key for key, count in counts.items() if count > 1]:
            raise DataError(
                f"{self._file.name} answers more than once: {_some(twice)}.", "Keep one line for each id."
            )
        return {str(row.get("id")): self._payload(where, row) for where, row in rows}

    def _payload(self, where: str, row: Mapping[str, Any]) -> dict[str, Any]:
        boxes = row.get("boxes")
        if isinstance(boxes, list):
            return {"regions": self._regions([(where, box) for box in boxes])}
        masks = row.get("masks")
        if isinstance(masks, list):
            return {"regions": self._masks(where, masks)}
        texts = row.get("texts")
        if isinstance(texts, list) and texts and all(isinstance(text, str) for text in texts):
            return {"texts": texts}
        for key in () if has_truth(row) else ("text", "label"):  # in a record, those are no answers
            if isinstance(row.get(key), str):
                return {key: row[key]}
        if (said := part(row, "said")) is not None:
            return {"text": said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)}
        self._faults.append(f"{where} has no text, label or boxes")
        return {"error": f"{where} of {self._file.name} has no text, label or boxes"}

    def _masks(self, where: str, items: Sequence[Any]) -> tuple[Region, ...]:
        good = [m for m in items if isinstance(m, dict) and isinstance(m.get("counts"), str)]
        good = [m for m in good if _finite(m.get("size") or [None]) and len(m["size"]) == 2]
        if len(good) < len(items):
            self._faults.append(f"{where} has a mask that is none")
        rasters = (Raster(int(m["size"][0]), int(m["size"][1]), m["counts"]) for m in good)
        return tuple(Region((), "", mask=raster) for raster in rasters)

    def _coco(self, rows: Sequence[tuple[str, Mapping[str, Any]]]) -> dict[str, dict[str, Any]]:
        found: dict[str, list[tuple[str, Any]]] = {}
        for where, row in rows:
            box, category = row.get("bbox"), row.get("category_id")
            points = None
            if isinstance(box, list) and len(box) == 4 and _finite(box):
                points = [box[0], box[1], box[0] + box[2], box[1] + box[3]]
            item = {"box": points, "label": f"category_id {category}", "score": row.get("score")}
            found.setdefault(str(row["image_id"]), []).append((where, item))
        return {key: {"regions": self._regions(items)} for key, items in found.items()}

    def _regions(self, items: Sequence[tuple[str, Any]]) -> tuple[Region, ...]:
        regions = []
        for where, item in items:
            region = _region(item)
            if region is None:
                self._faults.append(f"{where} has a box that is none")
            else:
                regions.append(region)
        return tuple(regions)


def _region(item: Any) -> Region | None:
    if not isinstance(item, dict):
        return None
    points, label, score = item.get("box"), item.get("label"), item.get("score")
    if not isinstance(points, list) or len(points) not in (4, 8) or not _finite(points):
        return None
    if not isinstance(label, str) or not (score is None or _finite([score])):
        return None
    return Region(tuple(float(v) for v in points), label, score=None if score is None else float(score))


def _finite(values: Sequence[Any]) -> bool:
    return all(isinstance(v, (int, float)) and not isinstance(v, bool) and math.isfinite(v) for v in values)


def _some(ids: Any) -> str:
    listed = sorted(ids)
    return ", ".join(map(repr, listed[:5])) + (", ..." if len(listed) > 5 else "")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise DataError(f"There is no file {path}.", "Write --model replay,answers=FILE.") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from error
