"""Models of transformers through the harness's door: six families of tiny random ones."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pictures

from rsbench.harness.adapters.hf import HuggingFace
from rsbench.harness.adapters.hugging_face.library import quiet
from rsbench.harness.contract import Decoding, Frame, Image, Request, Response, Runtime, Text, Turn
from rsbench.harness.dialects.plain import Plain
from rsbench.harness.errors import ModelError, UsageError
from rsbench.harness.roles import Adapter, Ahead

from . import tiny_models
from .tiny_models import hf

SHORT = Decoding(max_new_tokens=8)
SIZES = {"a.png": (60, 90), "b.png": (150, 100), "c.png": (64, 64)}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("checkpoints")
    return {name: make(root / name) for name, make in tiny_models.FAMILIES.items()}


@pytest.fixture(scope="module", params=list(tiny_models.FAMILIES))
def adapter(request: pytest.FixtureRequest, folders: dict[str, Path]) -> HuggingFace:
    return HuggingFace({"checkpoint": str(folders[request.param])}, Runtime())


@pytest.fixture(scope="module")
def qwen(folders: dict[str, Path]) -> HuggingFace:
    return HuggingFace({"checkpoint": str(folders["qwen2_5_vl"])}, Runtime())


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Image]:
    folder = tmp_path_factory.mktemp("pictures")
    rng = np.random.default_rng(0)
    for name, (width, height) in SIZES.items():
        pixels = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
        Pictures.fromarray(pixels).save(folder / name)
    (folder / "broken.png").write_bytes((folder / "a.png").read_bytes()[:100])
    names = (*SIZES, "broken.png", "gone.png")
    return {name: Image(name, str(folder / name)) for name in names}


def request(image: Image, prompt: str = "Is there a ship?", **changes: Any) -> Request:
    key = changes.pop("key", f"{image.name} {prompt}")
    return replace(Request(key, "sample", (image,), Text(prompt), prompt, SHORT), **changes)


def alike(one: Response, other: Response) -> None:
    """The same answer but for the time it took and the rounding of log-probabilities."""
    assert (one.text, one.error, one.frame, one.tokens_in, one.tokens_out) == (
        other.text, other.error, other.frame, other.tokens_in, other.tokens_out,
    )  # fmt: skip
    assert [t.text for t in one.tokens] == [t.text for t in other.tokens]
    for mine, its in zip(one.tokens, other.tokens, strict=True):
        assert math.isclose(mine.logprob, its.logprob, abs_tol=1e-4)


def test_a_batch_is_answered_as_its_requests_alone(adapter: HuggingFace, pictures: dict[str, Image]) -> None:
    """Of other lengths and sizes, with a broken picture and one that is gone among them."""
    assert isinstance(adapter, Adapter) and isinstance(adapter, Ahead)
    requests = [
        request(pictures["a.png"]),
        request(pictures["broken.png"]),
        request(pictures["b.png"], "How many airplanes are in the image, and which of them is the largest?"),
        request(pictures["gone.png"]),
        request(pictures["c.png"], "Why?"),
    ]
    adapter.ahead(requests)
    answers = adapter.generate(requests)
    assert [a.key for a in answers] == [r.key for r in requests]
    assert [a.error is None for a in answers] == [True, False, True, False, True]
    assert "broken.png" in str(answers[1].error) and "gone.png" in str(answers[3].error)
    assert len({a.text for a in answers if a.error is None}) == 3
    for asked, answer in zip(requests, answers, strict=True):
        alike(answer, adapter.generate([asked])[0])
        if answer.error is None:
            assert answer.text == "".join(t.text for t in answer.tokens)
            assert answer.tokens_out <= 8 and answer.seconds > 0 and answer.tokens_in > 0
            frame = answer.frame
            assert frame is not None and (frame.width, frame.height) == SIZES[asked.images[0].name]
    (silent,) = adapter.generate([replace(requests[0], decoding=replace(SHORT, logprobs=False))])
    assert silent.text == answers[0].text and silent.tokens == ()


def test_log_probabilities_are_the_models_own(adapter: HuggingFace, pictures: dict[str, Image]) -> None:
    """Against one pass of the model over prompt and answer, at once and without padding."""
    import torch

    asked = request(pictures["a.png"])
    (shown,) = adapter.shown([asked])
    (answer,) = adapter.generate([asked])
    model, processor = adapter._model, adapter._processor
    ids = list(shown.ids)
    for _ in range(answer.tokens_out):  # greedy, one whole pass a token
        picture = Pictures.open(asked.images[0].path).convert("RGB")
        with quiet():
            inputs = processor(images=[picture], text=[shown.prompt], return_tensors="pt", padding=True)
        inputs.pop("labels", None)
        new = torch.tensor([ids[len(shown.ids) :]], dtype=torch.long)
        grown = {k: v for k, v in inputs.items()}
        grown["input_ids"] = torch.cat([inputs["input_ids"], new], 1)
        for name, fill in (("attention_mask", 1), ("mm_token_type_ids", 0), ("token_type_ids", 1)):
            if name in inputs:
                grown[name] = torch.cat([inputs[name], torch.full_like(new, fill)], 1)
        with torch.inference_mode():
            logits = model(**grown).logits[0, -1].float()
        ids.append(int(logits.argmax()))
        place = len(ids) - len(shown.ids) - 1
        logprob = float(logits.log_softmax(-1).max())
        written = adapter._words.written(ids[len(shown.ids) :])
        if place in written:
            token = answer.tokens[written.index(place)]
            assert math.isclose(token.logprob, logprob, abs_tol=1e-4)
    assert adapter._words.text(ids[len(shown.ids) :]) == answer.text


def test_prompts_are_padded_on_the_left(adapter: HuggingFace, pictures: dict[str, Image]) -> None:
    requests = [request(pictures["c.png"], "Why?"), request(pictures["c.png"], "Why is it so? " * 4)]
    short, long = adapter.shown(requests)
    assert short.before == len(long.ids) - len(short.ids) > 0
    assert (short.behind, long.before, long.behind) == (0, 0, 0)
    (alone,) = adapter.shown(requests[:1])
    assert (alone.ids, alone.prompt, alone.before) == (short.ids, short.prompt, 0)


def test_the_dialect_and_digest(folders: dict[str, Path], adapter: HuggingFace) -> None:
    spoken = {"llava": "llava", "idefics3": "plain", "paligemma": "paligemma", "internvl": "internvl"}
    kind = Path(next(str(f) for f in folders.values() if f.name == adapter._template._name)).name
    assert adapter.dialect == spoken.get(kind) or str(adapter.dialect).startswith("qwen,generation=2")
    assert adapter.checkpoint is not None and len(adapter.checkpoint) == 64


def test_a_conversation_is_written_by_the_template(
    qwen: HuggingFace, folders: dict[str, Path], pictures: dict[str, Image]
) -> None:
    asked = request(
        pictures["a.png"], images=(pictures["a.png"], pictures["b.png"]), system="Be brief.",
        turns=(Turn("Which one?", "The left."), Turn("Sure?", "Yes.")),
    )  # fmt: skip
    mark = "<|vision_start|><|image_pad|><|vision_end|>"
    (shown,) = qwen.shown([asked])
    assert shown.prompt == (
        f"<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n{mark}{mark}Which one?<|im_end|>\n"
        "<|im_start|>assistant\nThe left.<|im_end|>\n<|im_start|>user\nSure?<|im_end|>\n"
        "<|im_start|>assistant\nYes.<|im_end|>\n<|im_start|>user\nIs there a ship?<|im_end|>\n"
        "<|im_start|>assistant\n"
    )
    assert shown.frame == Frame(60, 90, 56, 84, 56 / 60, 84 / 90)
    (answer,) = qwen.generate([asked])
    other = replace(asked, images=asked.images[::-1])
    assert answer.error is None and qwen.generate([other])[0].text != answer.text
    llava = HuggingFace({"checkpoint": str(folders["llava"])}, Runtime())
    (shown,) = llava.shown([replace(asked, images=asked.images[:1], turns=asked.turns[:1])])
    assert shown.prompt == (
        "Be brief. USER: <image>\nWhich one? ASSISTANT: The left.</s>USER: Is there a ship? ASSISTANT:"
    )
    bos = llava._processor.tokenizer.bos_token_id
    assert list(shown.ids).count(bos) == 1 and shown.ids[0] == bos


def test_pictures_and_no_pictures_in_one_batch(qwen: HuggingFace, pictures: dict[str, Image]) -> None:
    requests = [
        request(pictures["a.png"]),
        request(pictures["a.png"], "Hello?", images=()),
        request(pictures["a.png"], "Compare.", images=(pictures["a.png"], pictures["c.png"])),
    ]
    answers = qwen.generate(requests)
    assert [a.error for a in answers] == [None] * 3 and answers[1].frame is None
    for asked, answer in zip(requests, answers, strict=True):
        alike(answer, qwen.generate([asked])[0])


def test_each_answer_has_its_own_limit(qwen: HuggingFace, pictures: dict[str, Image]) -> None:
    limits = (2, 8)
    requests = [request(pictures["a.png"], decoding=replace(SHORT, max_new_tokens=n)) for n in limits]
    short, long = qwen.generate(requests)
    assert short.tokens_out == 2 < long.tokens_out and len(short.tokens) <= 2


def test_an_answer_ends_at_the_mark_of_an_ended_turn(
    folders: dict[str, Path], pictures: dict[str, Image]
) -> None:
    """Whichever of the three says so: generation_config, the tokenizer, the template."""
    adapter = HuggingFace({"checkpoint": str(folders["qwen2_5_vl"])}, Runtime())
    asked = request(pictures["b.png"], "How many?")
    (whole,) = adapter.generate([asked])
    assert whole.tokens_out == 8
    (end,) = adapter._generator.ends
    third = adapter._generator.answer(adapter._inputs(adapter._ready([asked], {})), [adapter._how(asked, 1)])
    stop = third[0].ids[2]
    adapter._generator.ends = frozenset({end, stop})
    (cut,) = adapter.generate([asked])
    assert cut.tokens_out == 3 and str(whole.text).startswith(str(cut.text).rstrip("\ufffd"))
    assert end == adapter._processor.tokenizer.convert_tokens_to_ids("<|im_end|>")


def test_a_prompt_that_is_too_long_is_an_error_of_its_own(tmp_path: Path, pictures: dict[str, Image]) -> None:
    import json

    folder = tiny_models.qwen2_5_vl(tmp_path / "m")
    config = json.loads((folder / "config.json").read_text())
    config["text_config"]["max_position_embeddings"] = 60
    (folder / "config.json").write_text(json.dumps(config))
    adapter = HuggingFace({"checkpoint": str(folder)}, Runtime())
    good, bad = request(pictures["a.png"], "Why?"), request(pictures["a.png"], "Why is it so? " * 9)
    answers = adapter.generate([bad, good])
    assert "60 positions" in str(answers[0].error) and answers[1].error is None
    alike(answers[1], adapter.generate([good])[0])
    (only,) = adapter.generate([bad])
    assert only.error == answers[0].error
    (filled,) = adapter.generate([replace(good, decoding=Decoding(512))])
    assert filled.tokens_in + filled.tokens_out == 60


def test_a_temperature_samples_and_the_key_is_the_seed(
    folders: dict[str, Path], pictures: dict[str, Image]
) -> None:
    warm = replace(SHORT, temperature=1.0)
    requests = [request(pictures["a.png"], key=f"key {i}", decoding=warm) for i in range(6)]
    options = {"checkpoint": str(folders["llava"])}
    adapter = HuggingFace(options, Runtime(seed=3))
    answers = [answer.text for answer in adapter.generate(requests)]
    assert len(set(answers)) > 3
    for place in (4, 0):
        assert adapter.generate([requests[place]])[0].text == answers[place]
    greedy = [request(pictures["a.png"], key=f"key {i}") for i in range(2)]
    mixed = adapter.generate([greedy[0], requests[1], greedy[1]])
    assert mixed[1].text == answers[1] and mixed[0].text == mixed[2].text
    other = HuggingFace(options, Runtime(seed=4))
    assert [answer.text for answer in other.generate(requests)] != answers


def test_draws_follow_the_softmax() -> None:
    """Gumbel's trick against the probabilities themselves: 1,500 draws of 4 outcomes."""
    import torch

    from rsbench.harness.adapters.hugging_face.generation import Asked, _Steps, seed_of

    scores = torch.log(torch.tensor([[0.1, 0.2, 0.3, 0.4]]))
    for temperature in (1.0, 2.0):
        counts = np.zeros(4)
        for i in range(1500):
            steps = _Steps([Asked(1, temperature, seed_of(str(i), 0))])
            counts[int(steps(torch.zeros(1, 1), scores).argmax())] += 1
            chosen = int(steps(torch.zeros(1, 1), scores).argmax())
            assert math.isclose(steps.logprobs()[0][1], math.log((chosen + 1) / 10), abs_tol=1e-5)
        powers = np.array([0.1, 0.2, 0.3, 0.4]) ** (1 / temperature)
        assert np.abs(counts / 1500 - powers / powers.sum()).max() < 0.04


