"""The middle of a conversion: what fits, what does not, and the table of it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from rsbench.harness.errors import ModelError
from rsbench.reference_model.config import Config
from rsbench.reference_model.convert.parts import LANGUAGE, Parts, check, table
from rsbench.reference_model.lazy import Lazy, lazy
from rsbench.reference_model.model import EarthGPT
from rsbench.reference_model.tokenizer import Tokenizer

HERE = Path("here")


@pytest.fixture(scope="module")
def tensors(text_model: EarthGPT) -> dict[str, Lazy]:
    return {name: lazy(tensor) for name, tensor in text_model.state_dict().items()}


def test_a_whole_model_and_a_language_model_fit(
    tensors: dict[str, Lazy], tiny: Config, tokenizer: Tokenizer
) -> None:
    whole = Parts(tensors, tiny, tiny.language, tokenizer)
    check(whole, HERE)
    alone = whole.only(LANGUAGE)
    assert alone.config is None and alone.language == tiny.language
    assert alone.tensors.keys() == {n for n in tensors if n.startswith(LANGUAGE)}
    check(alone, HERE)


def test_what_does_not_fit_is_named(tensors: dict[str, Lazy], tiny: Config, tokenizer: Tokenizer) -> None:
    wrong = {**tensors, "fusion.proj.2.weight": lazy(torch.ones(1)), "start_img": lazy(torch.ones(2))}
    del wrong["language.model.norm.weight"]
    for parts in (Parts(wrong, tiny, tiny.language), Parts(wrong, None, tiny.language).only(LANGUAGE)):
        with pytest.raises(ModelError, match=r"here do not make a model: .*model\.norm\.weight is missing"):
            check(parts, HERE)
    with pytest.raises(
        ModelError, match=r"fusion.proj.2.weight is not known; .*start_img is \(2,\), not \(1, 1, 32\)"
    ):
        check(Parts(wrong, tiny, tiny.language), HERE)
    from dataclasses import replace

    small = replace(tiny.language, vocab_size=399)
    cut = {
        n: t.part(0, 0, 399) if t.shape[0] == 400 else t for n, t in tensors.items() if n.startswith(LANGUAGE)
    }
    with pytest.raises(ModelError, match="tokenizer has 400 tokens, the language model 399"):
        check(Parts(cut, None, small, tokenizer), HERE)


def test_numbers_too_large_for_a_type_are_an_error() -> None:
    parts = Parts({"a": lazy(torch.tensor([1.0, 70000.0])), "n": lazy(torch.tensor([70000]))})
    small = parts.cast(torch.float16)
    assert small.tensors["a"].dtype == torch.float16 and small.tensors["n"].dtype == torch.int64
    with pytest.raises(ModelError, match="a has values that float16 cannot hold") as caught:
        small.tensors["a"].read()
    assert "bf16" in str(caught.value)
    assert parts.cast(torch.bfloat16).tensors["a"].read().isfinite().all()
    infinite = Parts({"a": lazy(torch.tensor([float("inf")]))}).cast(torch.float16)
    assert infinite.tensors["a"].read().isinf().all()  # it was before


def test_the_table_counts_every_part_once(tensors: dict[str, Lazy], text_model: EarthGPT) -> None:
    rows = {line[:17].strip(): line[17:].split() for line in table(tensors).splitlines()[2:]}
    assert list(rows) == ["language model", "projection", "DINOv2", "ConvNeXt", "rest of the CLIP", "all"]
    counts = [int(row[1].replace(",", "")) for row in rows.values()]
    assert sum(counts[:-1]) == counts[-1] == sum(t.numel() for t in text_model.state_dict().values())
    assert counts[2] == sum(p.numel() for p in text_model.encoders.vit.parameters())
    assert rows["all"][0] == str(len(tensors)) and rows["all"][-1] == "float32"
    assert "other" in table({"a": lazy(torch.ones(1))})
