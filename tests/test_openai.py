"""The adapter of an endpoint, against one on this machine that fails in every way real ones do."""

from __future__ import annotations

import base64
import io
import json
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import PIL.Image
import pytest

from rsbench.harness.adapters.openai import OpenAI
from rsbench.harness.contract import Decoding, Image, Request, Response, Runtime, Text, Turn
from rsbench.harness.errors import ModelError, UsageError

from .misbehaving_endpoint import Answer, Asked, Raw, chat, serving


def adapter(url: str, **options: str) -> OpenAI:
    return OpenAI({"url": url, "name": "tiny", "backoff": "0.001", **options}, Runtime())


def asked(count: int) -> list[Request]:
    return [Request(f"k{i}", f"s{i}", (), Text("?"), prompt=f"question {i}") for i in range(count)]


def say(answer: Answer, _: Asked) -> Answer:
    return answer


def echoing(echo: Answer, a: Asked) -> Answer:
    return echo if a.number else "yes"


def run(answer: Callable[[Asked], Answer], requests: Sequence[Request], **options: str) -> list[Response]:
    with serving(answer) as endpoint:
        return list(adapter(endpoint.url, **options).generate(requests))


def test_answers_with_counts_and_cost() -> None:
    with serving(lambda a: f"answer to {a.prompt}") as endpoint:
        model = adapter(endpoint.url, price_in="2", price_out="10")
        assert model.summary is None
        found = {r.sample_id: r for r in model.generate(asked(3))}
    assert {k: r.text for k, r in found.items()} == {f"s{i}": f"answer to question {i}" for i in range(3)}
    assert all(
        (r.tokens_in, r.tokens_out, r.error) == (10, 3, None) and r.seconds > 0 for r in found.values()
    )
    assert model.summary == "3 answers, 30 tokens in, 9 out, cost 0.0001"  # 30 * 2 + 9 * 10 millionths
    assert endpoint.paths == ["/v1/models"] and {a.path for a in endpoint.asked} == {"/v1/chat/completions"}


def test_the_whole_conversation_is_sent(tmp_path: Path) -> None:
    for name in "ab":
        PIL.Image.new("RGB", (8, 4), "red" if name == "a" else "blue").save(tmp_path / f"{name}.png")
    images = tuple(Image(f"{n}.png", str(tmp_path / f"{n}.png")) for n in "ab")
    decoding = Decoding(max_new_tokens=7, temperature=0.5, logprobs=True)
    turns = (Turn("how many?", "two"),)
    request = Request("k", "s", images, Text("?"), "where?", decoding, turns, system="Be brief.")
    with serving(lambda a: "here") as endpoint:
        options = {"detail": "high", "logprobs": "yes", "body": '{"top_p": 0.9, "stream": null}'}
        (response,) = adapter(endpoint.url, **options).generate([request])
    body = endpoint.asked[0].body
    assert {k: v for k, v in body.items() if k != "messages"} == {
        "model": "tiny", "max_tokens": 7, "temperature": 0.5, "logprobs": True, "top_p": 0.9,
    }  # fmt: skip
    system, first, said, last = body["messages"]
    assert system == {"role": "system", "content": "Be brief."}
    assert said == {"role": "assistant", "content": "two"} and last == {"role": "user", "content": "where?"}
    assert [part["type"] for part in first["content"]] == ["image_url", "image_url", "text"]
    assert first["content"][2]["text"] == "how many?" and first["content"][0]["image_url"]["detail"] == "high"
    seen = [part["image_url"]["url"].partition(",") for part in first["content"][:2]]
    assert {head for head, _, _ in seen} == {"data:image/png;base64"}
    pixels = [PIL.Image.open(io.BytesIO(base64.b64decode(data))).getpixel((0, 0)) for _, _, data in seen]
    assert pixels == [(255, 0, 0), (0, 0, 255)]
    assert response.frame is not None and (response.frame.width, response.frame.seen_height) == (8, 4)


def test_the_frame_is_of_the_picture_sent(tmp_path: Path) -> None:
    PIL.Image.new("RGB", (300, 100)).save(tmp_path / "a.png")
    request = Request("k", "s", (Image("a.png", str(tmp_path / "a.png")),), Text("?"), "where?")
    with serving(lambda a: "here") as endpoint:
        (response,) = adapter(endpoint.url, max_side="150", multiple="28", image="jpeg").generate([request])
    frame = response.frame
    assert frame is not None and (frame.width, frame.height) == (300, 100)
    assert (frame.seen_width, frame.seen_height) == (140, 56)  # 150 x 50 in multiples of 28
    assert frame.to_original((140, 56)) == pytest.approx((300, 100))
    url = endpoint.asked[0].body["messages"][0]["content"][0]["image_url"]["url"]
    picture = PIL.Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))
    assert (picture.format, picture.size) == ("JPEG", (140, 56))


