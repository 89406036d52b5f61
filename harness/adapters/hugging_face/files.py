"""The files of a checkpoint in transformers' layout: where they lie, what they say, their digest."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Any

from ...errors import ModelError, missing_extra

CONFIG = "config.json"
_SMALL = ("*.json", "*.jinja", "*.model", "*.txt", "*.py")  # all but weights that a model may need
_MEANS = re.compile(  # what of it decides about answers
    r"(?:(?:generation_|processor_|preprocessor_|tokenizer_)?config|tokenizer|special_tokens_map|added_tokens|vocab"
    r"|chat_template|adapter_config)\.json|chat_template\.jinja|.*\.model|merges\.txt|.*\.py"
)
_HUB = re.compile(r"[\w.-]+/[\w.-]+")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_READ = 1 << 20  # bytes at a time


def is_hub_id(text: str) -> bool:
    """Whether a text reads like OWNER/NAME.

    >>> is_hub_id("Qwen/Qwen2.5-VL-3B-Instruct"), is_hub_id("./mine"), is_hub_id("a/b/c")
    (True, False, False)
    """
    return bool(_HUB.fullmatch(text)) and not text.startswith(".")


def find(checkpoint: str, revision: str | None = None) -> Path:
    """The folder of a checkpoint; of a hub id, its snapshot in the hub's own cache, fetched unless there.

    Raises:
        ModelError: there is no such folder, or the hub does not hand it out.
    """
    path = Path(checkpoint).expanduser()
    if path.is_dir():
        return path
    if path.exists():
        raise ModelError(
            f"{checkpoint} is a file.", "Give the folder that holds config.json and the weights."
        )
    if not is_hub_id(checkpoint):
        raise ModelError(
            f"There is no folder {checkpoint}.", "Give a folder with a config.json, or a hub id OWNER/NAME."
        )
    return _snapshot(checkpoint, revision)


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object; of a file that is not there, an empty one.

    Raises:
        ModelError: it cannot be read or is no object.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read: {error}.", "Copy the checkpoint again.") from error
    if not isinstance(value, dict):
        raise ModelError(f"{path} holds no JSON object.", "Copy the checkpoint again.")
    return value


def weights(folder: Path) -> list[Path]:
    """The files that hold tensors; safetensors where there are any, as transformers chooses."""
    return sorted(folder.glob("*.safetensors")) or sorted(folder.glob("pytorch_model*.bin"))


def digest(folder: Path, extra: Mapping[str, str]) -> str:
    """SHA-256 over the names and contents of all files that decide about answers, and of texts besides them.

    The same for a folder and for a snapshot of the hub, whose cache names large files by their SHA-256.
    """
    small = sorted(p for p in folder.iterdir() if p.is_file() and _MEANS.fullmatch(p.name))
    paths = [*small, *weights(folder)]
    with ThreadPoolExecutor(4) as pool:
        parts = [f"{path.name}:{sum_}" for path, sum_ in zip(paths, pool.map(_sha256, paths), strict=True)]
    parts += [f"{name}:{sha256(text.encode()).hexdigest()}" for name, text in sorted(extra.items())]
    return sha256("\n".join(parts).encode()).hexdigest()


def _sha256(path: Path) -> str:
    if path.is_symlink() and _SHA256.fullmatch(path.readlink().name):
        return path.readlink().name
    done = sha256()
    with path.open("rb") as opened:
        while block := opened.read(_READ):
            done.update(block)
    return done.hexdigest()


def hub_json(name: str, file: str, revision: str | None = None) -> dict[str, Any]:
    """A JSON file of a model on the hub; an empty object where the model has no such file.

    Raises:
        ModelError: the hub does not hand it out.
    """
    client = _hub(name)
    try:
        path = Path(client.hf_hub_download(name, file, revision=revision))
    except client.utils.LocalEntryNotFoundError as error:  # a kind of the next: the network is away
        raise _refused(name, error) from error
    except client.utils.EntryNotFoundError:
        return {}
    except Exception as error:  # as in _snapshot
        raise _refused(name, error) from error
    return read_json(path)


def _snapshot(name: str, revision: str | None) -> Path:
    client = _hub(name)

    def fetched(tensors: str) -> Path:
        return Path(
            client.snapshot_download(
                name, revision=revision, allow_patterns=[*_SMALL, tensors], ignore_patterns=["*/*"]
            )
        )

    try:
        folder = fetched("*.safetensors")
        return folder if weights(folder) else fetched("pytorch_model*.bin")
    except Exception as error:  # the client hands on the errors of whichever HTTP library it was built with
        raise _refused(name, error) from error


def _hub(name: str) -> Any:
    try:
        import huggingface_hub
    except ImportError as error:
        raise missing_extra(f"{name} lies on a hub, and huggingface_hub", "models") from error
    return huggingface_hub


def _refused(name: str, error: Exception) -> ModelError:
    first = str(error).strip().partition("\n")[0]
    return ModelError(
        f"There is no folder {name}, and the hub did not hand out {name}: {first}",
        "Check the name and the network, or give a folder with a config.json.",
    )
