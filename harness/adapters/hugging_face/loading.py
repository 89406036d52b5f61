"""A checkpoint folder to a model that can be asked: what it is made of, checked before and after loading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ...contract import Runtime
from ...errors import ModelError, UsageError
from .files import CONFIG, read_json, weights
from .library import quiet, transformers
from .options import Options

_OTHERWISE = "Run it in an environment of its own: --model command (rsbench list models)."
_CODE = ("config.json", "processor_config.json", "preprocessor_config.json", "tokenizer_config.json")
_NAMED = 3  # tensors an error names


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model in evaluation mode, the processor that makes its inputs, and what config.json says."""

    model: Any
    processor: Any
    config: Mapping[str, Any]


def load(folder: Path, options: Options, runtime: Runtime) -> Loaded:
    """Read a checkpoint.

    Raises:
        ModelError: it is no model of pictures and text that transformers can run, wants to run code of its
            own without being allowed to, lacks weights, or cannot be put on the device.
        UsageError: bounds on pixels for a processor that has none.
    """
    config = read_config(folder)
    library = transformers()
    _check_kind(folder, config, options, library)
    processor = _processor(folder, options, library)
    _bound(processor.image_processor, options, folder)
    model = _model(folder, config, options, runtime, library)
    _complete(processor, model.config)
    return Loaded(model.eval(), processor, config)


def read_config(folder: Path) -> Mapping[str, Any]:
    """What config.json says.

    Raises:
        ModelError: there is none, or it names no kind of model.
    """
    config = read_json(folder / CONFIG)
    if not isinstance(config.get("model_type"), str):
        if (folder / "adapter_config.json").exists():
            raise ModelError(
                f"{folder} holds a LoRA adapter without its model.",
                "Merge it into the model it was trained from (peft: merge_and_unload) and give that folder.",
            )
        raise ModelError(
            f"{folder} has no {CONFIG} that says what model it is.",
            "Give the folder of a checkpoint in transformers' layout.",
        )
    return config


def _check_kind(folder: Path, config: Mapping[str, Any], options: Options, library: Any) -> None:
    """Refuse, before anything is loaded, what cannot end well."""
    kind = config["model_type"]
    native = kind in library.CONFIG_MAPPING
    code = sorted(
        {
            f"{entry.partition('--')[2] or entry}".partition(".")[0] + ".py"
            for name in _CODE
            for entry in _entries(read_json(folder / name).get("auto_map"))
        }
    )
    if code and not native and not options.remote_code:
        raise ModelError(
            f"{folder.name} wants to run code of its own: {', '.join(code)}.",
            "Read it; if you trust it, allow it with remote_code=yes.",
        )
    if options.remote_code and code:
        return
    if not native:
        raise ModelError(
            f"transformers {library.__version__} does not know models of the type {kind!r}.",
            f"A newer version may. {_OTHERWISE}",
        )
    made_by = [name for name in config.get("architectures") or () if not hasattr(library, name)]
    if made_by:
        raise ModelError(
            f"{folder.name} holds a {made_by[0]}, in the layout of another program than transformers.",
            f"Look for the same model converted (its name often ends in -hf). {_OTHERWISE}",
        )
    known = library.AutoModelForImageTextToText._model_mapping
    if library.CONFIG_MAPPING[kind] not in known:
        raise ModelError(
            f"{folder.name} is a {kind}: no model that answers about pictures in words.", _OTHERWISE
        )


