"""Stage 0: the encoders, the proposal head and the CLIP learn together from rendered scenes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from .batches import Batch, batch
from .clip_texts import BACKGROUNDS, aircraft_sentence, sentence, tokenised
from .config import Config
from .objectives import dense_losses
from .proposals import ProposalHead
from .scenes import Shard, read_shards
from .tokenizer import Tokenizer
from .training import Schedule, in_cycle, load_state, optimizer, save_state
from .vision import Encoders, Features, stage_channels

WEIGHTS = {"object": 2.0, "name": 1.0, "type": 0.7, "box": 2.0, "oriented": 0.5}


class EncoderTrainer(nn.Module):
    """The parts that ship, and linear probes that only teach."""

    def __init__(self, config: Config, tokenizer: Tokenizer) -> None:
        from ..harness.datasets.mini import AIRCRAFT, LOOKS, OBJECTS, SCENES

        super().__init__()
        self.config, self.tokenizer = config, tokenizer
        self.names, self.types, self.scenes = OBJECTS, AIRCRAFT, SCENES
        self.encoders = Encoders(config)
        self.head = ProposalHead(config)
        widths = [2 * channels for channels in stage_channels(config)]
        widths += [config.vit.width, 2 * len(config.vit.layers) * config.vit.width]
        self.scene_probes = nn.ModuleList(_probe(width, len(SCENES)) for width in widths)
        self.look_probes = nn.ModuleList(_probe(width, len(LOOKS)) for width in widths[-3:])
        _initialise(self.encoders)

    def losses(
        self, batch: Batch, rng: np.random.Generator, contrast: bool = True, dense: bool = True
    ) -> dict[str, Tensor]:
        """The objectives of one batch, unweighted; `accuracy` entries carry no gradient.

        `contrast`: with those of the CLIP; `dense`: with those of the proposal head.
        """
        features: Features = self.encoders(batch.pixels)
        losses = dense_losses(self.head(features), batch.targets) if dense else {}
        pooled = [_statistics(stage.flatten(2).transpose(1, 2)) for stage in features.stages]
        pooled += [features.vit[:, 0, -self.config.vit.width :], _statistics(features.vit[:, 1:])]
        logits = [probe(seen) for probe, seen in zip(self.scene_probes, pooled, strict=True)]
        looks = [probe(seen) for probe, seen in zip(self.look_probes, pooled[-3:], strict=True)]
        losses["scene"] = sum((_cross_entropy(each, batch.label) for each in logits), pooled[0].new_zeros(()))
        losses["look"] = 0.2 * sum(
            (_cross_entropy(each, batch.look) for each in looks), pooled[0].new_zeros(())
        )
        losses["accuracy cnn"] = _accuracy(logits[-3], batch.label)
        losses["accuracy vit"] = _accuracy(logits[-1], batch.label)
        return losses | (self._contrastive(batch, features, rng) if contrast else {})

    def _contrastive(self, batch: Batch, features: Features, rng: np.random.Generator) -> dict[str, Tensor]:
        """Crops against object and type sentences, whole scenes against scene sentences."""
        clip = self.encoders.clip
        texts = [sentence(n, rng) for n in (*self.names, str(rng.choice(BACKGROUNDS)))]
        texts += [aircraft_sentence(t, rng) for t in self.types]
        texts += [sentence(s, rng) for s in self.scenes]
        length = self.config.clip.context_length
        text = clip.encode_text(tokenised(texts, self.tokenizer, length), normalize=True)
        objects, types, scenes = text.split([len(self.names) + 1, len(self.types), len(self.scenes)])
        scale = clip.logit_scale.exp().clamp(max=100)
        crops = scale * clip.encode_image(batch.crops, normalize=True)
        # the trunk has seen the whole scenes already: its pooled map is what `clip.visual` would pool
        whole = scale * functional.normalize(clip.visual.head(features.stages[-1].mean((2, 3))), dim=-1)
        return {
            "clip object": functional.cross_entropy(crops @ objects.T, batch.crop_name),
            "clip type": 0.5 * functional.cross_entropy(crops @ types.T, batch.crop_type, ignore_index=-1),
            "clip scene": 0.3 * functional.cross_entropy(whole @ scenes.T, batch.label, ignore_index=-1),
            "accuracy clip": _accuracy(crops @ objects.T, batch.crop_name),
            "accuracy type": _accuracy(crops @ types.T, batch.crop_type),
        }


def train_encoders(
    config: Config, tokenizer: Tokenizer, shards: Path, folder: Path, recipe: dict[str, Any]
) -> None:
    """Train for the steps of `recipe["phases"]`, `recipe["batch"]` scenes each; continues."""
    torch.manual_seed(recipe["seed"])
    steps = _phases(recipe)[-1][2]
    model = EncoderTrainer(config, tokenizer).to(memory_format=torch.channels_last)
    adam = optimizer(model, recipe["weight_decay"])
    cycles = [Schedule(c["learning_rate"], recipe["warm_up"], c["steps"]) for c in recipe["cycles"]]
    step, minutes = load_state(folder / "encoders.pt", model, adam)
    started, last, window = time.monotonic(), time.monotonic(), list[dict[str, float]]()
    for scenes, crops, shard, rng in _draws(shards, step, recipe):
        if step >= steps:
            break
        size, dense = next((size, dense) for size, dense, end in _phases(recipe) if step < end)
        losses = model.losses(
            batch(shard, scenes, crops, size, rng), rng, contrast=step % 2 == 0, dense=dense
        )
        total = sum(WEIGHTS.get(k, 1.0) * v for k, v in losses.items() if not k.startswith("accuracy"))
        assert isinstance(total, Tensor)
        in_cycle(cycles, adam, step)
        adam.zero_grad()
        torch.autograd.backward(total)
        nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        adam.step()
        step += 1
        window.append({k: float(v.detach()) for k, v in losses.items()})
        if step % 25 == 0:
            means = {k: np.nanmean([w[k] for w in window if k in w]) for k in window[0] | window[1]}
            rate = (time.monotonic() - last) / 25
            print(f"{step} {rate:.2f} s", " ".join(f"{k} {v:.3f}" for k, v in means.items()), flush=True)
            window, last = [], time.monotonic()
        if step % 100 == 0 or step == steps:
            save_state(folder / "encoders.pt", model, adam, step, minutes + (time.monotonic() - started) / 60)


def _probe(width: int, classes: int) -> nn.Module:
    """A linear reading of pooled features; batch statistics take the common part out of them."""
    return nn.Sequential(nn.BatchNorm1d(width), nn.Linear(width, classes))


def _statistics(tokens: Tensor) -> Tensor:
    """(batch, places, channels) to (batch, 2 * channels): mean and deviation over the places.

    Every stage is taught, by its texture too: with little to learn from, that is worth twice the scenes.
    """
    return torch.cat([tokens.mean(1), (tokens.var(1) + 1e-5).sqrt()], -1)


def _cross_entropy(logits: Tensor, label: Tensor) -> Tensor:
    return functional.cross_entropy(logits, label, ignore_index=-1)


def _phases(recipe: dict[str, Any]) -> list[tuple[int, bool, int]]:
    """(picture size, with the proposal head, step at which it ends) of each phase.

    Small pictures come first: what a scene is can be learned from them at a fraction of the cost.
    """
    ends = np.cumsum([phase["steps"] for phase in recipe["phases"]]).tolist()
    return [(p["size"], p["dense"], end) for p, end in zip(recipe["phases"], ends, strict=True)]


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


def _draws(
    folder: Path, step: int, recipe: dict[str, Any]
) -> Iterator[tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], Shard, np.random.Generator]]:
    """Scenes and crops of every step from `step` on; shards that appear meanwhile are taken in."""
    paths: list[Path] = []
    while True:
        found = sorted(folder.glob("*.npz"))
        if found != paths:
            paths, shard = found, read_shards(found)
            everything = np.arange(len(shard.images))
            labelled = np.flatnonzero(shard.label >= 0)
        for _ in range(100):
            rng = np.random.default_rng((recipe["seed"], step))
            dense = next((dense for _, dense, end in _phases(recipe) if step < end), True)
            scenes = rng.choice(everything if dense else labelled, recipe["batch"], replace=False)
            crops = rng.choice(len(shard.crops), recipe["crops"], replace=False)
            yield scenes, crops, shard, rng
            step += 1


def _accuracy(logits: Tensor, label: Tensor) -> Tensor:
    known = label >= 0
    return (logits.detach().argmax(-1)[known] == label[known]).float().mean()
