"""The error browser of a run: a page with every sample, its data as scripts, and thumbnails.

    samples.html  samples*.js  samples.css    the page
    data/index.js                             what the grid and its filters need of every sample
    data/texts.js                             what the search looks through, read when it is first used
    data/0000.js, data/0001.js ...            all of CHUNK samples each, read when one of them is opened
    thumbnails/00000.webp ...                 one for each picture, or window of one

Names of files are ours. Texts of models, data and file names are in data/ alone, as JSON text, and the page
shows them as text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from ..cells import model
from ..contract import Image
from ..errors import disk_errors
from ..outcomes import Outcome
from .sample_details import answered, details, said
from .sample_rows import facets, line, seconds, texts, tokens
from .scripts import write_call
from .seen import Seen
from .thumbnails import SIDE, Thumbnail, write_thumbnails

CHUNK = 100  # samples of a file of details
SCRIPTS = ("samples_data.js", "samples_filters.js", "samples_grid.js", "samples_picture.js",
           "samples_dialog.js", "samples.js")  # fmt: skip
_DIGITS = 6  # of a value


@dataclass(frozen=True, slots=True)
class Written:
    """How many samples are on the page, how many thumbnails there are, and how many pictures have none."""

    samples: int
    thumbnails: int
    missing: int


def write_samples(
    folder: Path, found: Seen, images: Mapping[str, Image], other: Seen | None = None, thumbnail: int = SIDE
) -> Written:
    """Write the page into `folder`, beside style.css, theme.js and index.html, which others write.

    `images`: by name, those with a path are cut to thumbnails with a long side of `thumbnail` pixels. Of a
    picture that is not at hand or cannot be read, the page shows boxes alone. `other` is a run on the same
    samples, by id, whose answers are shown beside this one's.

    Raises:
        DataError: the disk is full, or the folder cannot be written.
    """
    shown = list(dict.fromkeys(_image(outcome, images) for outcome in found.outcomes))
    cut = write_thumbnails(shown, folder / "thumbnails", thumbnail)
    pictures = dict(zip(shown, cut, strict=True))
    placed = [pictures[_image(outcome, images)] for outcome in found.outcomes]
    others = _matched(found.outcomes, other)
    with disk_errors(folder):
        (folder / "data").mkdir(parents=True, exist_ok=True)
    _write_index(folder / "data", found, other, others, placed)
    _write_details(folder / "data", found, other, others, placed)
    _write_page(folder, found, other)
    there = sum(picture is not None for picture in cut)
    return Written(len(found.outcomes), there, len(cut) - there)


def _image(outcome: Outcome, images: Mapping[str, Image]) -> Image:
    """The picture of a sample, or its window, with where it lies and how it is stretched."""
    image = outcome.sample.images[0]
    here = images.get(image.name)
    return image if here is None else replace(image, path=here.path, stretch=here.stretch)


def _matched(outcomes: Sequence[Outcome], other: Seen | None) -> list[Outcome | None]:
    by_id = {outcome.sample.id: outcome for outcome in other.outcomes} if other else {}
    return [by_id.get(outcome.sample.id) for outcome in outcomes]


def _write_index(
    folder: Path,
    found: Seen,
    other: Seen | None,
    others: Sequence[Outcome | None],
    pictures: Sequence[Thumbnail | None],
) -> None:
    outcomes = found.outcomes
    index = {
        "figure": found.survey.shown,
        "other": other.result.name if other else None,
        "chunk": CHUNK,
        "facets": [facet.row() for facet in facets(outcomes, others)],
        "id": [outcome.sample.id for outcome in outcomes],
        "state": [outcome.state for outcome in outcomes],
        "value": [_value(outcome.judgement.value) for outcome in outcomes],
        "seconds": [seconds(outcome) for outcome in outcomes],
        "tokens": [tokens(outcome) for outcome in outcomes],
        "line": [line(outcome) for outcome in outcomes],
        "picture": [picture.file if picture else None for picture in pictures],
    }
    write_call(folder / "index.js", "receive", "index", index)
    write_call(folder / "texts.js", "receive", "texts", _searched(outcomes))


def _searched(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Every text once, in small letters, and of every sample the places of its own."""
    place: dict[str, int] = {}
    rows = [[place.setdefault(text.lower(), len(place)) for text in texts(o)] for o in outcomes]
    return {"texts": list(place), "rows": rows}


def _write_details(
    folder: Path,
    found: Seen,
    other: Seen | None,
    others: Sequence[Outcome | None],
    pictures: Sequence[Thumbnail | None],
) -> None:
    heard, heard_other = said(found), said(other) if other else {}
    for start in range(0, len(found.outcomes), CHUNK):
        rows = []
        for place in range(start, min(start + CHUNK, len(found.outcomes))):
            outcome, rival, picture = found.outcomes[place], others[place], pictures[place]
            row = details(found, outcome, heard)
            row["size"] = [picture.width, picture.height] if picture else _stated_size(outcome)
            if other is not None and rival is not None:
                row["other"] = answered(other, rival, heard_other)
            rows.append(row)
        name = f"{start // CHUNK:04d}"
        write_call(folder / f"{name}.js", "receive", name, rows)


def _stated_size(outcome: Outcome) -> list[int] | None:
    """Width and height by what the data say of the picture, or of its window."""
    image, target = outcome.sample.images[0], outcome.sample.target
    if image.window:
        x1, y1, x2, y2 = image.window
        return [x2 - x1, y2 - y1]
    size = image.size or target.size
    return list(size) if size else None


def _write_page(folder: Path, found: Seen, other: Seen | None) -> None:
    import jinja2

    here = files(__package__)
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    page = environment.from_string((here / "samples.html").read_text(encoding="utf-8")).render(
        task=found.task.name,
        model=model(found.ledger.spec),
        labels=found.result.report.labels,
        other=other.result.name if other else None,
        scripts=SCRIPTS,
    )
    with disk_errors(folder):
        (folder / "samples.html").write_text(page, encoding="utf-8", errors="replace")
        for name in ("samples.css", *SCRIPTS):
            (folder / name).write_bytes((here / name).read_bytes())


def _value(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)
