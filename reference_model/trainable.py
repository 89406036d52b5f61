"""Which parameters of an EarthGPT learn, by name: groups, and the paper's stages made of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from torch import Tensor

from ..harness.errors import ModelError, unknown
from .model import EarthGPT

_LAYER = r"language\.model\.layers\.\d+\."
_PLAIN = r"(base_layer\.)?(weight|bias)"  # peft puts a wrapped layer one level down

# The first pattern that fits a name decides.
_PATTERNS: Mapping[str, str] = MappingProxyType(
    {
        "tuning": _LAYER + r".*\.(alpha|beta|scale|lora_[AB]\..*)",
        "attention": _LAYER + rf"self_attn\.[qkvo]_proj\.{_PLAIN}",
        "feed_forward": _LAYER + rf"mlp\.(gate|up|down)_proj\.{_PLAIN}",
        "norms": rf"({_LAYER}(input|post_attention)_layernorm|language\.model\.norm)\.weight",
        "embeddings": r"language\.model\.embed_tokens\.weight",
        "head": r"language\.lm_head\.weight",
        "projection": r"(fusion|region)\..*",  # region: the projection of proposals, where there are any
        "delimiters": r"(start|end)_img",
        "proposals": r"head\..*",
        "encoders": r"encoders\..*",
    }
)
GROUPS = tuple(_PATTERNS)

# What learns in each stage; all else is frozen.
#
# align (III-C): self-attention and normalisation layers are unfrozen; equations 9 to 11 name q, k and v only.
#   INFERRED: o is part of self-attention; the delimiters, which begin as random numbers, learn with the
#   projection whose tokens they stand around. LLaMA-2 has no b_q, b_k, b_v; where there are some, they learn.
# tune (III-D): the new parameters of equation 15 only.
# full: SPHINX's second stage (`mm_stage2`): all but the encoders.
# projection: SPHINX-Tiny's first stage (`mm_stage1`).
STAGES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "align": ("attention", "norms", "projection", "delimiters"),
        "tune": ("tuning",),
        "full": (
            "attention",
            "feed_forward",
            "norms",
            "embeddings",
            "head",
            "projection",
            "delimiters",
        ),
        "projection": ("projection",),
    }
)


def group_of(name: str) -> str:
    """The one group of a parameter, named as by `EarthGPT.named_parameters`.

    >>> group_of("language.model.layers.3.self_attn.o_proj.weight")
    'attention'

    Raises:
        ModelError: the name is of no group.
    """
    for group, pattern in _PATTERNS.items():
        if re.fullmatch(pattern, name):
            return group
    raise ModelError(f"The parameter {name!r} belongs to no group.", f"The groups are {', '.join(GROUPS)}.")


def groups_of(chosen: str | Sequence[str]) -> tuple[str, ...]:
    """The groups that a stage, a group, or a recipe's list of both stands for, in the order of `GROUPS`.

    >>> groups_of(["tune", "norms"])
    ('tuning', 'norms')

    Raises:
        UsageError: there is no such stage or group (with the nearest).
    """
    named: set[str] = set()
    for name in [chosen] if isinstance(chosen, str) else chosen:
        if name not in STAGES and name not in GROUPS:
            raise unknown("group of parameters", name, {*STAGES, *GROUPS})
        named |= set(STAGES.get(name, (name,)))
    return tuple(group for group in GROUPS if group in named)


def names_of(names: Iterable[str], groups: Sequence[str]) -> list[str]:
    """Those of `names` that are of one of `groups`, in their order."""
    return [name for name in names if group_of(name) in groups]


def freeze(model: EarthGPT, chosen: str | Sequence[str]) -> list[str]:
    """Let the parameters of the chosen stage or groups learn and freeze all others; the names that learn.

    Parts in which nothing learns are put into evaluation mode, where `EarthGPT.train` leaves them. A tied
    output head learns with "head" as well as with "embeddings", for it is one matrix; it is named as the
    embeddings.

    Raises:
        UsageError: there is no such stage or group.
        ModelError: the model has no parameter of a group.
    """
    groups = groups_of(chosen)
    every = dict(model.named_parameters(remove_duplicate=False))
    found = names_of(every, groups)
    for group in groups:
        if not names_of(found, (group,)):
            raise ModelError(
                f"This model has no parameters of the group {group!r}.",
                "Apply a tuning before." if group == "tuning" else "Leave it out.",
            )
    model.requires_grad_(False)
    for name in found:
        every[name].requires_grad_(True)
    model.train(model.training)
    return list(trainable_state(model))


def trainable_state(model: EarthGPT) -> dict[str, Tensor]:
    """The parameters that learn, by name, detached: what a checkpoint of the trainable part holds."""
    return {name: p.detach() for name, p in model.named_parameters() if p.requires_grad}
