"""Files of torch.save: their tensors are read, their code is not run."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from rsbench.harness.errors import ModelError
from rsbench.reference_model.convert.pickles import read_tensors


class Trap:
    """Pickles to a call that would leave a mark."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, (self.mark,)  # type: ignore[return-value]  # the mark is what touch is called with


@pytest.mark.parametrize("nest", [None, "model", "state_dict"])
def test_tensors_are_found_flat_or_nested(tmp_path: Path, nest: str | None) -> None:
    state = {"module.a": torch.arange(6.0).view(2, 3), "b": torch.ones(2, dtype=torch.bfloat16)}
    torch.save({nest: state, "epoch": 3} if nest else state, tmp_path / "x.pth")
    found = read_tensors(tmp_path / "x.pth")
    assert found["a"].shape == (2, 3) and found["b"].dtype == torch.bfloat16
    assert torch.equal(found["a"].read(), state["module.a"])


def test_safetensors_are_read_too(tmp_path: Path) -> None:
    save_file({"a": torch.ones(2)}, tmp_path / "x.safetensors")
    assert torch.equal(read_tensors(tmp_path / "x.safetensors")["a"].read(), torch.ones(2))


def test_a_file_with_code_in_it_is_refused_and_not_run(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    torch.save({"model": {"a": torch.ones(1)}, "args": Trap(mark)}, tmp_path / "evil.pth")
    with pytest.raises(ModelError, match="evil.pth holds more than tensors") as caught:
        read_tensors(tmp_path / "evil.pth")
    assert "Only weights are read" in str(caught.value) and not mark.exists()
    torch.load(tmp_path / "evil.pth", weights_only=False)
    assert mark.exists()  # or it would have been no trap


def test_what_holds_no_tensors_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="There is no"):
        read_tensors(tmp_path / "absent.pth")
    (tmp_path / "text.pth").write_text("weights")
    (tmp_path / "plain.pth").write_bytes(pickle.dumps({"a": 1}))
    torch.save({"a": torch.ones(1000)}, tmp_path / "cut.pth")
    (tmp_path / "cut.pth").write_bytes((tmp_path / "cut.pth").read_bytes()[:2000])
    torch.save({"a": torch.ones(1)}, tmp_path / "old.pth", _use_new_zipfile_serialization=False)
    for name in ("text", "plain", "cut", "old"):
        with pytest.raises(ModelError, match=f"{name}.pth cannot be read"):
            read_tensors(tmp_path / f"{name}.pth")
    torch.save([torch.ones(1)], tmp_path / "list.pth")
    with pytest.raises(ModelError, match="no named tensors"):
        read_tensors(tmp_path / "list.pth")
    torch.save({"a": torch.ones(1), "step": 3}, tmp_path / "mixed.pth")
    with pytest.raises(ModelError, match="'step' in .* is no tensor"):
        read_tensors(tmp_path / "mixed.pth")
