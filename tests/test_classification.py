"""Classification tasks ask for one of all classes and say nothing of the answer."""

from __future__ import annotations

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
    for name in ("clrs", "nasc_tg2", "nwpu_resisc45"):
        card = read_card(name)
        wants = wants_to(build(card, Dataset((), (), ClassNames(card).classes)).request(SAMPLE, ()))  # type: ignore[arg-type]
        spellings = [alias for alias, _ in wants["aliases"]]
        assert not set(spellings) & set(wants["choices"]) and len(set(spellings)) == len(spellings)
        assert {target for _, target in wants["aliases"]} <= set(wants["choices"])
