"""The sentence encoder: against sentence-transformers' numbers, and on a toy model of random weights."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from rsbench.harness.errors import ModelError
from rsbench.harness.metrics import similarity
from rsbench.harness.metrics.similarity import SentenceEncoder, find_encoder

# printed by sentence-transformers 5 for the same weights
KNOWN = {
    ("airplane", "aircraft"): 0.8955388,
    ("storage tank", "tank"): 0.7299817,
    ("a red car on the street", "ship"): 0.0669228,
    ("baseball field", "baseball diamond"): 0.6280749,
    ("ship", "ship"): 1.0,
}


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the same form with a tiny BERT."""
    folder = tmp_path_factory.mktemp("encoder")
    torch = pytest.importorskip("torch")
    from safetensors.torch import save_file
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from transformers import BertConfig, BertModel

    words = {word: i for i, word in enumerate(("[PAD]", "[UNK]", "ship", "large", "vehicle"))}
    config = BertConfig(
        vocab_size=5, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = BertModel(config)
    save_file(model.state_dict(), folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(config.to_dict()))
    tokenizer = Tokenizer(WordLevel(words, "[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.enable_padding(length=12)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def test_the_mean_of_the_last_layer(toy: Path) -> None:
    import torch
    from safetensors.torch import load_file
    from transformers import BertConfig, BertModel

    model = BertModel(BertConfig.from_json_file(str(toy / "config.json")))
    model.train(False)
    model.load_state_dict(load_file(toy / "model.safetensors"))
    with torch.no_grad():
        states = model(torch.tensor([[3, 2, 0]]), attention_mask=torch.tensor([[1, 1, 0]])).last_hidden_state
    mean = states[0, :2].mean(0).numpy()  # padding left out
    vector = SentenceEncoder(toy).vector("large ship")
    assert vector == pytest.approx(mean / np.linalg.norm(mean), abs=1e-6)
    assert vector @ vector == pytest.approx(1.0, abs=1e-12)


def test_cosine(toy: Path) -> None:
    encoder = SentenceEncoder(toy)
    assert encoder.cosine("ship", "ship") == pytest.approx(1.0)
    assert encoder.cosine("ship", "vehicle") == encoder.cosine("vehicle", "ship") < 1
    assert np.isfinite(encoder.vector("ship " * 1000)).all()  # cut, not refused


def test_equals_sentence_transformers() -> None:
    folder = find_encoder()
    if folder is None:
        pytest.skip("the package with all-MiniLM-L6-v2 is not installed")
    encoder = SentenceEncoder(folder)
    for pair, expected in KNOWN.items():
        assert encoder.cosine(*pair) == pytest.approx(expected, abs=1e-5)


def test_folders(tmp_path: Path, toy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_encoder(toy) == toy
    with pytest.raises(ModelError, match=r"no config.json and no model.safetensors and no tokenizer.json"):
        find_encoder(tmp_path)
    for name in similarity.FILES:
        (tmp_path / name).write_text("{}")
    with pytest.raises(ModelError, match="cannot be read"):
        SentenceEncoder(tmp_path)
    monkeypatch.setattr(similarity, "PACKAGE", "no_such_package")
    assert find_encoder() is None
