"""A place instead of a name behind --model: which adapter it is for, and in which dialect, from its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .adapters.hugging_face.families import MADE_WITH, dialect_of
from .adapters.hugging_face.files import hub_json, is_hub_id, read_json
from .errors import ModelError

_DETECTORS = ("grounding-dino", "mm-grounding-dino")
_CLIP = "open_clip_config.json"
_EARTHGPT = ("vit", "cnn", "clip", "language")  # the sections of a reference model's config.json
_ANSWERS = (".jsonl", ".json", ".csv", ".tsv", ".xlsx", ".pkl")
_WEIGHTS = (".pt", ".pth", ".bin", ".safetensors", ".ckpt")
_LOOKED_FOR = f"""\
Looked for: config.json with a model_type (hf, grounding_dino) or of rsbench's own model (earthgpt),
{_CLIP} (open_clip), one .py configuration beside one .pth (mmrotate).
Name the adapter: --model NAME,key=value (rsbench list models)."""


@dataclass(frozen=True, slots=True)
class Guess:
    """An adapter, its options, the dialect it will speak (None: none, or its own choice), what says so."""

    place: str
    adapter: str
    options: Mapping[str, str]
    dialect: str | None
    because: str

    def __str__(self) -> str:
        """One line for a person, with what could have been written instead."""
        written = ",".join([self.adapter, *(f"{key}={value}" for key, value in self.options.items())])
        spoken = f" --dialect {self.dialect}" if self.dialect else ""
        return f"{self.place} is {self.because}: --model {written}{spoken}"


def is_place(name: str) -> bool:
    """Whether what stands where an adapter's name could is an address, a path or a hub id.

    >>> is_place("http://localhost:8000/v1"), is_place("./mine"), is_place("earthgpt")
    (True, True, False)
    """
    return "/" in name or "\\" in name or name.startswith("~") or Path(name).exists()


def guess(place: str, options: Mapping[str, str]) -> Guess:
    """The adapter for a place, with `options` as the user gave them.

    Raises:
        ModelError: there is nothing, or nothing that can be told.
    """
    if place.startswith(("http://", "https://")):
        return Guess(place, "openai", {"url": place, **options}, None, "an address")
    path = Path(place).expanduser()
    if path.is_dir():
        return _folder(place, path, options)
    if path.is_file():
        return _file(place, path, options)
    if is_hub_id(place):
        return _hub(place, options)
    raise ModelError(
        f"There is no {place}.", "Give a folder or file that is there, a hub id OWNER/NAME, or an address."
    )


def _folder(place: str, path: Path, options: Mapping[str, str]) -> Guess:
    found = _configured(place, read_json(path / "config.json"), (path / _CLIP).is_file(), options)
    if found:
        return found
    configurations, checkpoints = sorted(path.glob("*.py")), sorted(path.glob("*.pth"))
    if len(configurations) == len(checkpoints) == 1:
        return _detector(place, configurations[0], checkpoints[0], options)
    if len(configurations) > 1 and checkpoints or len(checkpoints) > 1 and configurations:
        raise ModelError(
            f"{place} holds {len(configurations)} configurations and {len(checkpoints)} checkpoints.",
            "Say which: --model mmrotate,config=FILE.py,checkpoint=FILE.pth.",
        )
    if (path / "trainer_state.json").is_file() and not (path / "config.json").exists():
        raise ModelError(
            f"{place} is a checkpoint of a training, not a model.",
            f"If rsbench trained it, make a model of it: rsbench convert {place} OUT, then --model OUT.",
        )
    listed = sorted(entry.name for entry in path.iterdir())
    some = ", ".join(listed[:5]) + (", ..." if len(listed) > 5 else "") if listed else "nothing"
    raise ModelError(f"{place} is no model that rsbench knows; it holds {some}.", _LOOKED_FOR)


def _file(place: str, path: Path, options: Mapping[str, str]) -> Guess:
    suffix, beside = path.suffix.lower(), path.parent
    if suffix in _ANSWERS:
        return Guess(place, "replay", {"answers": place, **options}, None, "a file of answers")
    if suffix in (".py", ".pth"):
        other = sorted(beside.glob("*.pth" if suffix == ".py" else "*.py"))
        if suffix == ".py" and "checkpoint" in options:
            return Guess(place, "mmrotate", {"config": place, **options}, None, "a detector's configuration")
        if len(other) == 1:
            pair = (path, other[0]) if suffix == ".py" else (other[0], path)
            return _detector(place, *pair, options)
    if suffix in _WEIGHTS:
        return Guess(place, "open_clip", {"checkpoint": place, **options}, None, "a bare file of weights")
    raise ModelError(
        f"{place} is no file that rsbench knows.",
        f"Expected: answers ({', '.join(_ANSWERS)}), weights ({', '.join(_WEIGHTS)}), or a detector's .py "
        "beside its .pth. Or name the adapter: --model NAME,key=value (rsbench list models).",
    )


def _hub(place: str, options: Mapping[str, str]) -> Guess:
    revision = options.get("revision")
    config = hub_json(place, "config.json", revision)
    # a CLIP may have both files: the one that open_clip reads decides, as in a folder
    clip = config.get("model_type") in (None, "clip") and bool(hub_json(place, _CLIP, revision))
    found = _configured(place, config, clip, options)
    if found is None:
        raise ModelError(f"{place} on the hub is no model that rsbench knows.", _LOOKED_FOR)
    if found.adapter == "open_clip":
        return Guess(place, "open_clip", {"checkpoint": f"hf-hub:{place}", **options}, None, found.because)
    return found


def _configured(
    place: str, config: Mapping[str, Any], clip: bool, options: Mapping[str, str]
) -> Guess | None:
    """What a config.json says it is; `clip`: whether open_clip's own stands beside it."""
    given = {"checkpoint": place, **options}
    if clip:
        return Guess(place, "open_clip", given, None, "a CLIP of open_clip")
    if all(isinstance(config.get(section), Mapping) for section in _EARTHGPT):
        return Guess(place, "earthgpt", given, "earthgpt", "a reference model")
    kind = config.get("model_type")
    if not isinstance(kind, str):
        return None
    if kind in _DETECTORS:
        return Guess(place, "grounding_dino", given, None, f"a {kind}")
    dialect = dialect_of(config, place)
    made_with = MADE_WITH.get(dialect, {}) if kind.startswith("qwen") else {}
    return Guess(place, "hf", {**made_with, **given}, dialect, f"a {kind} of transformers")


def _detector(place: str, config: Path, checkpoint: Path, options: Mapping[str, str]) -> Guess:
    given = {"config": str(config), "checkpoint": str(checkpoint), **options}
    return Guess(place, "mmrotate", given, None, "a detector's configuration and checkpoint")
