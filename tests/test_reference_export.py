"""The last stage: the states of the stages before, as one checkpoint."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from rsbench.reference_model.checkpoint import load
from rsbench.reference_model.config import Config
from rsbench.reference_model.export import export
from rsbench.reference_model.model import EarthGPT
from rsbench.reference_model.tokenizer import Tokenizer


def test_the_language_stage_ends_up_in_the_checkpoint(
    tiny_proposals: Config,
    proposals_model: EarthGPT,
    tokenizer: Tokenizer,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, step in (("encoders", 3), ("language", 7)):
        state = {"model": proposals_model.state_dict(), "step": step, "minutes": 1.25}
        torch.save(state, tmp_path / f"{name}.pt")
    folder = export(tiny_proposals, tokenizer, tmp_path, {})
    said = capsys.readouterr().out
    assert "encoders: 3 steps, 1.2 minutes" in said and "language: 7 steps" in said
    saved = proposals_model.state_dict()
    for name, tensor in load(folder).model.state_dict().items():
        assert torch.equal(tensor, saved[name].half().float()), name