def test_a_broken_or_heavy_picture_costs_itself(tmp_path: Path) -> None:
    noise = PIL.Image.effect_noise((64, 64), 90).convert("RGB")
    noise.save(tmp_path / "heavy.png")
    (tmp_path / "broken.png").write_bytes(b"no picture")
    images = [Image(name, str(tmp_path / name)) for name in ("heavy.png", "broken.png", "absent.png")]
    requests = [Request(f"k{i}", f"s{i}", (image,), Text("?"), "?") for i, image in enumerate(images)]
    found = {r.key: r.error for r in run(lambda a: "yes", [*requests, *asked(5)[4:]], max_bytes="1000")}
    assert found["k4"] is None and len(found) == 4
    assert "max_side" in str(found["k0"]) and "damaged" in str(found["k1"]) and "missing" in str(found["k2"])


@pytest.mark.parametrize(
    "failure",
    [
        429, 500, 502, 503, 504, 529, 408,
        Raw(b"<html>busy</html>"),
        Raw(b""),
        Raw(json.dumps(chat("yes")).encode()[:-20]),
        Raw(json.dumps(chat("yes")).encode(), length=5000),
        Raw(b"[]"),
        Raw(b"\xff\xfe"),
        Raw(b"[" * 100_000),
        {"choices": []},
        {"choices": None, "error": {"message": "overloaded"}},
        {"choices": [None]},
        {"choices": [{"index": 0}]},
        chat(None),
    ],
    ids=str,
)  # fmt: skip
def test_what_passes_is_tried_again(failure: Answer) -> None:
    def answer(a: Asked) -> Answer:
        return failure if a.number < 2 else "yes"

    (response,) = run(answer, asked(1), timeout="2")
    assert (response.text, response.error) == ("yes", None)


def test_when_patience_ends_it_is_an_error_of_that_request() -> None:
    def answer(a: Asked) -> Answer:
        return 503 if a.prompt == "question 1" else "yes"

    with serving(answer) as endpoint:
        found = {r.key: r for r in adapter(endpoint.url, retries="3").generate(asked(3))}
        tries = sum(a.prompt == "question 1" for a in endpoint.asked)
    assert tries == 4
    assert found["k1"].error == "It answered 503: status 503 (after 4 tries)" and found["k1"].text is None
    assert found["k0"].text == found["k2"].text == "yes"


def test_retry_after_is_respected() -> None:
    times: list[float] = []

    def answer(a: Asked) -> Answer:
        times.append(time.monotonic())
        return Raw(b"{}", 429, {"Retry-After": "0.3"}) if a.number == 0 else "yes"

    (response,) = run(answer, asked(1))
    assert response.text == "yes" and times[1] - times[0] >= 0.3
    hour = Raw(b"{}", 429, {"Retry-After": "3600"})
    started = time.monotonic()
    (response,) = run(lambda a: hour if a.number < 1 else "yes", asked(1), patience="1")
    assert response.error and "429" in response.error and time.monotonic() - started < 1


def test_waits_double_and_are_the_same_for_a_seed() -> None:
    waits = [adapter("http://h/v1", backoff="1")._wait("k", i) for i in range(9)]
    assert waits == [adapter("http://h/v1", backoff="1")._wait("k", i) for i in range(9)]
    assert all(2**i <= w <= 1.5 * 2**i for i, w in enumerate(waits[:6])) and max(waits) <= 90
    assert sum(waits[:6]) > 60  # a minute of 429 is outlasted
    assert waits != [adapter("http://h/v1", backoff="1")._wait("other", i) for i in range(9)]


def test_a_slow_endpoint_and_one_that_drips() -> None:
    slow = Raw(json.dumps(chat("late")).encode(), hang=0.5)
    started = time.monotonic()
    (response,) = run(lambda a: slow if a.number == 0 else "yes", asked(1), timeout="0.15")
    assert response.text == "yes" and time.monotonic() - started < 1
    (response,) = run(lambda a: slow, asked(1), timeout="0.1", retries="1")
    assert response.error and "timeout=SECONDS" in response.error and "2 tries" in response.error


@pytest.mark.parametrize(("status", "said"), [(400, "too long"), (413, "too large"), (422, "no such field")])
def test_a_refused_request_is_its_own_error(status: int, said: str) -> None:
    def answer(a: Asked) -> Answer:
        body = json.dumps({"error": {"message": said, "code": "bad"}}).encode()
        return Raw(body, status) if a.prompt == "question 1" else "yes"

    with serving(answer) as endpoint:
        found = {r.key: r for r in adapter(endpoint.url).generate(asked(3))}
    assert found["k1"].error == f"It answered {status}: {said}" and len(endpoint.asked) == 3
    assert found["k0"].text == found["k2"].text == "yes"


