"""Caption metrics against the golden values of pycocoevalcap, and what happens to broken input."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rsbench.harness.contract import Answer, Evidence, Target
from rsbench.harness.errors import UsageError
from rsbench.harness.metrics import caption as module
from rsbench.harness.metrics.caption import Caption
from rsbench.harness.metrics.meteor_process import aligner

OURS = {
    "Bleu_1": "BLEU-1",
    "Bleu_2": "BLEU-2",
    "Bleu_3": "BLEU-3",
    "Bleu_4": "BLEU-4",
    "METEOR": "METEOR",
    "ROUGE_L": "ROUGE-L",
    "CIDEr": "CIDEr-D",
}
JAVA = shutil.which("java") is not None


def observed(
    metric: Caption, said: Sequence[str | None], true: Sequence[Sequence[str]]
) -> Sequence[Evidence]:
    targets = [Target(texts=tuple(texts)) for texts in true]
    return metric.observe_all(targets, [Answer(text=text) for text in said])


def evidence(said: Sequence[str], true: Sequence[Sequence[str]]) -> list[dict[str, Any]]:
    return [{"hyp": caption, "refs": list(texts)} for caption, texts in zip(said, true, strict=True)]


@pytest.fixture(scope="module")
def golden(shared: Path) -> Any:
    """The golden file; METEOR's process then knows the paraphrases of all its words."""
    text = (shared / "golden" / "captions.json").read_text()
    examples = shared / "data" / "nlg-eval_examples" / "examples"
    if program := aligner():
        program.close()
        program.statistics(["a"], [[text, *(path.read_text() for path in examples.iterdir())]])
    return json.loads(text)


def check(figures: Mapping[str, Any], expected: Mapping[str, Any], meteor: bool = True) -> None:
    for theirs, ours in OURS.items():
        if theirs in expected and (meteor or theirs != "METEOR"):
            assert figures[ours] == pytest.approx(expected[theirs], abs=1e-9), ours


def test_golden_corpus_and_images(golden: Any) -> None:
    names = list(golden["hyps"])
    metric = Caption(meteor=JAVA, spice=False)
    seen = observed(metric, list(golden["hyps"].values()), [golden["refs"][name] for name in names])
    assert [e["hyp"] for e in seen] == [golden["tokenised"]["hyps"][name] for name in names]
    assert [e["refs"] for e in seen] == [golden["tokenised"]["refs"][name] for name in names]
    tally = metric.tally(json.loads(json.dumps(seen)))
    check(tally.figures(), golden["scores"]["corpus"], JAVA)
    single = tally.per_sample()
    for row, name in enumerate(names):
        check({k: v[row] for k, v in single.items()}, golden["scores"]["per_image"][name], JAVA)


def test_golden_single_image(golden: Any) -> None:
    tokens = golden["tokenised"]
    metric = Caption(meteor=False, spice=False)
    alone = evidence([tokens["hyps"]["img00"]], [tokens["refs"]["img00"]])
    check(metric.tally(alone).figures(), golden["single_image"], meteor=False)


@pytest.mark.parametrize(("case", "tokenizer"), [("no_tokeniser", "none"), ("lower_only", "lower-unstopped")])
def test_golden_other_tokenizers(golden: Any, case: str, tokenizer: str) -> None:
    metric = Caption(tokenizer, meteor=JAVA, spice=False)
    seen = observed(metric, list(golden["hyps"].values()), list(golden["refs"].values()))
    check(metric.tally(seen).figures(), golden[case], JAVA)


@pytest.fixture(scope="module")
def edges(golden: Any) -> dict[str, Any]:
    """The edge cases observed at once: each a set of two images, the case itself and "a green river"."""
    cases = golden["edge_cases"]
    said = ["plane " * 300 if name == "very long" else case["hyp"] for name, case in cases.items()]
    true = [golden["refs"]["img00"], golden["refs"]["img10"]]
    seen = observed(
        Caption(meteor=JAVA, spice=False), [*said, "a green river"], [true[0]] * len(said) + true[1:]
    )
    return {name: [e, seen[-1]] for name, e in zip(cases, seen, strict=False)}


def test_golden_edge_cases(golden: Any, edges: dict[str, Any]) -> None:
    metric = Caption(meteor=JAVA, spice=False)
    for name, pair in edges.items():
        case = golden["edge_cases"][name]
        if name != "very long":  # the file holds only its end
            assert pair[0]["hyp"] == case["tokens"], name
        tally = metric.tally(pair)
        whole = {f"Bleu_{k + 1}": value for k, value in enumerate(case["Bleu"]["corpus"])}
        single = {f"Bleu_{k + 1}": value for k, value in enumerate(case["Bleu"]["image_a"])}
        for key in ("METEOR", "ROUGE_L", "CIDEr"):
            whole[key], single[key] = case[key]["corpus"], case[key]["image_a"]
        check(tally.figures(), whole, JAVA)
        check({k: v[0] for k, v in tally.per_sample().items()}, single, JAVA)


def test_nlg_eval_examples(shared: Path, golden: Any) -> None:
    folder = shared / "data" / "nlg-eval_examples" / "examples"
    said, *true = (path.read_text().splitlines() for path in sorted(folder.iterdir()))
    metric = Caption("none", meteor=JAVA, spice=False)
    figures = metric.tally(observed(metric, said, list(zip(*true, strict=True)))).figures()
    expected = {"Bleu_1": 0.55, "Bleu_2": 0.428174, "Bleu_3": 0.284043, "Bleu_4": 0.201143}
    expected |= {"METEOR": 0.295797, "ROUGE_L": 0.522104, "CIDEr": 1.242192}
    for theirs, value in expected.items():
        if JAVA or theirs != "METEOR":
            assert figures[OURS[theirs]] == pytest.approx(value, abs=6e-7)


