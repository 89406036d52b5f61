"""Where a checkpoint lies, and the digest that names what is in it."""

from __future__ import annotations

import shutil
from hashlib import sha256
from pathlib import Path

import huggingface_hub
import pytest

from rsbench.harness.adapters.hugging_face.files import digest, find, is_hub_id, weights
from rsbench.harness.errors import ModelError


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    return folder


def test_the_digest_is_of_what_decides_about_answers(tmp_path: Path) -> None:
    folder = write(tmp_path / "a", config__json="{}", model__safetensors="weights", README__md="hello")
    first = digest(folder, {})
    lines = [
        f"{n}:{sha256(t).hexdigest()}" for n, t in (("config.json", b"{}"), ("model.safetensors", b"weights"))
    ]
    assert first == sha256("\n".join(lines).encode()).hexdigest()
    write(folder, README__md="other", trainer_state__json="{}", optimizer__pt="x", pytorch_model__bin="same")
    assert digest(folder, {}) == first  # safetensors stand before .bin
    for name in ("config__json", "model__safetensors", "chat_template__jinja", "tokenizer__json", "own__py"):
        other = Path(shutil.copytree(folder, tmp_path / name))
        assert digest(write(other, **{name: "changed"}), {}) != first
    assert digest(folder, {"template": "a"}) not in (first, digest(folder, {"template": "b"}))


def test_a_snapshot_has_the_digest_of_a_copy(tmp_path: Path) -> None:
    """The hub's cache names large files by their SHA-256: they are not read again."""
    copy = write(tmp_path / "copy", config__json="{}", model__safetensors="weights")
    blobs, snapshot = write(tmp_path / "blobs"), write(tmp_path / "snapshot", config__json="{}")
    blob = blobs / sha256(b"weights").hexdigest()
    blob.write_text("not read")
    (snapshot / "model.safetensors").symlink_to(Path("..") / "blobs" / blob.name)
    assert digest(snapshot, {}) == digest(copy, {})


def test_weights_are_found(tmp_path: Path) -> None:
    folder = write(tmp_path / "m", pytorch_model__bin="", training_args__bin="")
    assert [p.name for p in weights(folder)] == ["pytorch_model.bin"]
    write(folder, model_2__safetensors="", model_1__safetensors="")
    assert [p.name for p in weights(folder)] == ["model_1.safetensors", "model_2.safetensors"]
    assert weights(write(tmp_path / "none")) == []


def test_a_folder_is_found_and_what_is_none_is_named(tmp_path: Path) -> None:
    folder = write(tmp_path / "m", config__json="{}")
    assert find(str(folder)) == folder
    with pytest.raises(ModelError, match="is a file"):
        find(str(folder / "config.json"))
    with pytest.raises(ModelError, match="There is no folder"):
        find(str(tmp_path / "none"))
    assert is_hub_id("a/b") and not is_hub_id("a") and not is_hub_id("./a") and not is_hub_id("/a/b")


def test_a_snapshot_is_fetched_without_what_is_not_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, str | None, str]] = []

    def snapshot(
        name: str, revision: str | None, allow_patterns: list[str], ignore_patterns: list[str]
    ) -> str:
        assert ignore_patterns == ["*/*"]
        asked.append((name, revision, allow_patterns[-1]))
        return str(write(tmp_path / "s", **{"pytorch_model__bin": ""} if len(asked) > 1 else {}))

    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot)
    assert find("Qwen/Qwen2.5-VL-3B-Instruct", "main") == tmp_path / "s"
    name = "Qwen/Qwen2.5-VL-3B-Instruct"
    assert asked == [(name, "main", "*.safetensors"), (name, "main", "pytorch_model*.bin")]


def test_a_hub_that_is_away_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> str:
        raise ConnectionError("no route to the hub\nand more")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", away)
    with pytest.raises(ModelError, match="did not hand out a/b: no route to the hub\n") as caught:
        find("a/b")
    assert "network" in str(caught.value.hint) and "and more" not in str(caught.value)
