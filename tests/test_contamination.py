"""Figures with and without shared pictures: by hand on a small ledger; lists of other data are refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rsbench.harness.contamination import contamination
from rsbench.harness.contract import Image, Label, Report, Response, Sample, Target, digest
from rsbench.harness.datasets.shared_pictures import ComparedPicture as Pictured
from rsbench.harness.datasets.shared_pictures import SharedPictures, Side
from rsbench.harness.errors import DataError
from rsbench.harness.ledger import Appender, Ledger, start
from rsbench.harness.metrics.choice import Choice
from rsbench.harness.score import score

from .test_ledger import spec
from .test_score import CHOICES, Fixed, Words

SIDE = Side("train", 9, 0, 0, "d")
KINDS = ("file", "pixels", "near", None)


def listed(names: dict[str, str | None], test: str = "test") -> SharedPictures:
    """Image name to kind; the digest of the bytes of x is "x!"."""
    pictures = {n: Pictured(n, f"{n}!", kind=kind, of="t" if kind else None) for n, kind in names.items()}
    return SharedPictures(SIDE, replace(SIDE, name=test), 8, pictures, "list")


class Case:
    """Twelve pictures of two questions each; every fourth picture is of one kind, the first ones right."""

    def __init__(self, folder: Path, right: int = 14, images: str | None = None, answered: int = 24) -> None:
        samples = [
            Sample(f"s{i:02d}", (Image(f"data/{i // 2}.png", ""),), Target(label=CHOICES[0]))
            for i in range(24)
        ]
        self.names = [f"data/{i}.png" for i in range(12)]
        made = spec()
        made = replace(made, source=replace(made.source, images=images))
        self.ledger = start(folder, made, CHOICES, samples, [], {})
        with Appender(self.ledger, "responses.jsonl") as appender:
            for i, sample in enumerate(samples[:answered]):
                appender.response(Response(f"k{i}", sample.id, text=CHOICES[i >= right]))
        self.task = Fixed(samples, Label(CHOICES), Choice(CHOICES), "top-1")
        self.report: Report = score(self.ledger, self.task, Words(), resamples=50)

    def found(self, shared: SharedPictures) -> dict[str, Any]:
        return contamination(self.report, self.ledger, self.task, Words(), shared, 50)

    def kinds(self) -> dict[str, str | None]:
        return {name: KINDS[i % 4] for i, name in enumerate(self.names)}


def test_counts_and_figures_by_hand(tmp_path: Path) -> None:
    case = Case(tmp_path)
    found = case.found(listed(case.kinds()))
    assert found["pictures"] == {"all": 12, "shared": 9, "file": 3, "pixels": 3, "near": 3}
    assert found["samples"] == {"all": 24, "shared": 18, "file": 6, "pixels": 6, "near": 6}
    figure = found["figures"]["top-1"]
    assert list(found["figures"]) == ["top-1"]
    assert figure["all"] == {name: getattr(case.report.headline, name) for name in ("value", "low", "high")}
    # pictures 0 to 6 are right; 3, 7 and 11 are in no training set: 2 of 6 answers; 12 of the other 18
    assert figure["without"]["value"] == pytest.approx(2 / 6)
    assert figure["alone"]["value"] == pytest.approx(12 / 18)
    assert figure["difference"]["value"] == pytest.approx(12 / 18 - 2 / 6)
    assert figure["difference"]["low"] < 0 < figure["difference"]["high"] and figure["difference"]["p"] > 0.05
    assert found["digest"] == "list" and found["train"]["name"] == "train"


def test_a_sample_counts_under_its_surest_image(tmp_path: Path) -> None:
    both = Sample("s", (Image("a", ""), Image("b", "")), Target(label=CHOICES[0]))
    ledger = start(tmp_path, spec(), CHOICES, [both], [], {})
    with Appender(ledger, "responses.jsonl") as appender:
        appender.response(Response("k", "s", text=CHOICES[0]))
    task = Fixed([both], Label(CHOICES), Choice(CHOICES), "top-1")
    report = score(ledger, task, Words(), resamples=10)
    found = contamination(report, ledger, task, Words(), listed({"a": "near", "b": "pixels"}), 10)
    assert found["samples"] == {"all": 1, "shared": 1, "file": 0, "pixels": 1, "near": 0}
    figure = found["figures"]["top-1"]
    assert figure["without"] == {"value": None, "low": None, "high": None} and figure["difference"] is None


def test_nothing_shared(tmp_path: Path) -> None:
    case = Case(tmp_path)
    figure = case.found(listed(dict.fromkeys(case.names)))["figures"]["top-1"]
    assert figure["without"] == figure["all"] and figure["alone"]["value"] is None


@pytest.mark.parametrize(("take", "add"), [("data/", ""), ("", "more/"), ("", "")])
def test_a_folder_above_or_below_was_compared(take: str, add: str, tmp_path: Path) -> None:
    case = Case(tmp_path)
    names = {add + name.removeprefix(take): kind for name, kind in case.kinds().items()}
    assert case.found(listed(names))["samples"]["shared"] == 18


def test_a_list_of_other_pictures_is_refused(tmp_path: Path) -> None:
    case = Case(tmp_path)
    kinds = case.kinds()
    del kinds["data/3.png"]
    with pytest.raises(
        DataError, match=r"Of the 12 images .* 1 were not compared, such as data/3.png"
    ) as error:
        case.found(listed(kinds, "my/folder"))
    assert "my/folder" in str(error.value) and "rsbench data overlap TRAIN TASK" in str(error.value)
    with pytest.raises(DataError, match="12 were not compared"):
        case.found(listed({}))


def test_pictures_of_the_same_names_and_other_bytes_are_refused(tmp_path: Path) -> None:
    names = sorted(f"data/{i}.png" for i in range(12))
    case = Case(tmp_path, images=digest([[name, f"{name}!"] for name in names]))
    right = listed(case.kinds())
    assert case.found(right)["fingerprint"] == "that of the run"
    other = replace(right.pictures["data/3.png"], sha256="other")
    with pytest.raises(DataError, match="other bytes"):
        case.found(replace(right, pictures={**right.pictures, "data/3.png": other}))
    broken = replace(other, sha256=None)
    found = case.found(replace(right, pictures={**right.pictures, "data/3.png": broken}))
    assert found["fingerprint"].startswith("not compared") and found["broken"] == 1


def test_nothing_answered(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no answers that could be scored"):
        case = Case(tmp_path, answered=0)
        case.found(listed(case.kinds()))


def test_the_ledger_is_only_read(tmp_path: Path) -> None:
    case = Case(tmp_path)
    before = {p.name: p.read_bytes() for p in case.ledger.folder.iterdir()}
    case.found(listed(case.kinds()))
    assert {p.name: p.read_bytes() for p in Ledger(case.ledger.folder).folder.iterdir()} == before
