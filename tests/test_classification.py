"""Classification tasks ask for one of all classes and say nothing of the answer."""

from __future__ import annotations

from rsbench.harness.answers import match_label
from rsbench.harness.contract import Image, Label, Sample, Target, Turn
from rsbench.harness.datasets.card import Dataset, card_names, read_card
from rsbench.harness.datasets.names import ClassNames
from rsbench.harness.values import wants_to
from rsbench.tasks.classification import build

SAMPLE = Sample("a", (Image("a", ""),), Target(label="storage tank"))


def test_every_card_of_the_family_builds() -> None:
    for name in card_names():
        card = read_card(name)
        if card.family == "classification":
            classes = ClassNames(card).classes or ("storage tank",)
            task = build(card, Dataset((SAMPLE,), (), classes))
            assert (task.name, task.version, task.headline) == (name, card.version, "top-1")
            assert task.confidences == ()
            assert task.samples() == (SAMPLE,)


def test_all_classes_are_asked_for_once() -> None:
    card = read_card("nwpu_resisc45")
    task = build(card, Dataset((SAMPLE,), (), ClassNames(card).classes))
    wants = task.request(SAMPLE, ())
    assert isinstance(wants, Label) and len(wants.choices) == 45 and "baseball diamond" in wants.choices
    assert ("storage_tank", "storage tank") in wants.aliases and ("port", "harbor") in wants.aliases
    assert wants == task.request(Sample("b", SAMPLE.images, Target(label="lake")), ())
    assert task.request(SAMPLE, (Turn("?", "lake"),)) is None


def test_no_alias_takes_a_class_away() -> None:
    for card in map(read_card, card_names()):
        if card.family != "classification":
            continue
        wants = wants_to(build(card, Dataset((), (), ClassNames(card).classes)).request(SAMPLE, ()))  # type: ignore[arg-type]
        spellings = [alias for alias, _ in wants["aliases"]]
        assert not set(spellings) & set(wants["choices"]) and len(set(spellings)) == len(spellings)
        assert {target for _, target in wants["aliases"]} <= set(wants["choices"])


def test_squeezed_and_misspelt_names_are_answers() -> None:
    """GeoChat and EarthDial write class names as one word; FGSCR-42 misspells its own."""
    for name, said, meant in (
        ("aid", "MediumResidential", "medium residential"),
        ("aid", "Baseball Field.", "baseball field"),
        ("ucmerced", "Mobile Home Park", "mobile home park"),
        ("rsscn7", "dRiverLake", "river or lake"),
        ("fgscr42", "005.Charles_de_Gaulle_aricraft_carrier", "Charles de Gaulle aircraft carrier"),
        ("fgscr42", "Izumo class helicopter destroyer", "Izumo-class helicopter destroyer"),
        ("meter_ml", "R&Ts", "refinery or petroleum terminal"),
        ("whu_rs19", "footballField", "football field"),
    ):
        wants = build(read_card(name), Dataset((), (), ClassNames(read_card(name)).classes)).request(
            SAMPLE, ()
        )
        assert isinstance(wants, Label)
        assert match_label(said, wants.choices, wants.aliases) == meant, said


def test_fgscr42_is_read_under_either_numbering() -> None:
    """Two public copies differ in the numbers of four classes: the name decides."""
    names = ClassNames(read_card("fgscr42"))
    for one, other in (
        ("006.INS_Virrat_aircraft_carrier", "007.INS_Virrat_aircraft_carrier"),
        ("007.INS_Vikramaditya_aircraft_carrier", "006.INS_Vikramaditya_aircraft_carrier"),
        ("039.Mistral-class_amphibious_assault_ship", "041.Mistral-class_amphibious_assault_ship"),
        ("041.Maestrale-class_frigate", "039.Maestrale-class_frigate"),
    ):
        assert names.find(one) == names.find(other) is not None
    assert names.find("006.INS_Virrat_aircraft_carrier") != names.find(
        "006.INS_Vikramaditya_aircraft_carrier"
    )
    assert len(names.classes) == 42


def test_official_counts_fit_together() -> None:
    """Splits that complement each other make up all; training sets are those of EarthGPT's Table I."""
    trained = {"nwpu_resisc45": 6300, "eurosat": 5400, "ucmerced": 420, "whu_rs19": 196, "rsscn7": 560}
    for name, count in trained.items():
        counts = read_card(name).counts
        assert counts["train"] == count and counts["test"] + count == counts["all"]
        lists = [counts[f"torchgeo-{part}"] for part in ("train", "val", "test") if "torchgeo-val" in counts]
        assert not lists or sum(lists) == counts["all"]
    aid = read_card("aid").counts
    assert aid["test"] + aid["train"] == aid["test-50"] + aid["train-50"] == aid["all"] == 10_000
