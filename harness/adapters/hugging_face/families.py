"""Which dialect a model speaks, from its type and name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_DIALECTS = {
    "llava": "llava",
    "llava_next": "llava",
    "llava_onevision": "llava",
    "vipllava": "llava",
    "qwen2_vl": "qwen,generation=2",
    "qwen2_5_vl": "qwen,generation=2.5",
    "qwen3_vl": "qwen,generation=3",
    "qwen3_vl_moe": "qwen,generation=3",
    "internvl": "internvl",
    "internvl_chat": "internvl",
    "paligemma": "paligemma",
}
# fine-tuned models keep the type of what they were trained from: the name is all that tells them apart
_BY_NAME = {"rscovlm": "rscovlm", "geochat": "geochat"}
_SIZED = ("qwen,generation=2.5", "rscovlm")  # they write pixels of the resized picture

# with which options a model was trained, where its own files say otherwise (they are those of Qwen2.5-VL):
# 224^2 to 1008^2 pixels, rscovlm/training of VisionXLab/RSCoVLM
MADE_WITH: Mapping[str, Mapping[str, str]] = {
    "rscovlm": {"min_pixels": str(224 * 224), "max_pixels": str(1008 * 1008)}
}


def dialect_of(config: Mapping[str, Any], name: str) -> str:
    """The dialect of a checkpoint; plain for a family of which rsbench knows no own.

    `config` is what config.json says, `name` what the user calls the checkpoint.

    >>> dialect_of({"model_type": "qwen2_5_vl"}, "mine"), dialect_of({"model_type": "idefics3"}, "mine")
    ('qwen,generation=2.5', 'plain')
    >>> dialect_of({"model_type": "qwen2_5_vl"}, "Qingyun/RSCoVLM-7B-2512")
    'rscovlm'
    """
    called = f"{name} {config.get('_name_or_path', '')}".lower()
    for part, dialect in _BY_NAME.items():
        if part in called:
            return dialect
    return _DIALECTS.get(str(config.get("model_type")), "plain")


def with_bounds(dialect: str, pictures: Any) -> str:
    """The dialect with the processor's bounds on a picture's area, where questions depend on them.

    A region in a question is written over the picture that the model will see, before any adapter has
    resized it.
    """
    if dialect not in _SIZED or not hasattr(pictures, "merge_size"):
        return dialect
    size = dict(pictures.size)
    least = size.get("shortest_edge") or size.get("min_pixels")
    most = size.get("longest_edge") or size.get("max_pixels")
    return f"{dialect},min_pixels={least},max_pixels={most}" if least and most else dialect
