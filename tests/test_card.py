"""Every card in the catalogue is complete and consistent; broken cards are refused by name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rsbench.harness.datasets.card import Card, card_names, parse_card, read_card
from rsbench.harness.datasets.mini.scene import AIRCRAFT, LOOKS, OBJECTS, SCENES
from rsbench.harness.errors import DataError, UsageError
from rsbench.harness.registry import names

CARDS = [read_card(name) for name in card_names()]
PUBLISHED = [card for card in CARDS if card.citation]
WANTED = """
    nwpu_resisc45 clrs nasc_tg2 aid ucmerced whu_rs19 meter_ml eurosat rsscn7 fgscr42 dscr
    nwpu_captions rsicd rsitmd ucm_captions sydney_captions dior_rsvg_region
    crsvqa rsvqa_hr rsvqa_lr rsivqa floodnet_vqa vrsbench_vqa choice lrs_vqa
    dior_rsvg rsvg vrsbench_vg geochat_vg avvg
    mar20 mar20_obb dior dior_r dota_v1 fair1m hrrsd nwpu_vhr10 rsod ucas_aod visdrone
    ssdd hrsid air_sarship hit_uav hit_uav_obb
    infrared_security aerial_mancar double_light_vehicle sea_shipping oceanic_ship
"""


def test_the_first_nine() -> None:
    expected = "clrs coco dota images mar20 mar20_obb nasc_tg2 nwpu_resisc45 voc"
    assert set(expected.split()) <= set(card_names())


@pytest.mark.parametrize("card", CARDS, ids=lambda c: c.name)
def test_a_card_is_complete(card: Card) -> None:
    assert card.family in names("tasks") and card.layout in names("layouts")
    assert card.version >= 1 and card.title and card.licence and card.published and card.expects
    assert card.protocol["why"] and card.protocol["headline"]
    assert len(set(card.classes)) == len(card.classes)
    assert set(card.names) <= set(card.classes)
    if card.citation:
        assert card.certainty and set(card.certainty.values()) != {""}


def test_every_benchmark_of_the_two_papers() -> None:
    assert set(WANTED.split()) <= {card.name for card in PUBLISHED}
    filled = {card.table["id"] for card in PUBLISHED if card.table}
    assert filled == {f"table_{number}" for number in range(2, 10)}


@pytest.mark.parametrize("card", PUBLISHED, ids=lambda c: c.name)
def test_a_published_card_says_how_sure_it_is(card: Card) -> None:
    """Of licence, form of the data, counts and classes; what is not known is said with its reason."""
    assert re.search(r"\b(19|20)\d\d\b", card.citation), "no year"
    assert card.sensor

    def said(what: str) -> list[str]:
        return [how for field, how in card.certainty.items() if re.search(what, field)]

    assert said("licence")
    assert said("layout|form|folder|file|keys")
    if card.classes or card.family in ("classification", "detection"):
        assert said("class")
    assert said("count|images in all|images of each class|lists of the splits")
    if not card.counts:
        assert any(how != "verified" for how in said("count"))
    elif not card.options.get("open_classes"):
        assert card.split in card.counts


@pytest.mark.parametrize("card", CARDS, ids=lambda c: c.name)
def test_a_miniature_can_be_drawn(card: Card) -> None:
    mini = card.mini
    assert sum(mini["looks"].values()) == pytest.approx(1) and set(mini["looks"]) <= set(LOOKS)
    assert 0 < mini["shifted"] < 1 and mini["count"]["test"] and mini["count"]["train"]
    if card.family == "classification":
        assert not card.classes or set(mini["classes"]) <= set(card.classes)
        assert {scene for scenes in mini["classes"].values() for scene in scenes} <= set(SCENES)
    else:
        assert set(mini["scenes"]) <= set(SCENES)
        held = {name for objects in mini["scenes"].values() for name in objects}
        assert held <= set(OBJECTS)
        label = mini.get("label", {})
        drawn = set(AIRCRAFT) if label == "type" else {label.get(name, name) for name in held}
        assert not card.classes or drawn <= set(card.classes)


def test_what_the_paper_says() -> None:
    counts = {c.name: (len(c.classes), c.counts.get("test")) for c in CARDS}
    assert counts["clrs"] == (25, 15_000)
    assert counts["nasc_tg2"] == (10, 20_000)
    assert counts["nwpu_resisc45"] == (45, int(31_500 * 0.8))
    assert counts["mar20"] == counts["mar20_obb"] == (20, 2511)
    tables = {c.name: c.table.get("id") for c in CARDS}
    assert [tables[n] for n in ("nwpu_resisc45", "clrs", "nasc_tg2", "mar20", "mar20_obb")] == [
        "table_2", "table_3", "table_3", "table_8", "table_9",
    ]  # fmt: skip


def test_how_much_of_a_benchmark_is_drawn() -> None:
    drawn = {c.name: len(c.mini["classes"]) for c in CARDS if c.family == "classification"}
    assert drawn["clrs"] >= 12 and drawn["nasc_tg2"] == 10 and drawn["nwpu_resisc45"] >= 20


def test_unknown_and_broken_cards(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="mar20"):
        read_card("mar21")
    for text, message in (
        ("a: [", "cannot be read"),
        ("- 1", "not a YAML mapping"),
        ("name: x\ncolour: red", "unknown key: colour"),
        ("name: x", "not complete"),
    ):
        path = tmp_path / "x.yaml"
        path.write_text(text)
        with pytest.raises(DataError, match=message):
            parse_card(path)
