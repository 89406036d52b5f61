"""What the encoders, the proposal head and the CLIP are taught together (the stage `encoders`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from .batches import Batch
from .clip_texts import BACKGROUNDS, aircraft_sentence, sentence
from .config import Config
from .objectives import Targets, dense_losses
from .proposals import ProposalHead
from .vision import Encoders, Features, stage_channels
from .world import World

WEIGHTS = {"object": 2.0, "name": 1.0, "type": 0.7, "box": 2.0, "oriented": 0.5}


class EncoderTrainer(nn.Module):
    """The parts that ship, and linear probes that only teach. `fresh` draws all weights anew."""

    def __init__(self, config: Config, world: World, encoders: Encoders, head: ProposalHead) -> None:
        super().__init__()
        self.described, self.world = config, world
        self.encoders, self.head = encoders, head
        widths = [2 * channels for channels in stage_channels(config)]
        widths += [config.vit.width, 2 * len(config.vit.layers) * config.vit.width]
        self.scene_probes = nn.ModuleList(_probe(width, len(world.scenes)) for width in widths)
        self.look_probes = nn.ModuleList(_probe(width, len(world.looks)) for width in widths[-3:])

    @classmethod
    def fresh(cls, config: Config, world: World) -> EncoderTrainer:
        """With random weights."""
        encoders = Encoders(config)
        _initialise(encoders)
        return cls(config, world, encoders, ProposalHead(config))

    def forward(self, inputs: Mapping[str, Any]) -> tuple[Tensor, dict[str, float]]:
        """The weighted loss of a step (`trainer.encoder_draws`), and its parts as numbers."""
        tensors = {name: inputs[name] for name in Batch.__dataclass_fields__ if name != "targets"}
        batch = Batch(**tensors, targets=Targets(**inputs["targets"]))
        losses = self.losses(batch, inputs["texts"], inputs["dense"])
        taught = [WEIGHTS.get(k, 1.0) * v for k, v in losses.items() if not k.startswith("accuracy")]
        return torch.stack(taught).sum(), {k: float(v.detach()) for k, v in losses.items()}

    def losses(self, batch: Batch, texts: Tensor | None = None, dense: bool = True) -> dict[str, Tensor]:
        """The objectives of one batch, unweighted; `accuracy` entries carry no gradient.

        `texts`: with those of the CLIP, the tokens of `sentences`; `dense`: with those of the proposal head.
        """
        features: Features = self.encoders(batch.pixels)
        losses = dense_losses(self.head(features), batch.targets) if dense else {}
        pooled = [_statistics(stage.flatten(2).transpose(1, 2)) for stage in features.stages]
        pooled += [features.vit[:, 0, -self.described.vit.width :], _statistics(features.vit[:, 1:])]
        logits = [probe(seen) for probe, seen in zip(self.scene_probes, pooled, strict=True)]
        looks = [probe(seen) for probe, seen in zip(self.look_probes, pooled[-3:], strict=True)]
        losses["scene"] = sum((_cross_entropy(each, batch.label) for each in logits), pooled[0].new_zeros(()))
        losses["look"] = 0.2 * sum(
            (_cross_entropy(each, batch.look) for each in looks), pooled[0].new_zeros(())
        )
        losses["accuracy cnn"] = _accuracy(logits[-3], batch.label)
        losses["accuracy vit"] = _accuracy(logits[-1], batch.label)
        return losses | (self._contrastive(batch, features, texts) if texts is not None else {})

    def _contrastive(self, batch: Batch, features: Features, texts: Tensor) -> dict[str, Tensor]:
        """Crops against object and type sentences, whole scenes against scene sentences."""
        clip, world = self.encoders.clip, self.world
        text = clip.encode_text(texts, normalize=True)
        objects, types, scenes = text.split([len(world.objects) + 1, len(world.types), len(world.scenes)])
        scale = clip.logit_scale.exp().clamp(max=100)
        crops = scale * clip.encode_image(batch.crops, normalize=True)
        # the trunk has seen the whole scenes already: its pooled map is what `clip.visual` would pool
        whole = scale * functional.normalize(clip.visual.head(features.stages[-1].mean((2, 3))), dim=-1)
        return {
            "clip object": _cross_entropy(crops @ objects.T, batch.crop_name),
            "clip type": 0.5 * _cross_entropy(crops @ types.T, batch.crop_type),
            "clip scene": 0.3 * _cross_entropy(whole @ scenes.T, batch.label),
            "accuracy clip": _accuracy(crops @ objects.T, batch.crop_name),
            "accuracy type": _accuracy(crops @ types.T, batch.crop_type),
        }


def sentences(world: World, rng: np.random.Generator) -> list[str]:
    """A sentence for every object, the background, every type and every scene."""
    texts = [sentence(name, rng) for name in (*world.objects, str(rng.choice(BACKGROUNDS)))]
    texts += [aircraft_sentence(kind, rng) for kind in world.types]
    return texts + [sentence(scene, rng) for scene in world.scenes]


def _probe(width: int, classes: int) -> nn.Module:
    """A linear reading of pooled features; batch statistics take the common part out of them."""
    return nn.Sequential(nn.BatchNorm1d(width), nn.Linear(width, classes))


def _statistics(tokens: Tensor) -> Tensor:
    """(batch, places, channels) to (batch, 2 * channels): mean and deviation over the places.

    Every stage is taught, by its texture too: with little to learn from, that is worth twice the scenes.
    """
    return torch.cat([tokens.mean(1), (tokens.var(1) + 1e-5).sqrt()], -1)


def _cross_entropy(logits: Tensor, label: Tensor) -> Tensor:
    """The mean over what has a label; 0 where nothing has one."""
    total = functional.cross_entropy(logits, label, ignore_index=-1, reduction="sum")
    return total / (label >= 0).sum().clamp(min=1)


def _initialise(encoders: nn.Module) -> None:
    """Weights of unit gain and open residual branches.

    The libraries' small weights and ConvNeXt's 1e-6 gains are for deep networks and long trainings.
    """
    for name, parameter in encoders.named_parameters():
        if name.endswith("gamma"):
            nn.init.ones_(parameter)
    for module in encoders.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            nn.init.normal_(module.weight, 0.0, module.weight[0].numel() ** -0.5)
            if module.bias is not None:
                nn.init.zeros_(module.bias)


def _accuracy(logits: Tensor, label: Tensor) -> Tensor:
    known = label >= 0
    return (logits.detach().argmax(-1)[known] == label[known]).float().mean()
