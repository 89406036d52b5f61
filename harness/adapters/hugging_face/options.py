"""What a user may say of a checkpoint: `--model hf,checkpoint=PATH_OR_ID,bits=4,...`, understood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ...errors import ModelError, UsageError, check_keys, unknown

ATTENTIONS = ("eager", "sdpa", "flash_attention_2", "flash_attention_3")
_KEYS = (
    "checkpoint", "revision", "bits", "device_map", "attention", "min_pixels", "max_pixels", "remote_code",
    "template",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Options:
    """`checkpoint`: a folder or hub id, `revision` of the latter. `bits`: 4 or 8, weights made smaller when
    they are loaded. `device_map`: how accelerate spreads layers ("auto"). `attention`: the kernel.
    `min_pixels`, `max_pixels`: bounds on a picture's area, for processors that have them (Qwen).
    `remote_code`: whether code from the checkpoint may run. `template`: the text of a chat template to use in
    place of its own.
    """

    checkpoint: str
    revision: str | None = None
    bits: int | None = None
    device_map: str | None = None
    attention: str | None = None
    min_pixels: int | None = None
    max_pixels: int | None = None
    remote_code: bool = False
    template: str | None = None


def read(arguments: Mapping[str, str]) -> Options:
    """The options as given.

    Raises:
        UsageError: no checkpoint, an option that does not exist, or a value it cannot have.
        ModelError: a template file that cannot be read.
    """
    check_keys("hf", arguments, _KEYS)
    if not arguments.get("checkpoint"):
        raise UsageError(
            "hf needs a checkpoint.", "Write --model hf,checkpoint=FOLDER or checkpoint=OWNER/NAME."
        )
    bits = _number(arguments, "bits")
    if bits not in (None, 4, 8):
        raise UsageError(f"bits={bits} is not possible.", "Give 4 or 8, or leave it out.")
    attention = arguments.get("attention")
    if attention is not None and attention not in ATTENTIONS:
        raise unknown("attention", attention, ATTENTIONS)
    code = arguments.get("remote_code", "no")
    if code not in ("yes", "no"):
        raise UsageError(f"remote_code={code} is neither yes nor no.")
    template = arguments.get("template")
    return Options(
        arguments["checkpoint"],
        arguments.get("revision"),
        bits,
        arguments.get("device_map"),
        attention,
        _number(arguments, "min_pixels"),
        _number(arguments, "max_pixels"),
        code == "yes",
        _template(Path(template)) if template else None,
    )


def _number(arguments: Mapping[str, str], key: str) -> int | None:
    text = arguments.get(key)
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise UsageError(f"{key}={text} is no positive whole number.")
    return int(text)


def _template(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(
            f"The template {path} cannot be read: {error}.", "Give a file with a Jinja template."
        ) from error