def test_filtered_cut_refused_and_parted_answers() -> None:
    answers: list[Answer] = [
        chat("half", finish_reason="content_filter"),
        chat("cut", finish_reason="length"),
        chat(None, finish_reason="length"),
        chat(None, message={"role": "assistant", "content": None, "refusal": "I cannot."}),
        chat(None, message={"content": [{"type": "text", "text": "in "}, {"type": "text", "text": "parts"}]}),
        chat(""),
    ]
    with serving(lambda a: answers[int(a.prompt.split()[1])]) as endpoint:
        model = adapter(endpoint.url)
        found = {r.key: r for r in model.generate(asked(6))}
    assert found["k0"].error and "content_filter" in found["k0"].error and found["k0"].text is None
    texts = [found[f"k{i}"].text for i in range(1, 6)]
    assert texts == ["cut", "", "I cannot.", "in parts", ""]
    assert model.summary and model.summary.endswith("2 cut at the limit of tokens")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (401, "key"),
        (404, "no such model or path"),
        (405, "no such model or path"),
        (402, "nothing left to spend"),
        (Raw(b'{"error": {"code": "insufficient_quota", "message": "pay"}}', 429), "nothing left to spend"),
        (Raw(b'{"error": {"code": "model_not_found", "message": "x"}}', 400), "no such model"),
        (Raw(b'{"message": "The model `tiny` does not exist."}', 400), "no such model"),
        (Raw(b"", 307, {"Location": "http://me:pw@other/v1?s=1"}), "redirects to http://other/v1"),
    ],
    ids=str,
)
def test_what_cannot_work_ends_the_run_at_once(answer: Answer, said: str) -> None:
    with serving(lambda a: answer) as endpoint, pytest.raises(ModelError, match=said) as caught:
        list(adapter(endpoint.url, concurrency="1").generate(asked(5)))
    assert len(endpoint.asked) == 1 and caught.value.hint and caught.value.exit_code == 4


def test_a_wrong_model_name_is_told_the_right_ones() -> None:
    models = {"data": [{"id": "llava"}, {"id": "qwen"}, "odd"]}
    with serving(lambda a: 404, models) as endpoint, pytest.raises(ModelError) as caught:
        list(adapter(endpoint.url).generate(asked(1)))
    assert "It serves: llava, qwen." in str(caught.value)


def test_nothing_at_the_address() -> None:
    with serving(lambda a: "yes") as endpoint:
        pass
    started = time.monotonic()
    with pytest.raises(ModelError, match="Nothing answers at http://127.0.0.1"):
        list(adapter(endpoint.url, backoff="60").generate(asked(2)))
    assert time.monotonic() - started < 5
    with pytest.raises(ModelError, match="Nothing answers"):
        list(adapter("http://no-such-host.invalid/v1").generate(asked(1)))


def test_the_models_need_not_be_listed() -> None:
    for models in (404, Raw(b"<html>"), {"data": "none"}, 500, 403):
        with serving(lambda a: "yes", models) as endpoint:
            assert [r.text for r in adapter(endpoint.url).generate(asked(1))] == ["yes"]


def test_a_key_that_is_refused_is_said_before_anything_is_asked() -> None:
    with serving(lambda a: "yes", 401) as endpoint, pytest.raises(ModelError, match="OPENAI_API_KEY"):
        list(adapter(endpoint.url).generate(asked(1)))
    assert endpoint.asked == []


def test_an_endpoint_that_answers_nothing_stops_the_run() -> None:
    with serving(lambda a: Raw(b"<html>wrong place</html>")) as endpoint:
        with pytest.raises(ModelError, match=r"There is no answer.*web page"):
            list(adapter(endpoint.url, retries="1", concurrency="2").generate(asked(20)))
        assert len(endpoint.asked) <= 8
    with serving(lambda a: 400) as endpoint, pytest.raises(ModelError, match="There is no answer"):
        list(adapter(endpoint.url, concurrency="2").generate(asked(20)))


def test_an_endpoint_that_dies_stops_the_run_and_keeps_what_was_answered() -> None:
    """Four answers, then 503 for all: the run ends; asked again, the rest is answered."""
    got: list[Response] = []
    with serving(lambda a: "yes" if a.number < 4 else 503) as endpoint:
        with pytest.raises(ModelError, match="answers no more") as caught:
            for response in adapter(endpoint.url, retries="1", concurrency="2").generate(asked(20)):
                got.append(response)
    assert "same command" in str(caught.value)
    assert sum(r.text == "yes" for r in got) == 4