def _entries(value: Any) -> list[str]:
    """The texts in an auto_map, at any depth."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        value = list(value.values())
    return [entry for part in value for entry in _entries(part)] if isinstance(value, list) else []


def _processor(folder: Path, options: Options, library: Any) -> Any:
    try:
        with quiet():
            processor = library.AutoProcessor.from_pretrained(folder, trust_remote_code=options.remote_code)
    except ImportError as error:
        raise ModelError(
            f"{folder.name} needs another library: {_first(error)}", "Install the one it names with pip."
        ) from error
    except Exception as error:  # from_pretrained raises whatever the files lead it to
        raise ModelError(
            f"The processor of {folder.name} cannot be loaded: {_first(error)}",
            "The folder needs the tokenizer's files and preprocessor_config.json beside the weights.",
        ) from error
    if not hasattr(processor, "image_processor") or not hasattr(processor, "tokenizer"):
        raise ModelError(
            f"{folder.name} has no processor for pictures.",
            "Copy preprocessor_config.json and processor_config.json from the model it was trained from.",
        )
    tokenizer = processor.tokenizer
    tokenizer.padding_side = "left"
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return processor


def _model(folder: Path, config: Mapping[str, Any], options: Options, runtime: Runtime, library: Any) -> Any:
    import torch

    if not weights(folder):
        raise ModelError(
            f"{folder.name} holds no weights.", "There should be *.safetensors beside config.json."
        )
    dtype = getattr(torch, runtime.dtype)
    settings: dict[str, Any] = {
        "trust_remote_code": options.remote_code,
        _dtype_key(library): dtype,
        "output_loading_info": True,
    }
    if options.attention:
        settings["attn_implementation"] = options.attention
    if options.bits:
        settings["quantization_config"] = _bits(options.bits, dtype, library)
    spread = options.device_map or (runtime.device if options.bits else None)
    if spread:
        settings["device_map"] = spread
    kind = _auto(config, library)
    try:
        with quiet():
            model, report = kind.from_pretrained(folder, **settings)
            model = model if spread else model.to(runtime.device)
    except Exception as error:  # from_pretrained raises whatever the files, the device or a kernel lead it to
        raise ModelError(
            f"{folder.name} cannot be loaded on {runtime.device} as {runtime.dtype}: {_first(error)}",
            "Try --device cpu, another --dtype, or without bits, attention and device_map.",
        ) from error
    if missing := sorted(report["missing_keys"]):
        some = ", ".join(missing[:_NAMED]) + (", ..." if len(missing) > _NAMED else "")
        raise ModelError(
            f"{folder.name} lacks {len(missing)} of its weights: {some}.",
            "They would be random. Copy the checkpoint again, or give the one it was merged from.",
        )
    return model


def _auto(config: Mapping[str, Any], library: Any) -> Any:
    """The class that finds the model's own; code of the checkpoint's own may name another."""
    own = config.get("auto_map")
    for name in ("AutoModelForImageTextToText", "AutoModelForVision2Seq", "AutoModelForCausalLM"):
        if isinstance(own, Mapping) and name in own and hasattr(library, name):
            return getattr(library, name)
    return library.AutoModelForImageTextToText


def _bits(bits: int, dtype: Any, library: Any) -> Any:
    if find_spec("bitsandbytes") is None:
        raise ModelError(
            f"bits={bits} needs bitsandbytes, which is not installed.",
            "Install it with: pip install bitsandbytes",
        )
    if bits == 8:
        return library.BitsAndBytesConfig(load_in_8bit=True)
    return library.BitsAndBytesConfig(
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=dtype
    )


def _bound(pictures: Any, options: Options, folder: Path) -> None:
    """Bounds on a picture's area, as Qwen's processors keep them: in `size`, in older versions beside it."""
    given = {"min_pixels": options.min_pixels, "max_pixels": options.max_pixels}
    if not any(given.values()):
        return
    if not hasattr(pictures, "merge_size"):
        raise UsageError(
            f"The pictures of {folder.name} have one size: there are no min_pixels and max_pixels.",
            "Leave them out.",
        )
    size = dict(pictures.size)
    for (name, value), edge in zip(given.items(), ("shortest_edge", "longest_edge"), strict=True):
        if value is not None:
            for key in {name, edge} & {*size, edge}:
                size[key] = value
            if hasattr(pictures, name):
                setattr(pictures, name, value)
    pictures.size = type(pictures.size)(**size)


def _complete(processor: Any, config: Any) -> None:
    """Folders of LLaVA from before 2024 do not say how many tokens a picture takes; the model does."""
    if getattr(processor, "patch_size", 0) is None:
        processor.patch_size = config.vision_config.patch_size
        processor.vision_feature_select_strategy = config.vision_feature_select_strategy
        processor.num_additional_image_tokens = 1  # the class token of CLIP


def _dtype_key(library: Any) -> str:
    """`dtype` since 4.56."""
    major, minor = (int(part) for part in library.__version__.split(".")[:2])
    return "dtype" if (major, minor) >= (4, 56) else "torch_dtype"


def _first(error: Exception) -> str:
    """An error in one line."""
    return str(error).strip().partition("\n")[0] or type(error).__name__
