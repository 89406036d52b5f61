"""Visual-enhanced perception: a DINOv2 ViT and a CLIP ConvNeXt, read at many layers and fused (III-B)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from .config import Config
from .preprocess import for_vit


@dataclass(frozen=True, slots=True)
class Features:
    """What the frozen encoders see of a batch.

    `vit`: (batch, 1 + grid^2, widths of the layers read), class token first, patches row by row (equation 3).
    `stages`: the CNN's maps read, each (batch, channels, height, width) (equations 4 and 5).
    """

    vit: Tensor
    stages: tuple[Tensor, ...]


class Encoders(nn.Module):
    """The two image encoders. `clip.visual.trunk` is the CNN, so that one ConvNeXt serves both uses."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.vit = build_vit(config)
        self.clip = build_clip(config)

    def forward(self, pixels: Tensor) -> Features:
        """CLIP-normalised (batch, 3, image_size, image_size) to features."""
        return Features(self._vit(pixels), self._cnn(pixels))

    def _vit(self, pixels: Tensor) -> Tensor:
        vit = self.config.vit
        # a training on smaller pictures shows this branch fewer patches, too
        grid = max(round(vit.grid * pixels.shape[-1] / self.config.image_size), 1)
        seen = for_vit(pixels, grid * vit.patch_size)
        states = self.vit(pixel_values=seen, output_hidden_states=True).hidden_states  # depth + 1
        return torch.cat([self.vit.layernorm(states[layer]) for layer in vit.layers], dim=-1)

    def _cnn(self, pixels: Tensor) -> tuple[Tensor, ...]:
        trunk = self.clip.visual.trunk
        maps, x = [], trunk.stem(pixels)
        for number, stage in enumerate(trunk.stages, start=1):
            x = stage(x)
            if number == len(trunk.stages):
                x = trunk.head.norm(trunk.norm_pre(x))  # at every position, as SPHINX reads it
            if number in self.config.cnn.stages:
                maps.append(x)
        return tuple(maps)


class Fusion(nn.Module):
    """Equations 6 and 7: one token a grid position, plus the ViT's class token beside the CNN's means."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.grid = config.vit.grid
        dims = stage_channels(config)
        channels = config.cnn.channels
        self.stages = nn.ModuleList(nn.Linear(d, channels) if channels else nn.Identity() for d in dims)
        cnn = len(dims) * channels if channels else sum(dims)
        vit = len(config.vit.layers) * config.vit.width
        self.proj = nn.Sequential(
            nn.Linear(cnn + vit, config.language.width), nn.LayerNorm(config.language.width)
        )

    def forward(self, vit: Tensor, stages: tuple[Tensor, ...]) -> Tensor:
        """`on_grid` maps and ViT features to visual tokens (batch, 1 + grid^2, language width)."""
        dtype = next(self.parameters()).dtype  # learning in float32 behind frozen bfloat16 encoders
        maps = [layer(stage.to(dtype)) for layer, stage in zip(self.stages, stages, strict=True)]
        cnn = torch.cat(maps, dim=-1)
        visual: Tensor = self.proj(torch.cat([with_mean(cnn), vit.to(dtype)], dim=-1))
        return visual


def on_grid(stages: tuple[Tensor, ...], grid: int) -> tuple[Tensor, ...]:
    """Each (batch, C, h, w) brought to the ViT's grid: (batch, grid^2, C), row by row.

    The average comes before the 1x1 convolution to the common channel size: both are linear and the weights
    of an average sum to one, so the order changes the cost only.
    """
    return tuple(functional.adaptive_avg_pool2d(s, grid).flatten(2).transpose(1, 2) for s in stages)


def with_mean(tokens: Tensor) -> Tensor:
    """(batch, N, C) to (batch, 1 + N, C): the mean stands where the ViT has its class token."""
    return torch.cat([tokens.mean(dim=1, keepdim=True), tokens], dim=1)


def stage_channels(config: Config) -> tuple[int, ...]:
    """The channel count of each CNN stage that is read."""
    import timm

    with torch.device("meta"):
        trunk: Any = timm.create_model(config.cnn.timm_model, num_classes=0)
    return tuple(trunk.feature_info[stage - 1]["num_chs"] for stage in config.cnn.stages)


def build_vit(config: Config) -> Any:
    """A transformers `Dinov2Model`, randomly initialised."""
    from transformers import Dinov2Config, Dinov2Model

    vit = config.vit
    return Dinov2Model(
        Dinov2Config(
            hidden_size=vit.width,
            num_hidden_layers=vit.depth,
            num_attention_heads=vit.heads,
            image_size=vit.position_size,
            patch_size=vit.patch_size,
            use_swiglu_ffn=vit.swiglu,
        )
    )


def build_clip(config: Config) -> Any:
    """An `open_clip.model.CLIP` whose image tower is a timm ConvNeXt, randomly initialised.

    Where the CLIP is not to score, a module with `visual.trunk` alone: the same ConvNeXt without the rest.
    """
    if not config.clip.scores:
        return _trunk_alone(config)
    from open_clip.model import CLIP, CLIPTextCfg, CLIPVisionCfg

    clip = config.clip
    vision = CLIPVisionCfg(
        timm_model_name=config.cnn.timm_model,
        timm_pool="",  # the trunk's own: average, then norm
        timm_proj=clip.projection,
        image_size=clip.image_size,
    )
    text = CLIPTextCfg(
        context_length=clip.context_length,
        vocab_size=clip.vocab_size,
        width=clip.width,
        heads=clip.heads,
        layers=clip.layers,
        pool_type="argmax" if clip.eos_id is None else "eos",
        eos_id=clip.eos_id or 0,
    )
    return CLIP(clip.embed_dim, vision, text)


def _trunk_alone(config: Config) -> nn.Module:
    import timm

    trunk: Any = timm.create_model(config.cnn.timm_model, num_classes=0)
    return nn.ModuleDict({"visual": nn.ModuleDict({"trunk": trunk})})