def test_sampling_settings_of_a_checkpoint_change_nothing(
    folders: dict[str, Path], pictures: dict[str, Image], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tiny_models.qwen2_5_vl(tmp_path / "m")
    hf.GenerationConfig(
        do_sample=True, temperature=0.1, top_p=0.001, top_k=1, repetition_penalty=1.5, max_length=3,
        eos_token_id=[320, 7], pad_token_id=5,
    ).save_pretrained(folder)  # fmt: skip
    drawn = HuggingFace({"checkpoint": str(folder)}, Runtime())
    plain = HuggingFace({"checkpoint": str(folders["qwen2_5_vl"])}, Runtime())
    assert drawn._generator.ends == plain._generator.ends | {7, 320}
    capfd.readouterr()
    asked = [request(pictures[name]) for name in SIZES]
    for mine, its in zip(drawn.generate(asked), plain.generate(asked), strict=True):
        alike(mine, its)
    assert capfd.readouterr() == ("", "")
    assert drawn.checkpoint != plain.checkpoint


def test_bounds_on_pixels(folders: dict[str, Path], pictures: dict[str, Image]) -> None:
    options = {"checkpoint": str(folders["qwen2_5_vl"]), "min_pixels": "784", "max_pixels": "3136"}
    (answer,) = HuggingFace(options, Runtime()).generate([request(pictures["b.png"])])
    assert answer.frame is not None and (answer.frame.seen_width, answer.frame.seen_height) == (56, 28)
    small = {**options, "min_pixels": str(112 * 112), "max_pixels": str(280 * 280)}
    (answer,) = HuggingFace(small, Runtime()).generate([request(pictures["a.png"])])
    assert answer.frame is not None and (answer.frame.seen_width, answer.frame.seen_height) == (112, 140)
    with pytest.raises(UsageError, match="no min_pixels"):
        HuggingFace({"checkpoint": str(folders["llava"]), "min_pixels": "784"}, Runtime())


@pytest.mark.parametrize("attention", ["eager", "sdpa"])
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_types_and_kernels(
    folders: dict[str, Path], pictures: dict[str, Image], dtype: str, attention: str
) -> None:
    options = {"checkpoint": str(folders["llava"]), "attention": attention}
    adapter = HuggingFace(options, Runtime(dtype=dtype))
    assert str(adapter._model.dtype) == f"torch.{dtype}"
    (answer,) = adapter.generate([request(pictures["a.png"])])
    assert answer.error is None and answer.text
    assert all(token.logprob <= 0 for token in answer.tokens)


def test_layers_spread_over_devices(folders: dict[str, Path], pictures: dict[str, Image]) -> None:
    options = {"checkpoint": str(folders["llava"])}
    plain = HuggingFace(options, Runtime())
    spread = HuggingFace({**options, "device_map": "auto"}, Runtime())
    asked = request(pictures["a.png"])
    alike(spread.generate([asked])[0], plain.generate([asked])[0])


def test_an_answer_is_read_by_a_dialect(qwen: HuggingFace, pictures: dict[str, Image]) -> None:
    (answer,) = qwen.generate([request(pictures["a.png"])])
    assert answer.text is not None
    assert Plain().parse(answer.text, Text("Is there a ship?"), answer.frame).text == answer.text.strip()


def test_a_system_prompt_that_has_no_place_is_an_error(
    folders: dict[str, Path], pictures: dict[str, Image]
) -> None:
    adapter = HuggingFace({"checkpoint": str(folders["paligemma"])}, Runtime())
    asked = request(pictures["a.png"])
    for changes in ({"system": "Be brief."}, {"turns": (Turn("Where?", "Here."),)}):
        with pytest.raises(ModelError, match="one question at a time"):
            adapter.generate([replace(asked, **changes)])
