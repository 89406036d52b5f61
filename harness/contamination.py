"""What a run's figures are without the pictures that a training set has too, and over those alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from .contract import Figure, Report, Sample, digest
from .datasets.card import known_card
from .datasets.shared_pictures import ComparedPicture, SharedPictures
from .errors import DataError
from .ledger import Ledger
from .metrics.bootstrap import intervals, subset
from .metrics.disjoint import difference
from .paper_tables import figure_of
from .roles import Dialect, Task
from .score import RESAMPLES, Run, survey

KINDS = ("file", "pixels", "near")
METHOD = (
    "intervals: 95 % bootstrap over the images of each part; difference: its value over the pictures in the "
    "training set minus that over the others, each part drawn again by itself, p two-sided"
)


def contamination(
    report: Report,
    ledger: Ledger,
    task: Task,
    dialect: Dialect | None,
    shared: SharedPictures,
    resamples: int = RESAMPLES,
) -> dict[str, Any]:
    """The headline and the figures of the paper's table in three ways, JSON-able, for `Report.details`.

    Over all answered samples, as the report has them; over those none of whose images is in the training set
    (`without`); over the rest (`alone`). A sample counts under the surest kind of its images.

    Raises:
        DataError: the comparison was not made of the images of this run, or nothing was answered.
    """
    samples = ledger.samples()
    names = {image.name for sample in samples for image in sample.images}
    compared = _compared(names, shared, ledger.folder.name)
    checked = _check_content(compared, ledger.spec["source"]["images"], ledger.folder.name)
    found = survey(ledger, task, dialect)
    if found.run is None or not found.run.samples:
        raise DataError(f"{ledger.folder.name} has no answers that could be scored.", "Finish the run first.")
    wanted = dict.fromkeys([found.shown, *_columns(report)])
    return {
        "train": asdict(shared.train),
        "test": asdict(shared.test),
        "distance": shared.distance,
        "digest": shared.digest,
        "fingerprint": "that of the run" if checked else "not compared: not known of all images",
        "pictures": _counted([compared[name].kind for name in names]),
        "samples": _counted([_kind(sample, compared) for sample in found.run.samples]),
        "plain": sum(compared[name].plain for name in names),
        "broken": sum(compared[name].sha256 is None for name in names),
        "figures": {
            name: _figure(run, name, report, compared, int(ledger.spec["seed"]), resamples)
            for name in wanted
            for run in found.runs
            if name in map(run.name, run.tally.figures())
        },
        "method": METHOD,
    }


def _compared(names: set[str], shared: SharedPictures, run: str) -> dict[str, ComparedPicture]:
    """The comparison of every image of a run, by its name there.

    Where a folder was compared, its names may begin further down, or further up, than those of the run.

    Raises:
        DataError: an image of the run was not compared.
    """
    known, one = shared.pictures, min(names)
    for take, add in _starts(one, known):
        found = {name: known.get(add + name.removeprefix(take)) for name in names if name.startswith(take)}
        if len(found) == len(names) and None not in found.values():
            return {name: picture for name, picture in found.items() if picture is not None}
    missing = sorted(names - known.keys())
    raise DataError(
        f"Of the {len(names):,} images of {run}, {len(missing):,} were not compared, such as {missing[0]}: "
        f"the list was made of {shared.test.name}.",
        "Compare the data of this run: rsbench data overlap TRAIN TASK --data DIR --output FILE",
    )


def _starts(name: str, known: Mapping[str, ComparedPicture]) -> Iterator[tuple[str, str]]:
    """What may have to be taken from, and put before, the names of a run: nothing, or folders."""
    yield "", ""
    parts = name.split("/")
    for place in range(1, len(parts)):
        if "/".join(parts[place:]) in known:
            yield "/".join(parts[:place]) + "/", ""
    for other in known:
        if other.endswith(f"/{name}"):
            yield "", other.removesuffix(name)


def _check_content(compared: Mapping[str, ComparedPicture], fingerprint: str | None, run: str) -> bool:
    """Whether the images were compared by content with those of the run: both fingerprints are known.

    Raises:
        DataError: they differ.
    """
    bytes_of = [[name, compared[name].sha256] for name in sorted(compared)]
    if fingerprint is None or None in (value for _, value in bytes_of):
        return False
    if digest(bytes_of) != fingerprint:
        raise DataError(
            f"The images that were compared have the names of those of {run}, and other bytes.",
            "Compare the very data the run was made on: rsbench data overlap TRAIN TASK --data DIR "
            "--output FILE",
        )
    return True


def _columns(report: Report) -> Iterator[str]:
    """The figures that stand in the paper's table."""
    card = known_card(report.task)
    for name in (card.table["columns"] if card and card.table else {}).values():
        figure = figure_of(report, name)
        if figure is not None and figure.value is not None:
            yield figure.name


def _kind(sample: Sample, compared: Mapping[str, ComparedPicture]) -> str | None:
    kinds = {compared[image.name].kind for image in sample.images}
    return next((kind for kind in KINDS if kind in kinds), None)


def _counted(kinds: Sequence[str | None]) -> dict[str, int]:
    counts = Counter(kinds)
    return {"all": len(kinds), "shared": len(kinds) - counts[None], **{kind: counts[kind] for kind in KINDS}}


def _figure(
    run: Run, name: str, report: Report, compared: Mapping[str, ComparedPicture], seed: int, resamples: int
) -> dict[str, Any]:
    """One figure over all, without and alone, and the difference."""
    kinds = [_kind(sample, compared) for sample in run.samples]
    groups = run.groups()
    parts = {
        "without": [place for place, kind in enumerate(kinds) if kind is None],
        "alone": [place for place, kind in enumerate(kinds) if kind is not None],
    }
    own, count = run.own(name), len(kinds)
    whole = next(figure for figure in report.figures if figure.name == name)
    found: dict[str, Any] = {"all": _row(whole)}
    for part, rows in parts.items():
        value = run.tally.figures(subset(count, rows), own).get(own)
        around = intervals(run.tally, count, groups, seed, resamples, only=own, rows=rows).get(own)
        found[part] = _row(Figure(name, value, *(around or (None, None))))
    split = difference(run.tally, count, parts["without"], parts["alone"], groups, own, seed, resamples)
    return found | {"difference": asdict(split) if split else None}


def _row(figure: Figure) -> dict[str, float | None]:
    return {"value": figure.value, "low": figure.low, "high": figure.high}
