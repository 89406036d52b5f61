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
from .training import Schedule, load_state, optimizer, save_state
from .vision import Encoders, Features

WEIGHTS = {"object": 1.0, "name": 1.0, "type": 1.0, "box": 2.0, "oriented": 1.0}


class EncoderTrainer(nn.Module):
    """The parts that ship, and linear probes that only teach."""

    def __init__(self, config: Config, tokenizer: Tokenizer) -> None:
        from ..harness.datasets.mini import AIRCRAFT, LOOKS, OBJECTS, SCENES

        super().__init__()
        self.config, self.tokenizer = config, tokenizer
        self.names, self.types, self.scenes = OBJECTS, AIRCRAFT, SCENES
        self.encoders = Encoders(config)
        self.head = ProposalHead(config)
        cnn = self.encoders.clip.visual.trunk.num_features
        vit = config.vit.width
        self.scene_probes = nn.ModuleList(nn.Linear(d, len(SCENES)) for d in (cnn, vit))
        self.look_probes = nn.ModuleList(nn.Linear(d, len(LOOKS)) for d in (cnn, vit))

    def losses(self, batch: Batch, rng: np.random.Generator) -> dict[str, Tensor]:
        """Every objective of one batch, unweighted; `accuracy` entries carry no gradient."""
        features: Features = self.encoders(batch.pixels)
        losses = dense_losses(self.head(features), batch.targets)
        pooled = features.stages[-1].mean((2, 3))
        globals_ = (pooled, features.vit[:, 0, -self.config.vit.width :])
        for name, probe, look, seen in zip(
            ("cnn", "vit"), self.scene_probes, self.look_probes, globals_, strict=True
        ):
            logits = probe(seen)
            losses[f"scene {name}"] = functional.cross_entropy(logits, batch.label, ignore_index=-1)
            losses[f"look {name}"] = 0.2 * functional.cross_entropy(look(seen), batch.look)
            losses[f"accuracy {name}"] = _accuracy(logits, batch.label)
        return losses | self._contrastive(batch, features, rng)

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
    """Train for `recipe["steps"]` steps of `recipe["batch"]` scenes; continues where `folder` stopped."""
    model = EncoderTrainer(config, tokenizer).to(memory_format=torch.channels_last)
    adam = optimizer(model, recipe["weight_decay"])
    schedule = Schedule(recipe["learning_rate"], recipe["warm_up"], recipe["steps"])
    step, minutes = load_state(folder / "encoders.pt", model, adam)
    grid = config.image_size // 8
    started, last, window = time.monotonic(), time.monotonic(), list[dict[str, float]]()
    for scenes, crops, shard, rng in _draws(shards, step, recipe):
        if step >= recipe["steps"]:
            break
        losses = model.losses(batch(shard, scenes, crops, grid, rng), rng)
        total = sum(WEIGHTS.get(k, 1.0) * v for k, v in losses.items() if not k.startswith("accuracy"))
        assert isinstance(total, Tensor)
        schedule.apply(adam, step)
        adam.zero_grad()
        total.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        adam.step()
        step += 1
        window.append({k: float(v.detach()) for k, v in losses.items()})
        if step % 25 == 0:
            means = {k: np.nanmean([w[k] for w in window]) for k in window[0]}
            rate = (time.monotonic() - last) / 25
            print(f"{step} {rate:.2f} s", " ".join(f"{k} {v:.3f}" for k, v in means.items()), flush=True)
            window, last = [], time.monotonic()
        if step % 100 == 0 or step == recipe["steps"]:
            save_state(folder / "encoders.pt", model, adam, step, minutes + (time.monotonic() - started) / 60)


def _draws(
    folder: Path, step: int, recipe: dict[str, Any]
) -> Iterator[tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], Shard, np.random.Generator]]:
    """Scenes and crops of every step from `step` on; shards that appear meanwhile are taken in."""
    paths: list[Path] = []
    while True:
        found = sorted(folder.glob("*.npz"))
        if found != paths:
            paths, shard = found, read_shards(found)
        for _ in range(100):
            rng = np.random.default_rng((recipe["seed"], step))
            scenes = rng.choice(len(shard.images), recipe["batch"], replace=False)
            crops = rng.choice(len(shard.crops), recipe["crops"], replace=False)
            yield scenes, crops, shard, rng
            step += 1


def _accuracy(logits: Tensor, label: Tensor) -> Tensor:
    known = label >= 0
    return (logits.detach().argmax(-1)[known] == label[known]).float().mean()
