"""Bias tuning: a new scale and bias for every linear layer of a frozen LLaMA (equations 15 and 16)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from ..harness.errors import ModelError, UsageError, missing_extra, unknown

if TYPE_CHECKING:
    from .model import EarthGPT

LINEARS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")  # of a decoder layer

# The keys a recipe may give beside `variant`.
VARIANTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "scale_bias": ("mean", "std", "norms"),
        "bias": ("norms",),
        "input_scale": ("norms",),
        "lora": ("rank", "norms"),
    }
)


@dataclass(frozen=True, slots=True)
class Tuning:
    """What is added to each linear layer.

    `scale_bias`: y = alpha * (W x + beta), alpha ~ N(mean, std^2), beta = 0: the paper. It gives neither
    mean nor deviation; only a mean near 1 leaves the pretrained network as it was. A `std` of 0 is
    LLaMA-Adapter V2. `bias`: y = W x + beta, beta = 0 (LLaMA2-Accessory's `peft` models). `input_scale`:
    y = W (scale * x) + beta, ones and zeros (LLaMA-Adapter's chat65b). `lora`: y = W x + B A x with `rank`
    rows in A, B = 0, without the factor alpha / rank (LLaMA2-Accessory). `norms`: the RMSNorm gains learn,
    too, as both ancestors offer.
    """

    variant: str = "scale_bias"
    mean: float = 1.0
    std: float = 0.02
    norms: bool = False
    rank: int = 16

    def __post_init__(self) -> None:
        if self.variant not in VARIANTS:
            raise unknown("variant of tuning", self.variant, VARIANTS)
        if not 0 <= self.std < float("inf"):
            raise UsageError(f"The `std` of a tuning is {self.std}.", "Give 0 or a positive number.")
        if self.rank < 1:
            raise UsageError(f"The `rank` of a tuning is {self.rank}.", "Give 1 or more.")

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups of parameters that learn, for `trainable.freeze`."""
        return ("tuning", "norms") if self.norms else ("tuning",)


def read_tuning(raw: Mapping[str, Any]) -> Tuning:
    """The tuning a recipe describes.

    Raises:
        UsageError: an unknown variant, a key that it has no use for, or a value of another type.
    """
    default = Tuning()
    variant = raw.get("variant", default.variant)
    if variant not in VARIANTS:
        raise unknown("variant of tuning", str(variant), VARIANTS)
    known = {f.name: type(f.default) for f in fields(Tuning)}
    for key, value in raw.items():
        if key not in ("variant", *VARIANTS[variant]):
            raise unknown(f"key of tuning {variant!r}", str(key), ("variant", *VARIANTS[variant]))
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not isinstance(value, known[key]) and not (known[key] is float and whole):
            raise UsageError(
                f"`{key}` of the tuning is {value!r}.", f"Give a value like {getattr(default, key)!r}."
            )
    return Tuning(**raw)


class ScaleBiasLinear(nn.Module):
    """y = alpha * (W (scale * x) + b + beta) around a frozen linear layer (equation 15).

    `alpha` (out,) and `scale` (in,) are left out where they are None; `beta` (out,) begins at 0. W and b, if
    there is one, keep the names `weight` and `bias` they have in a plain layer. The new parameters are
    float32, so that the steps of a small learning rate are not lost beside bfloat16 weights; they are used
    in the dtype of the weights.
    """

    weight: nn.Parameter
    bias: nn.Parameter | None
    alpha: nn.Parameter | None
    scale: nn.Parameter | None

    def __init__(self, linear: nn.Linear, alpha: Tensor | None = None, scale: Tensor | None = None) -> None:
        super().__init__()
        self.in_features, self.out_features = linear.in_features, linear.out_features
        own = dict(linear.requires_grad_(False).named_parameters(recurse=False))
        self.register_parameter("weight", own["weight"])
        self.register_parameter("bias", own.get("bias"))
        device = linear.weight.device
        for name, value in (("alpha", alpha), ("scale", scale)):
            new = None if value is None else nn.Parameter(value.to(device, torch.float32))
            self.register_parameter(name, new)
        self.beta = nn.Parameter(torch.zeros(self.out_features, device=device, dtype=torch.float32))

    def forward(self, x: Tensor) -> Tensor:
        """(..., in) to (..., out)."""
        if self.scale is not None:
            x = x * self.scale.to(x.dtype)
        y = functional.linear(x, self.weight, self._offset().to(self.weight.dtype))
        return y if self.alpha is None else y * self.alpha.to(y.dtype)

    def extra_repr(self) -> str:
        """Sizes, as a plain layer prints them."""
        return f"in_features={self.in_features}, out_features={self.out_features}"

    @torch.no_grad()
    def folded(self) -> tuple[Tensor, Tensor]:
        """Weight and bias of the plain layer that computes the same, multiplied in at least float32.

        diag(alpha) W diag(scale) and alpha * (b + beta).
        """
        weight, bias = self.weight.to(_exact(self.weight)), self._offset()
        if self.scale is not None:
            weight = weight * self.scale
        if self.alpha is not None:
            weight, bias = weight * self.alpha[:, None], bias * self.alpha
        return weight.to(self.weight.dtype, copy=True), bias.to(self.weight.dtype, copy=True)

    def _offset(self) -> Tensor:
        return self.beta if self.bias is None else self.bias + self.beta


def apply(model: nn.Module, tuning: Tuning, seed: int) -> None:
    """Wrap, in place, every `LINEARS` layer of the decoder of an EarthGPT or a `LlamaForCausalLM`.

    The output head is not wrapped: the paper says "linear layers in LLM", its ancestors wrap those of the
    decoder layers, and so LLaMA-2-7B gains 2 x 42,496 x 32 = 2,719,744 parameters. What learns is said by
    `trainable.freeze`; the wrapped weights no longer do.

    Raises:
        ModelError: the model is tuned already, or the variant is `lora` and peft is not installed.
    """
    language = getattr(model, "language", model)
    if is_tuned(language):
        raise ModelError("The language model is tuned already.", "Fold the tuning before you add another.")
    rng = np.random.default_rng(seed)
    if tuning.variant == "lora":
        _apply_lora(language, tuning.rank, rng)
        return
    for parent, name, linear in tuple(_linears(language)):
        alpha = scale = None
        if tuning.variant == "scale_bias":
            alpha = torch.from_numpy(rng.normal(tuning.mean, tuning.std, linear.out_features))
        if tuning.variant == "input_scale":
            scale = torch.ones(linear.in_features)
        setattr(parent, name, ScaleBiasLinear(linear, alpha, scale))


def is_tuned(model: nn.Module) -> bool:
    """Whether any layer is wrapped, by `apply` or by peft."""
    return any(isinstance(m, ScaleBiasLinear) or hasattr(m, "lora_A") for m in model.modules())


def fold(language: Any) -> Any:
    """A new plain `LlamaForCausalLM` that computes the same, in evaluation mode.

    It has biases everywhere (`attention_bias`, `mlp_bias`) where the tuned one has any. Weights keep their
    dtype and device; none is shared with `language`. The product is taken in float32, so that in float32
    both answer equally to 1e-6 and in bfloat16 each weight is rounded once.
    """
    from transformers import LlamaForCausalLM

    folded: dict[str, Tensor] = {}
    for name, module in language.named_modules():
        if isinstance(module, ScaleBiasLinear):
            folded[f"{name}.weight"], folded[f"{name}.bias"] = module.folded()
        elif hasattr(module, "lora_A"):
            folded |= {f"{name}.{key}": value for key, value in _merged(module).items()}
    config = deepcopy(language.config)
    if any(key.endswith(".bias") for key in folded):
        config.attention_bias = config.mlp_bias = True
    with torch.device("meta"):
        plain = LlamaForCausalLM(config)
    own = language.state_dict()
    state = {key: folded[key] if key in folded else own[key].clone() for key in plain.state_dict()}
    plain.load_state_dict(state, assign=True)
    rotary = plain.model.rotary_emb  # its buffers are in no state and still on the meta device
    plain.model.rotary_emb = type(rotary)(config=config).to(language.device)
    plain.tie_weights()
    plain.train(False)
    return plain


def fold_model(model: EarthGPT) -> None:
    """Put the folded language model in the place of the tuned one and say so in `model.config`."""
    model.language = fold(model.language)
    language = replace(model.config.language, bias=bool(model.language.config.mlp_bias))
    model.config = replace(model.config, language=language)


def _linears(language: Any) -> Iterator[tuple[nn.Module, str, nn.Linear]]:
    for layer in language.model.layers:
        for parent in (layer.self_attn, layer.mlp):
            yield from ((parent, n, getattr(parent, n)) for n in LINEARS if hasattr(parent, n))


def _apply_lora(language: Any, rank: int, rng: np.random.Generator) -> None:
    try:
        from peft import LoraConfig, inject_adapter_in_model
    except ImportError as error:
        raise missing_extra("peft", "train") from error
    # lora_alpha = rank makes peft's factor 1
    config = LoraConfig(r=rank, lora_alpha=rank, lora_dropout=0.0, target_modules=list(LINEARS))
    with torch.random.fork_rng(devices=[]):  # what peft draws is drawn again below
        inject_adapter_in_model(config, language)
    for _, _, linear in _linears(language):
        layer: Any = linear
        down, up = layer.lora_A["default"], layer.lora_B["default"]
        drawn = torch.from_numpy(rng.normal(0.0, 0.02, tuple(down.weight.shape)))
        down.weight = nn.Parameter(drawn.to(down.weight.device, torch.float32))
        up.weight = nn.Parameter(torch.zeros_like(up.weight, dtype=torch.float32))


def _merged(layer: Any) -> dict[str, Tensor]:
    with torch.no_grad():
        base = layer.base_layer
        weight = base.weight.to(_exact(base.weight)) + layer.get_delta_weight("default")
        merged = {"weight": weight.to(base.weight.dtype)}
        return merged if base.bias is None else merged | {"bias": base.bias.clone()}


def _exact(weight: Tensor) -> torch.dtype:
    return torch.promote_types(weight.dtype, torch.float32)
