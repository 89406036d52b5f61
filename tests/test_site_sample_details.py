"""What a page shows of an opened sample: literal prompts and answers of every turn, boxes, cuts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rsbench.harness.contract import Boxes, Image, Region, Response, Sample, Target, Text, Turn, Wants
from rsbench.harness.conversation import next_request, with_answer
from rsbench.harness.dialects.plain import Plain
from rsbench.harness.ledger import Appender, start
from rsbench.harness.metrics.detection import Detection
from rsbench.harness.outcomes import outcomes
from rsbench.harness.result import Result
from rsbench.harness.roles import Dialect
from rsbench.harness.score import score, survey
from rsbench.harness.site.sample_details import LONGEST, MOST, details, said, shortened
from rsbench.harness.site.seen import Seen

from .test_ledger import spec
from .test_score import Fixed

SHIP = Region((10.0, 20.0, 30.0, 40.0), "ship")


class TwoTurns(Fixed):
    """How many, and then where."""

    def request(self, sample: Sample, history: Sequence[Turn]) -> Wants | None:
        return (Text("How many?"), self._wants, None)[len(history)]


def seen(folder: Path, task: Fixed, dialect: Dialect | None, *responses: Response) -> Seen:
    ledger = start(folder, spec(), ("ship",), task.samples(), [], {})
    with Appender(ledger, "responses.jsonl") as appender:
        for response in responses:
            appender.response(response)
    surveyed = survey(ledger, task, dialect)
    report = score(ledger, task, dialect, resamples=10)
    return Seen(Result("run", report, ledger), ledger, task, dialect, surveyed, tuple(outcomes(surveyed)))


def rows(found: Seen) -> list[dict[str, Any]]:
    made = [details(found, outcome, said(found)) for outcome in found.outcomes]
    json.dumps(made, allow_nan=False)
    return made


def boats(kind: type[Fixed] = Fixed, **parts: Any) -> Fixed:
    image = Image("a.png", "", size=(100, 100))
    sample = Sample("a", (image,), Target(regions=(SHIP,), size=(100, 100)), **parts)
    metric = Detection({"ships": {"ship": "ship"}}, thresholds=(0.5,))
    return kind([sample], Boxes(("ship",)), metric, "ships/AP@0.50/voc07/given")


def test_prompts_of_all_turns_are_those_that_were_asked(tmp_path: Path) -> None:
    dialect = Plain()
    task = boats(TwoTurns)
    first = Response("k1", "a", text="One.", seconds=0.25, tokens_in=3, tokens_out=2)
    second = Response("k2", "a", text='[{"label": "ship", "box": [10, 20, 30, 40]}]')
    (row,) = rows(seen(tmp_path, task, dialect, first, second))
    assert [turn["answer"] for turn in row["turns"]] == [first.text, second.text]
    assert "How many?" in row["turns"][0]["prompt"]
    assert row["turns"][0]["read"]["text"] == "One."
    assert (row["turns"][0]["seconds"], row["turns"][0]["tokens"]) == (0.25, [3, 2])
    asked = next_request(task, dialect, task.samples()[0], ())
    assert asked is not None
    then = next_request(task, dialect, task.samples()[0], with_answer(asked, first))
    assert then is not None and row["turns"][1]["prompt"] == then.prompt != asked.prompt


def test_a_turn_that_failed_or_was_not_reached_says_so(tmp_path: Path) -> None:
    first = Response("k1", "a", text="One.")
    (row,) = rows(seen(tmp_path / "a", boats(TwoTurns), Plain(), first))
    assert [turn.get("error") for turn in row["turns"]] == [None, "not asked yet"]
    (row,) = rows(seen(tmp_path / "b", boats(TwoTurns), Plain(), Response("k1", "a", error="no memory")))
    assert [turn.get("error") for turn in row["turns"]] == ["no memory"]
    assert (row["state"], row["evidence"], row["objects"]) == (
        "failed",
        None,
        [["asked", "ship", [10, 20, 30, 40]]],
    )


def test_boxes_stand_with_their_verdicts_and_what_is_no_box_has_no_points(tmp_path: Path) -> None:
    odd = Region((float("nan"),) * 4, "ship", 0.3)
    turned = Region((50.0, 50.004, 60.0, 50.0, 60.0, 60.0, 50.0, 60.0), "ship", float("inf"))
    reply = Response("k", "a", regions=(Region(SHIP.points, "ship", 0.5), odd, turned))
    (row,) = rows(seen(tmp_path, boats(regions=(Region((1, 2, 3, 4), ""),)), None, reply))
    assert row["objects"] == [["found", "ship", [10, 20, 30, 40]]]
    assert row["boxes"] == [
        ["true", "ship", [10, 20, 30, 40], 0.5],
        ["false", "ship", [], 0.3],
        ["false", "ship", [50, 50, 60, 50, 60, 60, 50, 60], None],
    ]
    assert row["pointers"] == [[1, 2, 3, 4]]
    assert row["turns"][0]["asked"] == "horizontal boxes of: ship"
    assert json.loads(row["evidence"])["gold"] == {"area": [400.0], "ignored": [0]}


def test_long_texts_and_long_lists_are_cut_and_say_so(tmp_path: Path) -> None:
    reply = Response("k", "a", text="y" * 1_000_000)
    (row,) = rows(seen(tmp_path / "a", boats(), Plain(), reply))
    (turn,) = row["turns"]
    assert turn["answer"].startswith("y" * LONGEST) and len(turn["answer"]) < LONGEST + 60
    assert turn["answer"].endswith("(the first 4,000 of 1,000,000 characters)")
    many = Response("k", "a", regions=(Region((0, 0, 5, 5), "ship", 0.1),) * (MOST + 5))
    (row,) = rows(seen(tmp_path / "b", boats(), None, many))
    assert len(row["boxes"]) == MOST
    assert row["cut"] == ["The first 1,000 of 1,005 boxes of the answer are shown."]
    assert shortened("short") == "short"


def test_an_answer_that_is_not_understood_keeps_the_reason(tmp_path: Path) -> None:
    (row,) = rows(seen(tmp_path, boats(), Plain(), Response("k", "a", text="[1, 2, 3]")))
    reason = Plain().parse("[1, 2, 3]", Boxes(("ship",)), None).unparsable
    assert reason and row["turns"][0]["read"] == {"unparsable": reason}
    assert (row["state"], row["boxes"]) == ("unparsable", [])
