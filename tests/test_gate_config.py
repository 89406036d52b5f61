"""The gate's file: what it may hold, and how everything else is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from rsbench.harness.errors import UsageError
from rsbench.harness.gate_config import FigureRule, GateConfig, parse_config, read_config
from rsbench.harness.verbs.gate import EXAMPLE

LEAST = "figures: [{figure: headline, points: 1}]\n"


def parsed(text: str) -> GateConfig:
    return parse_config(text, "gate.yaml")


def test_the_example_is_a_gate_file_that_says_the_defaults() -> None:
    config = read_config(EXAMPLE)
    least = parsed(LEAST)
    assert config.figures == (FigureRule("headline", ("*",), 1.0, None, True),) == least.figures
    assert (config.unparsable_most, config.unparsable_rise) == (10.0, 1.0)
    assert (least.unparsable_most, least.unparsable_rise) == (None, None)
    for name in ("significance", "samples", "missing", "paired", "resamples"):
        assert getattr(config, name) == getattr(least, name) == getattr(GateConfig(()), name)


def test_the_commented_rules_of_the_example_are_rules_too() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    code = [line.replace("  # - ", "  - ").replace("  #   ", "    ") for line in lines]
    rules = parsed("\n".join(line for line in code if not line.strip().startswith("#"))).figures
    assert [rule.figure for rule in rules] == ["headline", "*/AP@0.50/area*", "macro *"]
    assert rules[1].percent == 2.0 and rules[1].tasks == ("mar20", "mar20_obb") and not rules[2].chance


def test_every_key_is_read() -> None:
    config = parsed(
        "figures:\n- {figure: top-1, percent: 2, tasks: 'm*'}\n- {figure: OA, points: 0.5, chance: true}\n"
        "chance: false\nsignificance: 0.01\nsamples: 5\nunparsable: {rise: 2}\nmissing: allow\n"
        "paired: false\nresamples: 500\n"
    )
    first, second = config.figures
    assert (first.percent, first.points, first.tasks, first.chance) == (2.0, None, ("m*",), False)
    assert second.chance and second.points == 0.5
    assert config == GateConfig((first, second), 0.01, 5, None, 2.0, "allow", False, 500)


def test_which_figures_and_tasks_a_rule_is_for() -> None:
    known = {"OA": 0.5, "AP[x]": 0.4, "b/top-1": 0.2, "c/top-1": None}
    assert FigureRule("headline", ("*",), 1, None, True).names(known, "OA") == ["OA"]
    assert FigureRule("AP[x]", ("*",), 1, None, True).names(known, "OA") == [
        "AP[x]"
    ]  # a name before a pattern
    assert FigureRule("*/top-1", ("*",), 1, None, True).names(known, "OA") == ["b/top-1"]
    assert FigureRule("c/top-1", ("*",), 1, None, True).names(known, "OA") == ["c/top-1"]
    assert FigureRule("TOP-1", ("*",), 1, None, True).names(known, "OA") == []
    some = FigureRule("OA", ("mar20*", "clrs"), 1, None, True)
    assert [some.covers(task) for task in ("mar20", "mar20_obb", "clrs", "aid")] == [True, True, True, False]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "gate.yaml is empty where a mapping"),
        ("[]", "gate.yaml is a list where a mapping"),
        ("just words", "gate.yaml is 'just words' where a mapping"),
        ("figures: [", "is no YAML"),
        ("!!python/object/apply:os.system ['true']", "is no YAML"),
        ("[" * 1000, "is no YAML"),
        ("figures: []", "figures is a list; expected a list of 1 to 200 rules"),
        ("samples: 3", "figures is empty"),
        (LEAST + "smaples: 3", "There is no key of gate.yaml 'smaples'.\nDid you mean samples or"),
        (LEAST + "samples: 3\nsamples: 4", "stands 2 times"),
        (LEAST + "samples: true", "samples is True; expected a whole number"),
        (LEAST + "samples: 2.5", "samples is 2.5; expected a whole number"),
        (LEAST + "samples: 0x" + "f" * 9000, "samples is a whole number of 19 digits or more"),
        (LEAST + "significance: 0", "significance is 0.0; expected a number above 0"),
        (LEAST + "significance: .nan", "significance is nan"),
        (LEAST + "missing: maybe", "missing is 'maybe'; expected refuse or allow"),
        (LEAST + "paired: 1", "paired is 1; expected true or false"),
        (LEAST + "unparsable: 5", "unparsable is 5; expected a mapping"),
        (LEAST + "unparsable: {mots: 5}", "Did you mean most?"),
        (LEAST + "unparsable: {most: 101}", "unparsable.most is 101; expected a number from 0 to 100"),
        (LEAST + "2024-01-01: x", "There is no key of gate.yaml 'a date'"),
        ("figures: [top-1]", "figures[1] is 'top-1'; expected a mapping"),
        ("figures: [{figure: OA}]", "figures[1] has neither points nor percent"),
        ("figures: [{figure: OA, points: 1, percent: 1}]", "figures[1] has points and percent"),
        ("figures: [{figure: OA, points: -1}]", "figures[1].points is -1"),
        ("figures: [{figure: OA, points: .inf}]", "figures[1].points is inf"),
        ("figures: [{figure: OA, points: '1'}]", "figures[1].points is '1'; expected a number"),
        ("figures: [{figure: [a], points: 1}]", "figures[1].figure is a list"),
        ("figures: [{points: 1}]", "figures[1].figure is empty"),
        ("figures: [{figure: OA, points: 1, tasks: []}]", "figures[1].tasks is a list"),
        ("figures: [{figure: OA, points: 1, tasks: [1]}]", "figures[1].tasks is a list"),
        ("figures: [{figure: OA, points: 1, task: mar20}]", "Did you mean tasks?"),
    ],
)
def test_what_is_no_gate_file(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        parsed(text)
    assert said in str(caught.value) and len(str(caught.value)) < 600


def test_shared_parts_of_a_file_that_never_end_are_not_written_out() -> None:
    """Ten levels of ten references each: a message must not spell them."""
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 11)]
    with pytest.raises(UsageError) as caught:
        parsed("\n".join([*levels, "figures: *a10"]))
    assert len(str(caught.value)) < 600


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    latin = tmp_path / "latin.yaml"
    latin.write_bytes(b"figures: \xff\xfe\x00")
    large = tmp_path / "large.yaml"
    large.write_bytes(b"#" * 2_000_000)
    for path in (latin, large, tmp_path, tmp_path / "none.yaml"):
        with pytest.raises(UsageError):
            read_config(path)
    marked = tmp_path / "marked.yaml"
    marked.write_bytes(b"\xef\xbb\xbf" + LEAST.replace("\n", "\r\n").encode())
    assert read_config(marked) == parsed(LEAST)
