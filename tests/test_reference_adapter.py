"""EarthGPT through the harness's door: pictures in, text out, and one broken picture that stays alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pictures
from torch import Tensor

from rsbench.harness.contract import Boxes, Decoding, Frame, Image, Mask, Request, Runtime, Text, Turn
from rsbench.harness.errors import ModelError, UsageError
from rsbench.harness.roles import Adapter
from rsbench.reference_model.adapter import EarthGPTAdapter
from rsbench.reference_model.checkpoint import digest
from rsbench.reference_model.model import EarthGPT, Seen
from rsbench.reference_model.tokenizer import Tokenizer

SHORT = Decoding(max_new_tokens=8)


@pytest.fixture(scope="module")
def adapter(text_folder: Path) -> EarthGPTAdapter:
    return EarthGPTAdapter({"checkpoint": str(text_folder)}, Runtime())


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Image]:
    folder = tmp_path_factory.mktemp("pictures")
    rng = np.random.default_rng(0)
    colour = rng.integers(0, 256, (40, 60, 3), dtype=np.uint8)
    Pictures.fromarray(colour).save(folder / "a.png")
    deep = (rng.integers(0, 4096, (50, 50)) + 1000).astype(np.uint16)
    Pictures.fromarray(deep).save(folder / "deep.tif")
    (folder / "broken.png").write_bytes((folder / "a.png").read_bytes()[:100])
    return {name: Image(name, str(folder / name)) for name in ("a.png", "deep.tif", "broken.png", "gone.png")}


def request(image: Image, **changes: Any) -> Request:
    plain = Request("key", "sample", (image,), Text("Is there a ship?"), "Is there a ship?", SHORT)
    return replace(plain, **changes)


def test_a_picture_is_answered_with_tokens_and_its_frame(
    adapter: EarthGPTAdapter, pictures: dict[str, Image], tokenizer: Tokenizer
) -> None:
    assert isinstance(adapter, Adapter)
    (answer,) = adapter.generate([request(pictures["a.png"])])
    assert answer.error is None and (answer.key, answer.sample_id) == ("key", "sample")
    assert answer.text == "".join(token.text for token in answer.tokens) and answer.text
    assert answer.frame == Frame.padded_square(60, 40, 64)
    asked = "Be brief.\n\n### Human: Is there a ship?\n### Assistant:"
    assert answer.tokens_in == 1 + 7 + len(tokenizer.encode(asked)) and 0 < answer.tokens_out <= 8
    assert answer.seconds > 0 and all(token.logprob <= 0 for token in answer.tokens)
    (silent,) = adapter.generate([request(pictures["a.png"], decoding=replace(SHORT, logprobs=False))])
    assert silent.text == answer.text and silent.tokens == ()


def test_a_broken_picture_is_an_error_of_its_own(
    adapter: EarthGPTAdapter, pictures: dict[str, Image]
) -> None:
    names = ("broken.png", "a.png", "gone.png", "deep.tif")
    requests = [request(pictures[name], key=name) for name in names]
    answers = adapter.generate(requests)
    assert [a.key for a in answers] == [r.key for r in requests]
    assert [a.error is None for a in answers] == [False, True, False, True]
    assert "broken.png" in str(answers[0].error) and "gone.png" in str(answers[2].error)
    assert answers[0].text is None
    for name, answer in (("a.png", answers[1]), ("deep.tif", answers[3])):
        (alone,) = adapter.generate([request(pictures[name])])
        assert answer.text == alone.text
    assert answers[1].text != answers[3].text
    assert adapter.generate(requests[:1])[0].error == answers[0].error  # nothing usable at all


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"wants": Mask("the ship")}, "mask"),
        ({"images": ()}, "one picture, not at 0"),
        ({"images": (Image("a", "a"), Image("b", "b"))}, "one picture, not at 2"),
    ],
)
def test_what_it_cannot_do_is_an_error(
    adapter: EarthGPTAdapter, pictures: dict[str, Image], changes: dict[str, Any], said: str
) -> None:
    good, bad = request(pictures["a.png"]), request(pictures["a.png"], **changes)
    answered, refused = adapter.generate([good, bad])
    assert answered.error is None and said in str(refused.error)


def test_each_answer_has_its_own_limit(adapter: EarthGPTAdapter, pictures: dict[str, Image]) -> None:
    limits = (2, 8)
    requests = [request(pictures["a.png"], decoding=replace(SHORT, max_new_tokens=n)) for n in limits]
    short, long = adapter.generate(requests)
    assert short.tokens_out == 2 < long.tokens_out
    assert short.text and str(long.text).startswith(short.text)


def test_earlier_turns_are_part_of_the_conversation(
    adapter: EarthGPTAdapter, pictures: dict[str, Image], tokenizer: Tokenizer
) -> None:
    earlier = request(pictures["a.png"], turns=(Turn("Where?", "Here."), Turn("Sure?", "Yes.")))
    (answer,) = adapter.generate([earlier])
    conversation = (
        "Be brief.\n\n### Human: Where?\n### Assistant: Here.\n### Human: Sure?\n### Assistant: Yes.\n"
        "### Human: Is there a ship?\n### Assistant:"
    )
    assert answer.tokens_in == 1 + 7 + len(tokenizer.encode(conversation))
    (plain,) = adapter.generate([request(pictures["a.png"])])
    assert answer.text != plain.text
    # the same text as one question is the same conversation
    inside = conversation.removeprefix("Be brief.\n\n### Human: ").removesuffix("\n### Assistant:")
    (literal,) = adapter.generate([request(pictures["a.png"], prompt=inside)])
    assert literal.text == answer.text


def test_a_temperature_samples_and_the_key_is_the_seed(text_folder: Path, pictures: dict[str, Image]) -> None:
    warm = replace(SHORT, temperature=1.5)
    requests = [request(pictures["a.png"], key=f"key {i}", decoding=warm) for i in range(6)]
    adapter = EarthGPTAdapter({"checkpoint": str(text_folder)}, Runtime(seed=3))
    answers = [answer.text for answer in adapter.generate(requests)]
    assert len(set(answers)) > 3
    again = EarthGPTAdapter({"checkpoint": str(text_folder)}, Runtime(seed=3, batch_size=1))
    for place in (4, 0, 5):
        (alone,) = again.generate([requests[place]])
        assert alone.text == answers[place]
    other = EarthGPTAdapter({"checkpoint": str(text_folder)}, Runtime(seed=4))
    assert [answer.text for answer in other.generate(requests)] != answers
    (greedy,) = again.generate([request(pictures["a.png"])])
    sure = EarthGPTAdapter({"checkpoint": str(text_folder), "top_k": "1"}, Runtime(seed=3))
    assert {answer.text for answer in sure.generate(requests)} == {greedy.text}
    narrow = EarthGPTAdapter({"checkpoint": str(text_folder), "top_p": "0.000001"}, Runtime(seed=3))
    assert {answer.text for answer in narrow.generate(requests)} == {greedy.text}


def test_a_picture_is_looked_at_once(
    text_folder: Path, pictures: dict[str, Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    adapter = EarthGPTAdapter({"checkpoint": str(text_folder)}, Runtime())
    looked: list[int] = []
    see = EarthGPT.see

    def counting(model: EarthGPT, pixels: Tensor) -> Seen:
        looked.append(len(pixels))
        return see(model, pixels)

    monkeypatch.setattr(EarthGPT, "see", counting)
    questions = [request(pictures["a.png"], key=str(i), prompt=f"Question {i}?") for i in range(4)]
    together = adapter.generate([*questions, request(pictures["deep.tif"])])
    assert looked == [2]
    for question, answer in zip(questions, together, strict=False):
        (alone,) = adapter.generate([question])
        assert alone.text == answer.text and alone.frame == answer.frame
    assert looked == [2]


def test_a_stream_is_the_answer_in_parts(adapter: EarthGPTAdapter, pictures: dict[str, Image]) -> None:
    shown: list[str] = []
    streamed = adapter.stream(request(pictures["a.png"]), shown.append)
    (answer,) = adapter.generate([request(pictures["a.png"])])
    assert "".join(shown) == streamed.text == answer.text and len(shown) > 1
    assert replace(streamed, seconds=0.0) == replace(answer, seconds=0.0) and streamed.seconds > 0
    for image, wants, said in (("gone.png", Text("?"), "missing"), ("a.png", Mask("the ship"), "mask")):
        refused = adapter.stream(request(pictures[image], wants=wants), shown.append)
        assert said in str(refused.error) and refused.text is None
    assert "".join(shown) == answer.text


def test_an_answer_longer_than_the_model_is_an_error(
    adapter: EarthGPTAdapter, pictures: dict[str, Image]
) -> None:
    with pytest.raises(ModelError, match="an answer may have 512"):
        adapter.generate([request(pictures["a.png"], decoding=Decoding())])


def test_unknown_options_and_checkpoints_are_refused(tmp_path: Path, text_folder: Path) -> None:
    with pytest.raises(UsageError, match="checkpoint"):
        EarthGPTAdapter({"chekpoint": str(text_folder)}, Runtime())
    for option, value in (
        ("top_p", "much"),
        ("top_p", "0"),
        ("top_p", "nan"),
        ("top_k", "1.5"),
        ("top_k", "-1"),
    ):
        with pytest.raises(UsageError, match=option if value in ("0", "nan", "-1") else value):
            EarthGPTAdapter({option: value}, Runtime())
    with pytest.raises(ModelError, match="no checkpoint folder"):
        EarthGPTAdapter({"checkpoint": str(tmp_path / "none")}, Runtime())


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_localisation_by_proposals_is_said(
    proposals_folder: Path, adapter: EarthGPTAdapter, pictures: dict[str, Image], dtype: str
) -> None:
    pointing = EarthGPTAdapter({"checkpoint": str(proposals_folder)}, Runtime(dtype=dtype))
    assert pointing.note is not None and "proposals" in pointing.note and adapter.note is None
    assert pointing.checkpoint == digest(proposals_folder)
    (answer,) = pointing.generate([request(pictures["a.png"], wants=Boxes(("ship",)))])
    assert answer.error is None and answer.text is not None
