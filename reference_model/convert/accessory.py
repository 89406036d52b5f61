"""LLaMA2-Accessory's folders, and Meta's, as parts of an EarthGPT, and back.

Accessory's `llama_ens_light` is EarthGPT's two experts and projection with SPHINX's sizes. The ensembles with
a Q-Former and a CLIP ViT see more than an EarthGPT does and are refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...harness.errors import ModelError
from ..checkpoint import read_json
from ..config import ClipConfig, CNNConfig, Config, LanguageConfig, from_dict, preset
from ..lazy import Lazy, Tensors, below, prefixed
from . import convnext, dinov2, llama
from .parts import CLIP, LANGUAGE, VIT, Parts
from .shards import PREFIX, overlaid, split, write_shard
from .tokenizer_model import find_tokenizer

_PARAMS = ("config.json", "params.json")
_OURS = "earthgpt.json"  # what ModelArgs has no key for; written beside it, read where it is there
_CNN = re.compile(r"openclip_convnext_\w+?\.(?:visual\.)?(?:trunk\.)?(.+)")
_VIT = re.compile(r"dinov2_\w+?\.(.+)")
_PROJECTION = {"visual_proj.": "fusion.proj.", "start_img": "start_img", "end_img": "end_img"}
_READ = ("llama", "llama_peft", "llama_ens_light", "llama_ens_light_peft")
_REFUSED = {
    "qformer": "a Q-Former gives 32 of its visual tokens; an EarthGPT has no Q-Former",
    "clip": "a CLIP ViT is one of its experts; an EarthGPT's are a ConvNeXt and a DINOv2",
    "vp_encoder": "a visual prompt encoder stands beside its image encoders; an EarthGPT has none",
}


def read_folders(folders: Sequence[Path], encoders: Tensors | None = None) -> Parts:
    """A folder and those laid over it, in order; `encoders` are in our names and fill in what no folder has.

    Raises:
        ModelError: shards or parameters missing, a variant that is not an EarthGPT, tensors left over.
    """
    state = overlaid(folders)
    raw = _described(folders)
    _refuse_variants(folders, state)
    config = llama.read_params(raw, state)
    spoken, left = llama.to_hugging_face(state, config.heads, llama.kv_heads(config))
    biased, bias = llama.with_biases(spoken)
    tensors = prefixed(LANGUAGE, biased) | _visual(left)
    language = _with_bias(config, bias)
    tokenizer = next((t for f in reversed(folders) if (t := find_tokenizer(f)) is not None), None)
    notes = ["biases that some linear layers lack are written as zeros"] if len(biased) > len(spoken) else []
    if len(tensors) == len(biased):
        return Parts(tensors, None, language, tokenizer, tuple(notes))
    tensors = {**(encoders or {}), **tensors}
    whole, more = _config(folders, tensors, language)
    if whole.language.tied:
        del tensors[f"{LANGUAGE}lm_head.weight"]
    return Parts(tensors, whole, whole.language, tokenizer, (*notes, *more))


def write_accessory(parts: Parts, folder: Path, world: int) -> None:
    """Shards with parameters and tokenizer: a light ensemble, or the language model alone.

    Raises:
        ModelError: a model that Accessory has no like of, or that cannot be split.
        OSError: the disk is full or cannot be written.
    """
    language = _spoken(parts)
    named = llama.to_meta(below(LANGUAGE, parts.tensors), language)
    kind = "llama_peft" if language.bias else "llama"
    if parts.config is not None:
        named |= _named(parts)
        kind = "llama_ens_light_peft" if language.bias else "llama_ens_light"
        text = json.dumps(parts.config.to_dict(), indent=1)
        (folder / _OURS).write_text(text + "\n", encoding="utf-8")
    tuned = {"bias_tuning": True, "lora_rank": -1} if language.bias else {}
    _write_json(folder / "config.json", llama.write_params(language) | tuned)
    _write_json(folder / "meta.json", {"llama_type": kind})
    for rank, shard in enumerate(split(named, world)):
        path = folder / f"consolidated.{rank:02d}-of-{world:02d}.model.pth"
        write_shard(path, prefixed(PREFIX, shard), nest="model")
    if parts.tokenizer:
        parts.tokenizer.write(folder)


def write_meta(parts: Parts, folder: Path, world: int) -> None:
    """The language model as Meta published LLaMA: `consolidated.00.pth` and on, and `params.json`.

    Raises:
        ModelError: it has biases, which that layout has not, or cannot be split.
        OSError: the disk is full or cannot be written.
    """
    language = _spoken(parts)
    if language.bias:
        raise ModelError(
            "The language model has biases (a folded tuning), and Meta's layout has none.",
            "Write --to accessory or --to hf instead.",
        )
    named = llama.to_meta(below(LANGUAGE, parts.tensors), language)
    kept = {k: v for k, v in llama.write_params(language).items() if v is not None}
    _write_json(folder / "params.json", kept)
    for rank, shard in enumerate(split(named, world)):
        write_shard(folder / f"consolidated.{rank:02d}.pth", shard, nest=None)
    if parts.tokenizer:
        parts.tokenizer.write(folder)


def _described(folders: Sequence[Path]) -> Mapping[str, Any]:
    for folder in reversed(folders):
        for name in _PARAMS:
            if (folder / name).is_file():
                return read_json(folder / name)
    raise ModelError(
        f"There is no {' or '.join(_PARAMS)} in {', '.join(map(str, folders))}.",
        "It says how many heads the language model has: copy it beside the shards.",
    )


def _refuse_variants(folders: Sequence[Path], state: Tensors) -> None:
    for folder in folders:
        if (folder / "meta.json").is_file():
            kind = read_json(folder / "meta.json").get("llama_type")
            if kind not in (None, *_READ):
                raise ModelError(f"{folder} is a {kind!r}: {_reason(str(kind))}.", _LIGHT)
    for name in state:
        if name.split(".")[0] in _REFUSED:
            raise ModelError(f"{name} is in {folders[0]}: {_REFUSED[name.split('.')[0]]}.", _LIGHT)


def _reason(kind: str) -> str:
    if kind.startswith("llama_ens5_light"):
        return "it sees an image as one global view and four crops, an EarthGPT as one"
    if kind.startswith(("llama_ens", "llama_qformer")):
        return _REFUSED["qformer"]
    return "it is not a LLaMA with the two experts of an EarthGPT"


def _visual(left: Tensors) -> dict[str, Lazy]:
    """What is no language model's, in our names.

    Raises:
        ModelError: tensors that are none of an EarthGPT's either.
    """
    found: dict[str, Lazy] = {}
    vit: dict[str, Lazy] = {}
    strange = []
    for name, tensor in left.items():
        start = next((s for s in _PROJECTION if name.startswith(s)), None)
        if match := _VIT.fullmatch(name):
            vit[match[1]] = tensor
        elif match := _CNN.fullmatch(name):
            found[f"{CLIP}{convnext.TRUNK}{match[1]}"] = tensor
        elif start:
            found[_PROJECTION[start] + name.removeprefix(start)] = tensor
        else:
            strange.append(name)
    if strange:
        raise ModelError(
            f"{len(strange)} tensors have no place in an EarthGPT, the first {strange[0]}.",
            "They may be of another variant, or of a tuning that is to be merged first.",
        )
    return found | prefixed(VIT, dinov2.canonical(vit))


def _config(folders: Sequence[Path], tensors: Tensors, language: LanguageConfig) -> tuple[Config, list[str]]:
    for folder in reversed(folders):
        if (folder / _OURS).is_file():
            kept = from_dict(read_json(folder / _OURS))
            clip = convnext.read_clip(below(CLIP, tensors), kept.clip)
            lost = kept.clip.scores and not clip.scores
            spoken = replace(kept.language, bias=language.bias)  # an overlay may have brought biases
            return replace(kept, clip=clip, language=spoken), [_TRUNK_ALONE] if lost else []
    vit, cnn = below(VIT, tensors), below(CLIP, tensors)
    if not vit or not cnn:
        raise ModelError(
            f"{folders[-1]} has no {'DINOv2' if not vit else 'ConvNeXt'}.",
            "Checkpoints of what was trained leave the encoders out: give them with --vit and --clip.",
        )
    clip = convnext.read_clip(cnn, ClipConfig())
    config = Config(
        name="sphinx_light",
        image_size=preset("sphinx_light").image_size,
        vit=dinov2.read_shapes(vit),
        cnn=CNNConfig(convnext.timm_name(cnn), (4,), None),
        clip=clip,
        language=language,
    )
    heads = f"DINOv2 of width {config.vit.width}: {config.vit.heads} heads of 64 channels, as every size has"
    notes = [heads]
    if config.vit.position_size != config.vit.image_size:
        notes.append(_INTERPOLATED)
    return config, notes + ([] if clip.scores else [_TRUNK_ALONE])


def _named(parts: Parts) -> dict[str, Lazy]:
    config = parts.config
    assert config is not None
    last = (config.vit.depth,)
    if config.cnn.channels or config.cnn.stages != (4,) or config.vit.layers != last or config.proposals:
        raise ModelError(
            f"LLaMA2-Accessory has no model like {config.name!r}: its light ensemble reads the last layer of "
            "either encoder and brings no stage to other channels.",
            "Add --part language to write the language model alone.",
        )
    named = {}
    for name, tensor in parts.tensors.items():
        start = next((o for o in _PROJECTION.values() if name.startswith(o)), None)
        if start:
            back = {ours: theirs for theirs, ours in _PROJECTION.items()}
            named[back[start] + name.removeprefix(start)] = tensor
    size = {1536: "vitg14", 1024: "vitl14", 768: "vitb14", 384: "vits14"}.get(config.vit.width, "vit")
    named |= prefixed(f"dinov2_{size}.", dinov2.to_hub(below(VIT, parts.tensors)))
    short = {"convnext_xxlarge": "xxl", "convnext_large": "l"}.get(
        config.cnn.timm_model, config.cnn.timm_model
    )
    # Accessory keeps the trunk of the CLIP and nothing else of it
    trunk = below(f"{CLIP}{convnext.TRUNK}", parts.tensors)
    return named | prefixed(f"openclip_convnext_{short.removeprefix('convnext_')}.", trunk)


def _spoken(parts: Parts) -> LanguageConfig:
    if parts.language is None:
        raise ModelError("There is no language model to write.", "Convert an encoder with --to hf.")
    return parts.language


def _with_bias(config: LanguageConfig, bias: bool) -> LanguageConfig:
    return replace(config, bias=bias)


def _write_json(path: Path, values: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")


_LIGHT = "What can be converted: llama_ens_light (SPHINX's light ensemble), llama, llama_peft."
_INTERPOLATED = (
    "DINOv2's position embedding is interpolated to the exact grid, torch.hub's with an offset of 0.1: "
    "its features differ from Accessory's in the third decimal"
)
_TRUNK_ALONE = (
    "of the CLIP only the image trunk is there: it sees, but cannot score boxes "
    "(--clip FILE adds a whole one)"
)
