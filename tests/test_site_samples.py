"""The files of the page of samples: what is written, in how many parts, and what is told of it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Pictures

from rsbench.harness.contract import Image, Region, Sample, Target
from rsbench.harness.site import samples as page
from rsbench.harness.site.samples import SCRIPTS, Written, write_samples
from rsbench.harness.site.seen import Seen, see

from .two_runs import SCENES, harbours, run, scenes


def read(path: Path) -> Any:
    """What a script hands over."""
    found = re.fullmatch(r"receive\(\"\w+\", '(.*)'\);\n", path.read_text(encoding="ascii"))
    assert found
    return json.loads(re.sub(r"\\(['\\])", r"\1", found[1]))


def classified(folder: Path, wrong: int) -> Seen:
    said = ["beach" if n < wrong else str(s.target.label) for n, s in enumerate(scenes())]
    result = run(folder, "images", scenes(), said, SCENES)
    assert result.ledger is not None
    return see(result.ledger.folder)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Seen, Seen]:
    folder = tmp_path_factory.mktemp("two")
    return classified(folder / "a", 9), classified(folder / "b", 30)


def painted(folder: Path, names: list[str]) -> dict[str, Image]:
    made = {}
    for place, name in enumerate(names):
        Pictures.new("RGB", (60, 30), (place * 20, 90, 90)).save(folder / f"{place}.png")
        made[name] = Image(name, str(folder / f"{place}.png"))
    return made


def test_an_index_texts_and_details_in_chunks(
    two: tuple[Seen, Seen], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "CHUNK", 20)
    assert write_samples(tmp_path, two[0], {}) == Written(45, 0, 45)
    index = read(tmp_path / "data" / "index.js")
    assert index["chunk"] == 20 and len(index["id"]) == 45
    assert sorted(p.name for p in (tmp_path / "data").iterdir()) == [
        "0000.js", "0001.js", "0002.js", "index.js", "texts.js",
    ]  # fmt: skip
    rows = [row for n in range(3) for row in read(tmp_path / "data" / f"000{n}.js")]
    assert [row["id"] for row in rows] == index["id"]
    assert [row["state"] for row in rows] == index["state"]
    outcome = index["facets"][0]
    assert [outcome["values"][row[0]] for row in outcome["rows"]] == index["state"]
    texts = read(tmp_path / "data" / "texts.js")
    said = [[texts["texts"][i] for i in row] for row in texts["rows"]]
    assert said[0] == ["s0", "beach"] and len(texts["texts"]) == len(set(texts["texts"]))


def test_another_run_is_matched_by_sample_and_flips_are_found(two: tuple[Seen, Seen], tmp_path: Path) -> None:
    found, other = two
    fewer = replace(other, outcomes=other.outcomes[5:])
    write_samples(tmp_path, found, {}, fewer)
    index, rows = read(tmp_path / "data" / "index.js"), read(tmp_path / "data" / "0000.js")
    assert index["other"] == other.result.name
    place = index["facets"][0]["values"].index("flipped")
    flips = [i for i, row in enumerate(index["facets"][0]["rows"]) if place in row]
    right = [[o.state == "right" for o in seen.outcomes] for seen in two]
    assert flips == [i for i in range(5, 45) if right[0][i] != right[1][i]] != []
    assert ["other" in row for row in rows] == [False] * 5 + [True] * 40
    assert rows[20]["other"]["turns"][0]["answer"] == "beach" != rows[20]["turns"][0]["answer"]


def test_samples_of_one_picture_share_its_thumbnail_and_windows_do_not(tmp_path: Path) -> None:
    pictures = [("a.png", None), ("a.png", None), ("a.png", (0, 0, 20, 20)), ("b.png", None)]
    samples = [
        Sample(f"s{n}", (Image(name, "", window=window, size=(60, 30)),), Target(label="beach"))
        for n, (name, window) in enumerate(pictures)
    ]
    result = run(tmp_path / "run", "images", samples, ["beach"] * 4, SCENES)
    assert result.ledger is not None
    found = see(result.ledger.folder)
    assert write_samples(tmp_path / "site", found, painted(tmp_path, ["a.png"])) == Written(4, 2, 1)
    index = read(tmp_path / "site" / "data" / "index.js")
    assert index["picture"] == ["00000.webp", "00000.webp", "00001.webp", None]
    sizes = [row["size"] for row in read(tmp_path / "site" / "data" / "0000.js")]
    assert sizes == [[60, 30], [60, 30], [20, 20], [60, 30]]


def test_boxes_that_are_not_numbers_are_no_stop(tmp_path: Path) -> None:
    odd = Region((float("nan"), 0.0, float("inf"), 5.0), "ship", float("nan"))
    samples = harbours(2)
    result = run(tmp_path / "run", "voc", samples, [[odd], []], ("ship", "plane"), dialect=None)
    assert result.ledger is not None
    write_samples(tmp_path / "site", see(result.ledger.folder), {})
    (row, _) = read(tmp_path / "site" / "data" / "0000.js")
    assert row["boxes"] == [["false", "ship", [], None]]


def test_the_page_names_its_run_as_text_and_asks_for_nothing_outside(
    two: tuple[Seen, Seen], tmp_path: Path
) -> None:
    report = replace(two[0].result.report, labels=("<script>alert(1)</script>",))
    found = replace(two[0], result=replace(two[0].result, report=report))
    write_samples(tmp_path, found, {})
    text = (tmp_path / "samples.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(1)" in text and "<script>" not in text
    assert "default-src 'none'" in text
    assert re.findall(r'(?:src|href)="([^"]+)"', text) == [
        "style.css", "samples.css", "theme.js", *SCRIPTS, "data/index.js", "index.html",
    ]  # fmt: skip
    for name in ("samples.css", *SCRIPTS):
        code = (tmp_path / name).read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|fetch\(", code)
        assert set(re.findall(r"https?://[^\s\"']+", code)) <= {"http://www.w3.org/2000/svg"}
        assert len(code.splitlines()) <= 400
