"""Two runs against each other: numbers by other arithmetic, equal runs, flips, reports alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rsbench.harness.comparable import NotComparable
from rsbench.harness.compared_page import page
from rsbench.harness.comparison import Comparison, compare
from rsbench.harness.contract import Figure, Region
from rsbench.harness.errors import UsageError
from rsbench.harness.result import Result, open_result

from .two_runs import SCENES, harbours, questions, run, scenes

DRAWS = 400


def answers(seed: int, right: float) -> list[str]:
    rng = np.random.default_rng(seed)
    opposite = {"yes": "no", "no": "yes"}
    gold = [sample.target.texts[0] for sample in questions()]
    return [word if rng.random() < right else opposite[word] for word in gold]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Result]:
    folder = tmp_path_factory.mktemp("runs")
    before = run(folder / "a", "vqa", questions(), answers(1, 0.6))
    return before, run(folder / "b", "vqa", questions(), answers(2, 0.9), checkpoint="c" * 64)


@pytest.fixture(scope="module")
def compared(both: tuple[Result, Result]) -> Comparison:
    return compare(*both, ["rsvqa/strict/OA", "rsvqa/strict/type: *"], DRAWS, seed=5)


def right(seed: int, share: float) -> Any:
    gold = [sample.target.texts[0] for sample in questions()]
    return np.array([said == word for said, word in zip(answers(seed, share), gold, strict=True)], float)


def drawn(pictures: int, draws: int, seed: int) -> Any:
    """How often every picture is drawn: (draws, pictures)."""
    rng = np.random.default_rng(seed)
    return np.array(
        [np.bincount(rng.integers(0, pictures, pictures), minlength=pictures) for _ in range(draws)]
    )


def test_figures_are_those_of_a_bootstrap_by_hand(compared: Comparison) -> None:
    first, second = right(1, 0.6), right(2, 0.9)
    weights = np.repeat(drawn(40, DRAWS, 5), 3, axis=1)
    kinds = np.array([sample.target.kind for sample in questions()])
    rows = {
        "rsvqa/strict/OA": kinds != "",
        "rsvqa/strict/type: comp": kinds == "comp",
        "rsvqa/strict/type: presence": kinds == "presence",
    }
    assert [figure.figure for figure in compared.figures] == list(rows)
    p_values = []
    for figure in compared.figures:
        own = rows[figure.figure]
        values = (weights[:, own] @ (second - first)[own]) / weights[:, own].sum(1)
        fewer = min((values <= 0).sum(), (values >= 0).sum())
        p_values.append(min(1.0, 2 * (1 + fewer) / (1 + DRAWS)))
        assert (figure.first, figure.second) == pytest.approx((first[own].mean(), second[own].mean()))
        assert figure.difference is not None
        assert figure.difference.value == pytest.approx((second - first)[own].mean())
        around = figure.difference.low, figure.difference.high
        assert around == pytest.approx(tuple(np.quantile(values, [0.025, 0.975])))
        assert figure.difference.p == pytest.approx(p_values[-1])
    order = np.argsort(p_values, kind="stable")
    least, adjusted = 0.0, {}
    for rank, place in enumerate(order):
        least = max(least, min(1.0, (3 - rank) * p_values[place]))
        adjusted[int(place)] = least
    assert [figure.adjusted for figure in compared.figures] == pytest.approx([adjusted[k] for k in range(3)])
    assert (compared.samples, compared.groups, compared.paired) == (120, 40, True)


def test_mcnemar_is_the_binomial_test(compared: Comparison) -> None:
    from scipy.stats import binomtest, chi2

    first, second = right(1, 0.6), right(2, 0.9)
    lost, won = int((first > second).sum()), int((second > first).sum())
    assert compared.mcnemar is not None
    assert (compared.mcnemar.first_only, compared.mcnemar.second_only) == (lost, won)
    assert compared.mcnemar.exact == pytest.approx(binomtest(lost, lost + won).pvalue)
    assert compared.mcnemar.chi2 == pytest.approx(chi2.sf((abs(lost - won) - 1) ** 2 / (lost + won), 1))


def test_slices_add_up_and_flips_are_the_answers_that_changed(compared: Comparison) -> None:
    first, second = right(1, 0.6), right(2, 0.9)
    sar = np.array([sample.tags["sensor"] == "SAR" for sample in questions()])
    found = {(part.tag, part.value): part for part in compared.slices}
    assert set(found) == {
        ("sensor", "SAR"), ("sensor", "optical"), ("question type", "comp"), ("question type", "presence"),
    }  # fmt: skip
    part = found["sensor", "SAR"]
    assert part.difference is not None and part.few and part.adjusted is None and part.pictures == 10
    assert part.difference.value == pytest.approx((second - first)[sar].mean())
    assert not found["sensor", "optical"].few and found["sensor", "optical"].adjusted is not None
    total = (second - first).mean()
    for tag in ("sensor", "question type"):
        own = [part.contribution for part in compared.slices if part.tag == tag]
        assert sum(own) == pytest.approx(total)
    shares = [abs(part.contribution) for part in compared.slices]
    assert shares == sorted(shares, reverse=True)
    states = {1.0: "right", 0.0: "wrong"}
    changed = {
        sample.id: (states[a], states[b])
        for sample, a, b in zip(questions(), first, second, strict=True)
        if a != b
    }
    assert {flip.sample: flip.change for flip in compared.flips} == changed
    assert compared.changes is not None and sum(compared.changes.values()) == 120
    assert compared.differs == (
        ("arguments: answers", "a.jsonl", "b.jsonl"),
        ("checkpoint", "none", "c" * 64),
    )


def test_equal_runs_do_not_differ(both: tuple[Result, Result]) -> None:
    same = compare(both[0], both[0], ["*"], 100)
    assert {(f.difference.value, f.difference.p) for f in same.figures if f.difference} == {(0.0, 1.0)}
    assert {figure.adjusted for figure in same.figures if figure.difference} == {1.0}
    assert not same.flips and not same.differs and not same.left_out
    assert same.draws == 80 * len(same.figures)


def test_the_order_of_a_ledger_changes_nothing(both: tuple[Result, Result], tmp_path: Path) -> None:
    samples, said = questions()[::-1], answers(2, 0.9)[::-1]
    turned = run(tmp_path / "b", "vqa", samples, said, checkpoint="c" * 64)
    before, after = (compare(both[0], other, resamples=100) for other in (both[1], turned))
    assert before.figures == after.figures
    assert [flip.sample for flip in before.flips] == [flip.sample for flip in after.flips]
    assert [flip.gain for flip in before.flips] == sorted(flip.gain for flip in before.flips)


def test_without_figures_it_is_the_headline_and_an_unknown_one_is_named(both: tuple[Result, Result]) -> None:
    found = compare(*both, resamples=100, details=False)
    assert [figure.figure for figure in found.figures] == ["rsvqa/strict/OA"] == [found.shown]
    assert not found.slices and not found.flips and found.changes is None
    with pytest.raises(UsageError, match="no figure that both have 'rsvqa/strict/OB'"):
        compare(*both, ["rsvqa/strict/OB"], resamples=100)


def test_a_report_alone_is_compared_by_its_interval(both: tuple[Result, Result]) -> None:
    from scipy.stats import norm

    ledger = both[1].ledger
    assert ledger is not None
    found = compare(both[0], open_result(ledger.folder / "report.json"), resamples=100)
    (figure,) = found.figures
    stated = [{f.name: f for f in result.report.figures}[figure.figure] for result in both]
    widths = [f.high - f.low for f in stated if f.high is not None and f.low is not None]
    error = np.sqrt(widths[0] ** 2 + widths[1] ** 2) / (2 * norm.ppf(0.975))
    assert not found.paired and not found.flips and not found.slices and figure.difference is not None
    assert figure.difference.value == pytest.approx(right(2, 0.9).mean() - right(1, 0.6).mean())
    assert figure.difference.high - figure.difference.low == pytest.approx(2 * norm.ppf(0.975) * error)
    assert figure.difference.p == pytest.approx(
        max(2 / 1001, 2 * norm.cdf(-abs(figure.difference.value) / error))
    )


def test_answers_count_even_where_the_report_says_otherwise(tmp_path: Path) -> None:
    first = run(tmp_path / "a", "images", scenes(6), [SCENES[n % 3] for n in range(6)], SCENES)
    second = run(tmp_path / "b", "images", scenes(6), ["beach"] * 6, SCENES)
    assert second.report.headline.value == pytest.approx(1 / 3)
    boasting = replace(second.report, figures=first.report.figures, headline=first.report.headline)
    (figure,) = compare(first, replace(second, report=boasting), resamples=100).figures
    assert (figure.first, figure.second) == pytest.approx((1.0, 1 / 3))
    alone = replace(first, ledger=None)
    (figure,) = compare(alone, replace(second, report=boasting), resamples=100).figures
    assert (figure.first, figure.second) == pytest.approx((1.0, 1 / 3))
    assert figure.difference is not None and figure.difference.value == pytest.approx(-2 / 3)


def test_answers_that_are_gone_are_noticed(tmp_path: Path) -> None:
    first = run(tmp_path / "a", "images", scenes(6), ["beach"] * 6, SCENES)
    second = run(tmp_path / "b", "images", scenes(6), ["beach"] * 6, SCENES)
    assert second.ledger is not None
    place = second.ledger.folder / "responses.jsonl"
    place.write_text("".join(place.read_text(encoding="utf-8").splitlines(keepends=True)[:-1]))
    with pytest.raises(NotComparable, match="incomplete: 1 of 6 questions have no answer"):
        compare(first, second, resamples=100)


def seen(*, ship: bool = True, second: bool = True, plane: bool = True, ghost: bool = False) -> list[Region]:
    boxes = [(ship, "ship", 0.0), (second, "ship", 100.0), (plane, "plane", 200.0), (ghost, "plane", 150.0)]
    return [Region((x, 0.0, x + 50, 50.0), label, 0.9) for there, label, x in boxes if there]


def test_boxes_found_and_lost_and_the_classes_they_are_of(tmp_path: Path) -> None:
    before = [seen(plane=n % 4 > 0) for n in range(40)]
    after = [seen(second=n % 2 > 0, ghost=n % 8 == 0) for n in range(40)]
    classes = ("ship", "plane")
    first = run(tmp_path / "a", "voc", harbours(), before, classes)
    second = run(tmp_path / "b", "voc", harbours(), after, classes)
    found = compare(first, second, resamples=100)
    assert found.shown == "all classes/mAP@0.50/voc07/given" and found.mcnemar is None
    assert found.objects == (90, 20, 10, 0)
    lost = {flip.sample: (flip.lost, flip.won) for flip in found.flips}
    assert lost["h0"] == (1, 1) and lost["h2"] == (1, 0) and "h1" not in lost
    parts = {part.value: part for part in found.slices if part.tag == "class"}
    for result, side in ((first, "first"), (second, "second")):
        table = result.report.details["detection"]["all classes"]["classes"]
        for name, part in parts.items():
            assert getattr(part, side) == pytest.approx(table[name]["AP@0.50/voc07"])
            assert part.samples == table[name]["objects"]


def test_less_is_better_where_the_figure_says_so(tmp_path: Path) -> None:
    before = [seen(ghost=n % 2 == 0) for n in range(12)]
    first = run(tmp_path / "a", "voc", harbours(12), before, ("ship", "plane"))
    second = run(tmp_path / "b", "voc", harbours(12), [seen()] * 12, ("ship", "plane"))
    spread = "all classes/mAP_nc@0.50/voc07/orders/sd/given"
    found = compare(first, second, [spread, "all classes/precision@0.50/given"], resamples=100)
    less, more = sorted(found.figures, key=lambda figure: figure.higher_is_better)
    assert (less.figure, less.higher_is_better, more.higher_is_better) == (spread, False, True)
    assert less.difference is not None and less.difference.value < 0 and less.gain == -less.difference.value
    assert more.difference is not None and more.gain == more.difference.value > 0
    assert "(less is better)" in page([found], 0)
    assert "is worse" not in page([replace(found, shown=spread)], 0).splitlines()[0]


def test_figures_under_a_confidence_that_one_lacks_are_left_out(tmp_path: Path) -> None:
    samples, classes = harbours(4), ("ship", "plane")
    scored = run(tmp_path / "a", "voc", samples, [seen()] * 4, classes)
    bare = [replace(region, score=None) for region in seen()]
    unscored = run(tmp_path / "b", "voc", samples, [bare] * 4, classes, confidences=("none",))
    names = ["all classes/F1-public@0.50"]
    found = compare(scored, unscored, names, resamples=100)
    assert "all classes/mAP@0.50/voc07/given" in found.left_out and names[0] not in found.left_out
    with pytest.raises(NotComparable, match=r"They share no figure of their headlines[\s\S]*such as 'all cl"):
        compare(scored, unscored, resamples=100)


def test_a_figure_that_is_not_the_headline_of_both_is_said_to_be_none(tmp_path: Path) -> None:
    made = run(tmp_path / "a", "voc", harbours(4), [seen()] * 4, ("ship", "plane"))
    report = replace(made.report, spec={**made.report.spec, "confidences": ["clip-score"]})
    given, rated = (Figure(f"v/AP@0.50/voc07/{name}", 0.5, 0.4, 0.6) for name in ("given", "clip-score"))
    first = Result("a", replace(report, figures=(given, rated), details={"shown": given.name}), None)
    second = Result("b", replace(report, figures=(rated,), details={"shown": rated.name}), None)
    found = compare(first, second)
    note = f"The headlines are {given.name} and {rated.name}; compared is {rated.name}, which both have."
    assert (found.shown, found.left_out, note in found.notes) == (rated.name, (given.name,), True)
    assert f"Note: {note}" in page([found], 0)
    assert note not in compare(second, second).notes + compare(first, second, ["v/*"]).notes


def test_unparsable_answers_are_a_state_of_their_own(tmp_path: Path) -> None:
    first = run(tmp_path / "a", "images", scenes(4), ["airport", "beach", "forest", "beach"], SCENES)
    second = run(tmp_path / "b", "images", scenes(4), ["airport", "", "airport", ""], SCENES)
    found = compare(first, second, resamples=100)
    assert found.unparsable == (0, 2)
    changes = {flip.sample: flip.change for flip in found.flips}
    assert changes == {
        "s1": ("right", "unparsable"), "s2": ("right", "wrong"), "s3": ("wrong", "unparsable"),
    }  # fmt: skip
