"""Rows of conversations and their pictures as the tensors of one forward pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..proposals import Proposals
from .example import Cached, Picture
from .pack import Block
from .walks import walked

IGNORED = -100
Batch = dict[str, Any]


def collate(
    rows: Sequence[Sequence[Block]],
    pictures: Mapping[int, Picture | None],
    bos: int,
    pad: int,
    weigh: str,
    walk: Sequence[int] = (),
) -> Batch:
    """Tensors (rows, places) and the pictures of their samples.

    `ids`: tokens; `visual`: where visual tokens go; `positions`: they begin again at 0 with every
    conversation and, with turns apart, after the picture with every turn; `block`: the conversation of a
    place, -1 padding; `part`: `Spoken.part`; `targets`: the next token where it is learned, else -100;
    `weights`: what it counts. `walk` (steps, 6): where its tokens stand in answers, by `walked`. `masked`:
    whether a row holds more than one conversation, or turns apart. A picture of None is broken: its places
    see zeros and its answers weigh nothing. No rows at all make one of BOS alone, with nothing to learn.
    """
    width = max((sum(b.length for b in row) for row in rows), default=1)
    shape = (max(len(rows), 1), width)
    ids, part = np.full(shape, pad, np.int64), np.zeros(shape, np.int64)
    block, targets = np.full(shape, -1, np.int64), np.full(shape, IGNORED, np.int64)
    positions = np.tile(np.arange(width), (shape[0], 1))
    visual, weights = np.zeros(shape, bool), np.zeros(shape, np.float32)
    if not rows:
        ids[0, 0], block[0, 0] = bos, 0
    for r, row in enumerate(rows):
        at = 0
        for number, one in enumerate(row):
            here, first = slice(at, at + one.length), 1 + one.visual
            ids[r, at] = bos
            ids[r, at + first : here.stop] = one.spoken.ids
            visual[r, at + 1 : at + first] = True
            block[r, here] = number
            part[r, at + first : here.stop] = one.spoken.part
            positions[r, here] = _positions(one)
            answer = np.array(one.spoken.answer)
            learned = at + first + np.flatnonzero(answer >= 0)
            targets[r, learned - 1] = ids[r, learned]
            if not one.visual or pictures[one.sample] is not None:
                weights[r, learned - 1] = _weights(answer[answer >= 0], weigh)
            at += one.length
    blocks = [one for row in rows for one in row]
    return {
        "ids": torch.from_numpy(ids),
        "visual": torch.from_numpy(visual),
        "positions": torch.from_numpy(positions),
        "block": torch.from_numpy(block),
        "part": torch.from_numpy(part),
        "targets": torch.from_numpy(targets),
        "weights": torch.from_numpy(weights),
        "walk": walked(rows, walk),
        "masked": any(len(row) > 1 for row in rows) or bool(part.any()),
    } | _pictures([pictures[one.sample] for one in blocks if one.visual])


def _positions(one: Block) -> Any:
    """Where each place of a conversation counts: on from the start, or from the picture in every turn."""
    positions = np.arange(one.length)
    part, text = np.array(one.spoken.part), np.arange(len(one.spoken.ids))
    begins = np.where(np.diff(part, prepend=0) != 0, text, 0)  # of turns apart
    positions[1 + one.visual :] -= np.maximum.accumulate(begins)
    return positions


def _weights(answers: Any, weigh: str) -> Any:
    """What each learned token counts: 1, or one over the length of its answer."""
    return 1.0 if weigh == "tokens" else 1.0 / np.bincount(answers)[answers]


def _pictures(pictures: Sequence[Picture | None]) -> Batch:
    """Pictures by kind, and `order`: where in (pixels, cached, broken) each is found, in the rows' order."""
    kinds = [0 if isinstance(p, np.ndarray) else 1 if isinstance(p, Cached) else 2 for p in pictures]
    order = torch.empty(len(kinds), dtype=torch.long)
    order[torch.tensor(np.argsort(kinds, kind="stable"), dtype=torch.long)] = torch.arange(len(kinds))
    pixels = [p for p in pictures if isinstance(p, np.ndarray)]
    cached = [p for p in pictures if isinstance(p, Cached)]
    return {
        "order": order,
        "pixels": torch.from_numpy(np.stack(pixels)) if pixels else None,
        "cached": _stacked(cached) if cached else None,
        "broken": kinds.count(2),
    }


def _stacked(cached: Sequence[Cached]) -> dict[str, Any]:
    proposals: dict[str, Tensor] | None = None
    found = [c.proposals for c in cached if c.proposals is not None]
    if found:
        proposals = {f.name: torch.stack([getattr(p, f.name) for p in found]) for f in fields(Proposals)}
    return {
        "vit": torch.stack([c.vit for c in cached]),
        "maps": [torch.stack(maps) for maps in zip(*(c.maps for c in cached), strict=True)],
        "proposals": proposals,
    }
