"""Known errors: versioned, each change noted, none silent; what is shipped is true of the data it names."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from rsbench.harness.contract import Image, Region, Sample, Target
from rsbench.harness.datasets.card import Dataset, card_names, read_card
from rsbench.harness.datasets.errata import FOLDER, Errata, Erratum, corrected, read_errata
from rsbench.harness.datasets.open import describe, open_dataset
from rsbench.harness.datasets.verify import verify
from rsbench.harness.errors import DataError
from rsbench.harness.plan import plan


def asked(name: str, question: str = "", label: str | None = None, *texts: str) -> Sample:
    return Sample(name, (Image("a.png", ""),), Target(label=label, texts=texts), question)


def data(*samples: Sample, classes: tuple[str, ...] = ()) -> Dataset:
    return Dataset(samples, (), classes)


def overlay(*entries: Erratum) -> Errata:
    return Errata(3, entries)


def test_a_sample_is_left_out() -> None:
    found = corrected(data(asked("1"), asked("2")), overlay(Erratum("drop", "s", id="2", because="it is 1")))
    assert [s.id for s in found.samples] == ["1"] and found.errata == 3
    assert [(p.item, p.reason) for p in found.corrections] == [("2", "erratum: left out, it is 1")]


def test_only_what_is_equal_is_a_duplicate() -> None:
    first = asked("1", "how many?", None, "3")
    other = replace(first, id="5", images=(Image("b.png", ""),))
    pointed = replace(first, id="6", regions=(Region((0, 0, 1, 1), ""),))
    rows = (
        first,
        asked("2", "how many?", None, "3"),
        asked("3", "how many?", None, "4"),
        asked("4"),
        other,
        pointed,
    )
    found = corrected(data(*rows), overlay(Erratum("drop duplicates", "s", because="asked twice")))
    assert [s.id for s in found.samples] == ["1", "3", "4", "5", "6"]
    assert [p.item for p in found.corrections] == ["2"]


def test_labels_in_any_spelling() -> None:
    wrong = Erratum("label", "s", old="MediumResidentialgt", new="MediumResidential")
    rows = (
        asked("1", "", "medium residentialgt"),
        asked("2", "", "beach"),
        asked("3", "", "Medium_Residentialgt"),
    )
    found = corrected(
        data(*rows, classes=("beach", "medium residential", "mediumresidentialgt")), overlay(wrong)
    )
    assert [s.target.label for s in found.samples] == ["medium residential", "beach", "medium residential"]
    assert found.classes == ("beach", "medium residential") and [p.item for p in found.corrections] == [
        "1",
        "3",
    ]
    one = corrected(data(*rows, classes=("beach", "medium residentialgt")), overlay(replace(wrong, id="3")))
    assert [s.target.label for s in one.samples] == ["medium residentialgt", "beach", "MediumResidential"]
    assert one.classes == ("beach", "medium residentialgt")


def test_words_and_answers() -> None:
    rows = (
        asked("1", "Is there a brigde?", None, "a brigde"),
        asked("2", "?", None, "yes"),
        asked("3", "?", "A"),
    )
    found = corrected(
        data(*rows),
        overlay(
            Erratum("text", "s", old="brigde", new="bridge"),
            Erratum("truth", "s", id="2", old="yes", new="no"),
            Erratum("truth", "s", id="3", old="A", new="B"),
            Erratum("truth", "s", id="1", old="another", new="no change"),
        ),
    )
    first, second, third = found.samples
    assert first.question == "Is there a bridge?" and first.target.texts == ("a bridge",)
    assert second.target.texts == ("no",) and third.target.label == "B"
    assert [p.item for p in found.corrections] == ["1", "2", "3"]
    assert found.corrections[1].reason == "erratum: truth 'yes' read as 'no'"


def test_nothing_to_change_is_said_too() -> None:
    whole = data(asked("1"))
    found = corrected(whole, overlay(Erratum("drop", "s", id="9", because="b")))
    assert found == replace(whole, errata=3)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("- 1", "cannot be used"),
        ("entries: []", "version"),
        ("version: 1\nentries: [{do: drop, id: a, source: s}]", "no because"),
        ("version: 1\nentries: [{do: label, old: a, new: b}]", "no source"),
        ("version: 1\nentries: [{do: erase, source: s}]", "one of drop"),
        ("version: 1\nentries: [{do: drop, id: a, because: b, source: s, who: me}]", "unknown key: who"),
        ("version: [", "cannot be used"),
    ],
)
def test_files_that_are_none(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(DataError, match=why):
        read_errata("x", tmp_path)
    assert read_errata("y", tmp_path) is None


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.yaml")))
def test_every_overlay_is_sound(name: str) -> None:
    found = read_errata(name)
    assert found is not None and found.version >= 1 and found.entries
    assert all(erratum.source and erratum.said for erratum in found.entries)
    if name in card_names():
        assert f"version {found.version}: " in describe(read_card(name))


def test_the_duplicates_of_lrs_vqa(shared: Path) -> None:
    """Each dropped question stands word for word under another id, on the same image, with the same truth."""
    path = shared / "data/LRS-VQA_annotations/LRS_VQA_merged.jsonl"
    rows = {row["question_id"]: row for row in map(json.loads, path.read_text(encoding="utf-8").splitlines())}
    found = read_errata("lrs_vqa")
    assert found is not None
    for erratum in found.entries:
        kept = next(word for word in erratum.because.split() if word in rows)
        assert kept != erratum.id
        parts = [[rows[i][k] for k in ("image", "text", "ground_truth")] for i in (kept, erratum.id)]
        assert parts[0] == parts[1]


def test_they_are_applied_when_data_is_opened(tmp_path: Path) -> None:
    """The typo of GeoChat's aid.jsonl: mended and told, or left as it is and told; never in a miniature."""
    path = tmp_path / "aid.jsonl"
    rows = [
        {"image": "1.png", "annotation": "MediumResidentialgt"},
        {"image": "2.png", "annotation": "Beach"},
    ]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    card = replace(read_card("clrs"), name="aid", classes=("Beach", "MediumResidential"), names={})
    mended, _ = open_dataset(card, path, cache=tmp_path)
    kept, _ = open_dataset(card, path, cache=tmp_path, errata=False)
    assert mended.errata == 1 and len(mended.corrections) == 1
    assert mended.samples[0].target.label in mended.classes and len(mended.classes) == 2
    assert kept.errata == 0 and not kept.corrections
    assert kept.samples[0].target.label == "MediumResidentialgt"
    found = verify(card, path, None, tmp_path)
    assert "known error  line 1: erratum: label 'MediumResidentialgt' read as" in found.text
    plain, _ = open_dataset(read_card("vqa"), _questions(tmp_path), cache=tmp_path)
    assert plain.errata is None


def test_the_spec_tells_which_version(tmp_path: Path) -> None:
    planned = plan("vqa", str(_questions(tmp_path)), None, None, 0, tmp_path)
    assert planned.source.errata is None
    if "lrs_vqa" in card_names():
        path = tmp_path / "q.jsonl"
        path.write_text(json.dumps({"question_id": "FAIR_1077", "text": "?", "ground_truth": "urban"}) + "\n")
        path.write_text(path.read_text() + path.read_text().replace("1077", "748"))
        sources = [plan("lrs_vqa", str(path), None, None, 0, tmp_path, None, e).source for e in (True, False)]
        assert [(s.errata, s.items) for s in sources] == [(1, 1), (0, 2)]


def _questions(folder: Path) -> Path:
    path = folder / "questions.jsonl"
    path.write_text(json.dumps({"image": "a.png", "question": "Is it?", "truth": "yes"}) + "\n")
    return path