def test_eight_are_under_way_and_answers_come_as_they_arrive() -> None:
    """The first answer is the slowest: the others are there before it, never more than 8 at once."""
    first = threading.Event()

    def answer(a: Asked) -> Answer:
        if a.prompt == "question 0":
            first.wait(5)
        else:
            time.sleep(0.01)
        return "yes"

    with serving(answer) as endpoint:
        running = adapter(endpoint.url, concurrency="8").generate(asked(64))
        before = [next(iter(running)).key for _ in range(63)]
        assert "k0" not in before
        first.set()
        assert [r.key for r in running] == ["k0"]
    assert endpoint.most == 8


def test_an_interrupt_loses_nothing_that_was_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    from rsbench.harness.adapters.openai_crew import Crew

    with serving(lambda a: "yes") as endpoint:
        model = adapter(endpoint.url, concurrency="4")
        real = Crew.next

        def interrupted(crew: Crew[object]) -> object:
            time.sleep(0.3)  # all four have answered by now
            raise KeyboardInterrupt

        got = []
        monkeypatch.setattr(Crew, "next", interrupted)
        with pytest.raises(KeyboardInterrupt):
            for response in model.generate(asked(10)):
                got.append(response.text)
        assert got == ["yes"] * 4
        monkeypatch.setattr(Crew, "next", real)


def test_log_probabilities_of_parts_of_characters() -> None:
    def row(token: str, raw: bytes | None, logprob: float = -0.5) -> dict[str, object]:
        return {"token": token, "logprob": logprob, "bytes": None if raw is None else list(raw)}

    deer = "é".encode()
    good = [row("caf", b"caf"), row("\\xc3", deer[:1], -1.0), row("\\xa9", deer[1:]), row("</s>", b"")]
    bad = [row("something", b"else")]
    nan = [row("café", None, float("nan"))]
    for rows, count in (
        (good, 3),
        (bad, 0),
        (nan, 0),
        ([1], 0),
        ([row("café", None), row("<end>", None)], 1),
    ):
        answer = chat("café", logprobs={"content": rows})
        (response,) = run(partial(say, answer), asked(1), logprobs="yes")
        assert len(response.tokens) == count and response.text == "café"
        assert not count or "".join(t.text for t in response.tokens) == "café"


def test_the_key_comes_from_the_environment_and_goes_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-1")
    monkeypatch.setenv("OTHER", "sk-secret-2")
    for name, secret in (("OPENAI_API_KEY", "sk-secret-1"), ("OTHER", "sk-secret-2")):
        echo = Raw(json.dumps({"error": {"message": f"bad key {secret}"}}).encode(), 400)
        with serving(partial(echoing, echo)) as endpoint:
            model = adapter(endpoint.url, key_env=name, concurrency="1")
            responses = list(model.generate(asked(2)))
        assert endpoint.asked[0].headers["Authorization"] == f"Bearer {secret}"
        assert secret not in repr((responses, model.arguments, model.summary))
        assert responses[1].error == "It answered 400: bad key ***"
    monkeypatch.delenv("OPENAI_API_KEY")
    with serving(lambda a: "yes") as endpoint:
        list(adapter(endpoint.url).generate(asked(1)))
        list(adapter(endpoint.url.replace("127", "me:p%40ss@127", 1) + "?api-version=7").generate(asked(1)))
    assert "Authorization" not in endpoint.asked[0].headers
    basic = base64.b64encode(b"me:p@ss").decode()
    assert endpoint.asked[1].headers["Authorization"] == f"Basic {basic}"
    assert endpoint.asked[1].path == "/v1/chat/completions?api-version=7"


def test_a_spec_keeps_what_answers_depend_on_and_no_secret() -> None:
    model = OpenAI(
        {
            "url": "http://me:pw@h:1/v1?key=x", "name": "o/m", "max_side": "512", "timeout": "5",
            "retries": "1", "concurrency": "2", "patience": "9", "backoff": "1", "price_in": "1",
            "key_env": "K", "dialect": "plain",
        },
        Runtime(),
    )  # fmt: skip
    assert model.arguments == {"max_side": "512", "name": "o/m", "url": "http://h:1/v1"}
    assert (model.dialect, model.checkpoint) == ("plain", None)


@pytest.mark.parametrize(
    "options",
    [
        {}, {"url": "http://h/v1"}, {"name": "m"}, {"url": "h:8000", "name": "m"},
        {"url": "file:///x", "name": "m"},
        *({"url": "http://h/v1", "name": "m", k: v} for k, v in (
            ("timeout", "0"), ("concurrency", "0"), ("retries", "x"), ("image", "gif"), ("detail", "x"),
            ("logprobs", "maybe"), ("body", "[1]"), ("body", "{"), ("api_key", "sk"), ("max_side", "1.5"),
        )),
    ],
)  # fmt: skip
def test_options_that_cannot_be(options: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        OpenAI(options, Runtime())
