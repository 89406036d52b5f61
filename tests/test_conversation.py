"""The next request of a conversation: what the model sees of a sample, and what it said before."""

from __future__ import annotations

from collections.abc import Sequence

from rsbench.harness.contract import Decoding, Image, Region, Response, Sample, Target, Text, Turn, Wants
from rsbench.harness.conversation import next_request, with_answer
from rsbench.harness.dialects.plain import Plain
from rsbench.harness.roles import Metric

SAMPLE = Sample(
    "s", (Image("a.png", "", size=(9, 9)),), Target(label="ship"), regions=(Region((1, 2, 3, 4), ""),)
)


class Twice:
    """Asks, then asks about the answer."""

    name, version, headline = "twice", 1, ""
    metrics: tuple[Metric, ...] = ()

    def samples(self) -> Sequence[Sample]:
        return [SAMPLE]

    def request(self, sample: Sample, history: Sequence[Turn]) -> Wants | None:
        return Text(f"Sure of {history[-1].answer}?" if history else "What?") if len(history) < 2 else None


def test_a_conversation_remembers_its_questions_as_they_were_worded() -> None:
    first = next_request(Twice(), Plain(), SAMPLE, (), Decoding(7))
    assert first is not None and first.prompt.startswith("What? [1, 2, 3, 4]") and first.turns == ()
    assert (first.key, first.regions, first.decoding.max_new_tokens) == ("", SAMPLE.regions, 7)
    history = with_answer(first, Response("k", "s", text="a boat"))
    second = next_request(Twice(), Plain(), SAMPLE, history)
    assert second is not None and second.turns == (Turn(first.prompt, "a boat"),)
    assert second.wants == Text("Sure of a boat?")
    assert next_request(Twice(), Plain(), SAMPLE, with_answer(second, Response("k", "s"))) is None


def test_without_a_dialect_there_is_no_wording() -> None:
    request = next_request(Twice(), None, SAMPLE, ())
    assert request is not None and request.prompt == "" and request.wants == Text("What?")
    assert with_answer(request, Response("k", "s", label="ship")) == (Turn("", ""),)
