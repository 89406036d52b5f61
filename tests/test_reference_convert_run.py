"""One conversion from end to end: options that go together, types, shards, and nothing half-written."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from rsbench.harness.errors import ModelError, UsageError
from rsbench.reference_model.checkpoint import digest, load
from rsbench.reference_model.convert import run
from rsbench.reference_model.convert.run import Wish, convert
from rsbench.reference_model.lazy import Tensors
from rsbench.reference_model.weight_files import INDEX, SINGLE, read

from .accessory_writer import Shape, drawn, write


def test_what_was_done_is_said(tmp_path: Path, text_folder: Path) -> None:
    said = convert(Wish(tmp_path / "x", text_folder)).splitlines()
    assert said[0] == f"from   ours: {text_folder} (told by config.json with vit and language)"
    assert said[1] == f"to     ours: {tmp_path / 'x'}"
    assert any(line.startswith("all ") and "float16" in line for line in said)
    assert digest(tmp_path / "x") == digest(text_folder)


def test_types_and_shards(tmp_path: Path, text_folder: Path) -> None:
    convert(Wish(tmp_path / "wide", text_folder, dtype="fp32"))
    convert(Wish(tmp_path / "x", tmp_path / "wide", dtype="bf16", shard_bytes=50_000))
    assert (tmp_path / "x" / INDEX).is_file() and not (tmp_path / "x" / SINGLE).exists()
    assert max(p.stat().st_size for p in (tmp_path / "x").glob("*.safetensors")) < 70_000
    tensors = read(tmp_path / "x")
    assert {t.dtype for t in tensors.values()} == {torch.bfloat16}
    expected = load(text_folder).model.state_dict()
    for name, tensor in load(tmp_path / "x").model.state_dict().items():
        assert torch.equal(tensor, expected[name].bfloat16().float()), name


def test_reading_takes_one_shard_at_a_time(
    tmp_path: Path, text_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shards are written one after the other, each of no more than the bytes allowed."""
    from rsbench.reference_model import weight_files

    held: list[int] = []
    saved = weight_files._save

    def save(tensors: Tensors, path: Path) -> None:
        held.append(sum(t.size for t in tensors.values()))
        saved(tensors, path)

    monkeypatch.setattr(weight_files, "_save", save)
    convert(Wish(tmp_path / "x", text_folder, shard_bytes=50_000))
    assert len(held) > 3 and max(held) <= 50_000


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"source": None}, "nothing to convert from"),
        ({"language": Path("a")}, "nothing to convert from"),
        ({"preset": "7b"}, "--preset puts a model together"),
        ({"preset": "7b", "vit": Path("a"), "clip": Path("b"), "language": Path("c")}, "--preset puts"),
        ({"parallel": 2}, "--parallel splits"),
        ({"part": "vit"}, "--part vit goes with --to hf"),
        ({"target_kind": "gguf"}, "no kind to write 'gguf'"),
    ],
)
def test_options_that_do_not_go_together(
    tmp_path: Path, text_folder: Path, change: dict[str, object], said: str
) -> None:
    wish = Wish(tmp_path / "x", text_folder)
    if "vit" in change:
        change = change | {"vit": tmp_path / "v.pth", "clip": tmp_path / "v.pth"}
        from .accessory_writer import drawn_vit

        torch.save(drawn_vit(0, 16, 1, 2) | {"stem.0.weight": torch.ones(1)}, tmp_path / "v.pth")
    with pytest.raises(UsageError, match=said):
        convert(replace(wish, **change))  # type: ignore[arg-type]  # a table of single fields
    assert not (tmp_path / "x").exists()


def test_the_source_is_not_overwritten(text_folder: Path) -> None:
    before = digest(text_folder)
    with pytest.raises(UsageError, match="is what is converted"):
        convert(Wish(text_folder / ".." / text_folder.name, text_folder, force=True))
    assert digest(text_folder) == before


def test_a_target_is_replaced_by_force(tmp_path: Path, text_folder: Path, proposals_folder: Path) -> None:
    shutil.copytree(proposals_folder, tmp_path / "x")
    with pytest.raises(UsageError, match="exists"):
        convert(Wish(tmp_path / "x", text_folder))
    assert digest(tmp_path / "x") == digest(proposals_folder)
    convert(Wish(tmp_path / "x", text_folder, force=True))
    assert digest(tmp_path / "x") == digest(text_folder)


def test_what_turns_out_wrong_while_writing_leaves_nothing(tmp_path: Path) -> None:
    shape = Shape(n_layers=1)
    source = write(tmp_path / "a", drawn(shape, 1), 2, shape.params())
    path = source / "consolidated.01-of-02.model.pth"
    stored = torch.load(path, weights_only=True)
    norm = stored["model"]["llma.norm.weight"]
    stored["model"]["llma.norm.weight"] = norm + 1
    torch.save(stored, path)
    with pytest.raises(ModelError, match="norm.weight should be the same"):
        convert(Wish(tmp_path / "x", source, target_kind="hf"))
    stored["model"]["llma.norm.weight"] = norm
    stored["model"]["llma.output.weight"] += 1e6
    torch.save(stored, path)
    with pytest.raises(ModelError, match="lm_head.weight has values that float16 cannot hold"):
        convert(Wish(tmp_path / "x", source, target_kind="hf", dtype="fp16"))
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


def test_a_language_model_is_not_a_whole_one(tmp_path: Path) -> None:
    shape = Shape(n_layers=1)
    source = write(tmp_path / "a", drawn(shape, 1), 1, shape.params())
    with pytest.raises(ModelError, match="a part of a model") as caught:
        convert(Wish(tmp_path / "x", source))
    assert "--preset 7b" in str(caught.value)
    with pytest.raises(ModelError, match="no part 'vit'"):
        convert(Wish(tmp_path / "x", source, target_kind="hf", part="vit"))
    assert run.TARGETS == ("ours", "accessory", "meta", "hf")