PLAIN = Caption("none", meteor=False, spice=False)


def test_of_nothing_every_figure_is_none() -> None:
    metric = Caption("none")
    for seen in ([], [{"hyp": "a plane", "refs": []}]):
        figures = metric.tally(seen).figures()
        assert set(figures) == {*OURS.values(), "CIDEr/original", "SPICE"}
        assert set(figures.values()) == {None}
        assert metric.details(seen)["words"] == {"captions": None, "references": None}


def test_missing_references_are_left_out_and_counted() -> None:
    whole = evidence(["a plane", "a river"], [["a plane"], ["a long river", "river"]])
    seen = [whole[0], {"hyp": "what", "refs": []}, whole[1]]
    assert PLAIN.tally(seen).figures() == PLAIN.tally(whole).figures()
    assert PLAIN.details(seen)["without references"] == 1
    assert np.isnan(PLAIN.tally(seen).per_sample()["CIDEr-D"]).tolist() == [False, True, False]


@pytest.mark.parametrize("answer", [Answer(), Answer(unparsable="no words", raw="?"), Answer(text=" \n")])
def test_no_caption_scores_nothing(answer: Answer) -> None:
    gold = [Target(texts=("a plane on grass",)), Target(texts=("", "a river"))]
    seen = PLAIN.observe_all(gold, [answer, answer])
    figures = PLAIN.tally(seen).figures()
    assert all(value == 0 for value in figures.values())
    assert PLAIN.details(seen)["captions without words"] == 2


def test_one_sample_or_many_is_the_same_evidence() -> None:
    target, answer = Target(texts=("A plane.", "two")), Answer(text="a  plane")
    assert PLAIN.observe(target, answer) == PLAIN.observe_all([target], [answer])[0]


def test_weights_are_repetitions_under_the_same_rarity() -> None:
    whole = evidence(
        ["a plane on grass", "the river bends", "a small red plane"],
        [["a plane is on grass", "one plane"], ["a river bends here"], ["a red plane", "the plane is red"]],
    )
    tally = PLAIN.tally(whole)
    single = tally.per_sample()
    twice = tally.figures(np.array([2, 0, 1]))
    for name in ("CIDEr-D", "CIDEr/original", "ROUGE-L"):
        values = single[name]
        assert twice[name] == pytest.approx((2 * values[0] + values[2]) / 3, abs=1e-12)
    copies = PLAIN.tally([whole[0], whole[0], whole[2]]).figures()
    for name in ("BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "ROUGE-L"):
        assert twice[name] == pytest.approx(copies[name], abs=1e-12)
    assert set(tally.figures(np.zeros(3)).values()) == {None}


def test_resamples_are_single_weightings() -> None:
    generator = np.random.default_rng(3)
    whole = random_captions(generator, 12)
    for e in whole:
        e["meteor"] = "6 7 2 3 3 3 1 1" + " 0" * 12 + f" {generator.integers(1, 4)} 4 4"
        e["spice"] = float(generator.random())
    tally = Caption("none").tally(whole)
    weights = np.vstack([generator.multinomial(12, [1 / 12] * 12) for _ in range(5)] + [np.zeros(12, int)])
    drawn = tally.resampled(weights)
    for row, weight in enumerate(weights):
        for name, value in tally.figures(weight).items():
            if value is None:
                assert np.isnan(drawn[name][row])
            else:
                assert drawn[name][row] == pytest.approx(value, abs=1e-12)
    assert set(tally.resampled(weights, only="CIDEr-D")) == {"CIDEr-D"}


def test_order_of_samples_does_not_matter() -> None:
    whole = random_captions(np.random.default_rng(4), 20)
    forth, back = PLAIN.tally(whole).figures(), PLAIN.tally(whole[::-1]).figures()
    assert forth == pytest.approx(back, abs=1e-12)


def test_figures_not_computed_are_none_and_say_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_java", lambda: None)
    monkeypatch.setattr(module, "aligner", lambda: None)
    monkeypatch.setattr(module, "spice_needs", lambda: "needs Stanford CoreNLP")
    metric = Caption("none")
    assert metric.absent() == {"METEOR": "needs Java", "SPICE": "needs Stanford CoreNLP"}
    figures = metric.tally(observed(metric, ["a plane"], [["a plane"]])).figures()
    assert figures["METEOR"] is None and figures["SPICE"] is None
    assert figures["BLEU-1"] == pytest.approx(1)
    assert PLAIN.absent() == {}
    assert not {"METEOR", "SPICE"} & set(PLAIN.tally([]).figures())


def test_some_samples_without_meteor_make_it_undefined_where_they_count() -> None:
    same = "2 2 0 0 2 2 0 0" + " 0" * 12 + " 1 2 2"
    seen = [{"hyp": "a b", "refs": ["a b"], "meteor": same}, {"hyp": "a b", "refs": ["a b"]}]
    tally = Caption("none", spice=False).tally(seen)
    assert tally.figures()["METEOR"] is None
    assert tally.figures(np.array([1, 0]))["METEOR"] == pytest.approx(1)


def test_unknown_tokenizer() -> None:
    with pytest.raises(UsageError, match="caption tokenizer"):
        Caption("ptp")


def random_captions(generator: np.random.Generator, images: int) -> list[dict[str, Any]]:
    words = list("abcdefg")

    def sentence() -> str:
        return " ".join(generator.choice(words, generator.integers(0, 9)))

    return [
        {"hyp": sentence(), "refs": [sentence() for _ in range(generator.integers(1, 4))]}
        for _ in range(images)
    ]
