"""A batch to its loss: pictures seen, put into their conversations, answers predicted (equation 14)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..model import EarthGPT
from ..preprocess import CLIP_MEAN, CLIP_STD
from ..proposals import Proposals, select
from ..vision import on_grid
from .collate import IGNORED


class Learner(nn.Module):
    """An EarthGPT whose forward pass is the summed loss of a batch: what Trainer wraps and shards."""

    accepts_loss_kwargs = True  # to Trainer: the loss is over the whole step, not a mean of this batch

    def __init__(self, model: EarthGPT, attention: str = "sdpa") -> None:
        super().__init__()
        self.model = model
        self._joined = attention != "sdpa"  # all conversations in one row, told apart by their positions
        visual = ("fusion.", "region.", "start_img", "end_img")
        self._visual = [n for n, p in model.named_parameters() if p.requires_grad and n.startswith(visual)]

    def forward(
        self,
        ids: Tensor,
        visual: Tensor,
        positions: Tensor,
        block: Tensor,
        part: Tensor,
        targets: Tensor,
        weights: Tensor,
        walk: Tensor,
        masked: bool,
        **pictures: Any,
    ) -> Tensor:
        """Cross-entropy of the learned tokens times their weights, summed (`collate` has the shapes)."""
        language = self.model.language
        words = language.get_input_embeddings()(ids)
        if len(pictures["order"]):
            seen = self.seen(**pictures)
            steps = self._steps(words, seen, walk)
            words = words.masked_scatter(visual[..., None], seen.to(words.dtype))
            words = words if steps is None else words + steps
        elif self._visual:  # every process must have a gradient for every parameter, a zero here
            words = words + 0.0 * sum(self.model.get_parameter(name).sum() for name in self._visual)
        if self._joined:
            there = block >= 0
            words, positions, targets = words[there][None], positions[there][None], targets[there][None]
            weights, masked = weights[there][None], False
        hidden = language.model(
            inputs_embeds=words,
            attention_mask=sights(block, part) if masked else None,
            position_ids=positions,
            use_cache=False,
        ).last_hidden_state
        learned = targets != IGNORED
        logits = language.lm_head(hidden[learned])
        losses = functional.cross_entropy(logits.float(), targets[learned], reduction="none")
        return (losses * weights[learned]).sum()

    def _steps(self, words: Tensor, seen: Tensor, walk: Tensor) -> Tensor | None:
        """What the steps of walks add to the words (rows, places, width), zeros elsewhere."""
        if self.model.region is None:
            return None
        shown = self.model.proposal_tokens(seen)
        row, place, picture, proposal, begin, end = walk[walk[:, 3] < shown.shape[1]].unbind(1)
        before = functional.pad(words.float().cumsum(1), (0, 0, 1, 0))  # sums up to each place
        questions = (before[row, end] - before[row, begin]) / (end - begin)[:, None]
        steps = self.model.region.step(shown[picture, proposal], questions.to(shown.dtype))
        return torch.zeros_like(words).index_put((row, place), steps.to(words.dtype))

    def seen(self, order: Tensor, pixels: Tensor | None, cached: Any, broken: int) -> Tensor:
        """The visual tokens of a batch's pictures (pictures, visual tokens, width), in the rows' order."""
        found = []
        if pixels is not None:
            found.append(self._prefix(*self._perceived(pixels)))
        if cached is not None:
            proposals = cached["proposals"]
            maps = tuple(cached["maps"])
            found.append(self._prefix(cached["vit"], maps, Proposals(**proposals) if proposals else None))
        if broken:
            config = self.model.config
            like = self.model.start_img
            found.append(like.new_zeros(broken, config.visual_tokens, config.language.width))
        return torch.cat(found)[order]

    def _perceived(self, pixels: Tensor) -> tuple[Tensor, tuple[Tensor, ...], Proposals | None]:
        """uint8 (pictures, S, S, 3) through the frozen encoders (V-A)."""
        model = self.model
        parameter = next(model.encoders.parameters())
        mean, std = (torch.tensor(v, device=pixels.device).view(3, 1, 1) for v in (CLIP_MEAN, CLIP_STD))
        shown = (pixels.permute(0, 3, 1, 2).float() / 255 - mean) / std
        with torch.no_grad():
            features = model.encoders(shown.to(parameter.dtype, memory_format=torch.channels_last))
            proposals = None
            if model.head is not None and model.config.proposals is not None:
                proposals = select(model.head(features), model.config.proposals)
            return features.vit, on_grid(features.stages, model.config.vit.grid), proposals

    def _prefix(self, vit: Tensor, maps: tuple[Tensor, ...], proposals: Proposals | None) -> Tensor:
        dtype = self.model.start_img.dtype
        return self.model.prefix(vit.to(dtype), tuple(m.to(dtype) for m in maps), proposals)


def sights(block: Tensor, part: Tensor) -> Tensor:
    """Which places see which, (rows, 1, places, places): earlier ones of the same conversation that belong to
    its shared part (0) or to the same turn. Padding sees itself, so that its softmax is defined."""
    width = block.shape[1]
    causal = torch.ones(width, width, dtype=torch.bool, device=block.device).tril()
    shared = (part[:, None, :] == 0) | (part[:, None, :] == part[:, :, None])
    same = block[:, None, :] == block[:, :, None]
    alone = torch.eye(width, dtype=torch.bool, device=block.device)
    return ((causal & same & shared) | alone)[:, None]
