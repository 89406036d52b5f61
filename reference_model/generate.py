"""Batched greedy answers with a key-value cache, each token with its log-probability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ..harness.contract import Token
from ..harness.errors import ModelError
from .instructions import END
from .model import EarthGPT, Seen
from .pointers import Slots
from .tokenizer import Tokenizer


@dataclass(frozen=True, slots=True)
class Generated:
    """An answer without its end mark; the tokens' texts joined are the text. `count` includes the end."""

    text: str
    tokens: tuple[Token, ...]
    count: int


@torch.inference_mode()
def generate(
    model: EarthGPT, tokenizer: Tokenizer, seen: Seen, prompts: Sequence[str], limits: Sequence[int]
) -> list[Generated]:
    """Answer one prompt a picture of `seen`, each the whole conversation text up to the open answer.

    `limits`: the most tokens of each answer, the end mark included.

    A prompt that would not fit beside the picture and the answer is cut at its beginning, as
    LLaMA2-Accessory does. Padding stands on the left and is never looked at, so that an answer does not
    depend on its neighbours beyond rounding.

    Raises:
        ModelError: the answer alone would fill the model's positions.
    """
    language = model.config.language
    room = language.positions - 1 - seen.tokens.shape[1]
    if max(limits) >= room:
        raise ModelError(f"The model has room for {room} tokens of text; an answer may have {max(limits)}.")
    ids = [tokenizer.encode(p)[-(room - limit) :] for p, limit in zip(prompts, limits, strict=True)]
    chosen, logprobs = _decode(model, seen.tokens, ids, limits, _Stop(tokenizer, language.eos_id))
    answers = []
    for row, numbers in enumerate(chosen):
        answers.append(_written(tokenizer, numbers, logprobs[row], _slots(seen, row), language.eos_id))
    return answers


class _Stop:
    """Says when an answer has ended: at EOS, or when its last tokens spell the end mark."""

    def __init__(self, tokenizer: Tokenizer, eos: int) -> None:
        self._eos, self._tokenizer = eos, tokenizer

    def __call__(self, numbers: Sequence[int]) -> bool:
        if not numbers or numbers[-1] == self._eos:
            return bool(numbers)
        return END in self._tokenizer.decode(numbers[-len(END) - 1 :])


def _decode(
    model: EarthGPT, visual: Tensor, ids: Sequence[Sequence[int]], limits: Sequence[int], stop: _Stop
) -> tuple[list[list[int]], list[list[float]]]:
    language, device = model.config.language, visual.device
    width = max(map(len, ids))
    padded = torch.full((len(ids), width), language.pad_id, device=device)
    for row, numbers in enumerate(ids):
        padded[row, width - len(numbers) :] = torch.tensor(numbers, device=device)
    embedded, mask, positions = _left_padded(model, visual, padded, [width - len(n) for n in ids])
    chosen: list[list[int]] = [[] for _ in ids]
    logprobs: list[list[float]] = [[] for _ in ids]
    open_rows, cache = set(range(len(ids))), None
    for _ in range(max(limits)):
        out = model.language(
            inputs_embeds=embedded,
            attention_mask=mask,
            position_ids=positions,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        )
        cache = out.past_key_values
        scores = out.logits[:, -1].float().log_softmax(-1)
        best = scores.argmax(-1)
        for row in tuple(open_rows):
            chosen[row].append(int(best[row]))
            logprobs[row].append(float(scores[row, best[row]]))
            if stop(chosen[row]) or len(chosen[row]) == limits[row]:
                open_rows.discard(row)
        if not open_rows:
            break
        embedded = model.language.get_input_embeddings()(best[:, None])
        mask = torch.cat([mask, mask.new_ones(len(ids), 1)], 1)
        positions = positions[:, -1:] + 1
    return chosen, logprobs


def _left_padded(
    model: EarthGPT, visual: Tensor, padded: Tensor, gaps: Sequence[int]
) -> tuple[Tensor, Tensor, Tensor]:
    """Embeddings, mask and positions of [padding][BOS][picture][prompt] (equation 8)."""
    words = model.language.get_input_embeddings()
    bos = words(torch.tensor([[model.config.language.bos_id]], device=visual.device))
    rows = []
    for row, gap in enumerate(gaps):
        text = words(padded[row : row + 1])
        rows.append(torch.cat([text[:, :gap], bos, visual[row : row + 1], text[:, gap:]], 1))
    embedded = torch.cat(rows)
    places = torch.arange(embedded.shape[1], device=visual.device).expand(len(gaps), -1)
    start = torch.tensor(gaps, device=visual.device)[:, None]
    return embedded, (places >= start).long(), (places - start).clamp(min=0)


def _slots(seen: Seen, row: int) -> Slots | None:
    if seen.proposals is None:
        return None
    used = int(seen.proposals.valid[row].sum())
    boxes, corners = seen.proposals.boxes[row, :used], seen.proposals.corners[row, :used]
    return Slots(boxes.tolist(), corners.tolist())


def _written(
    tokenizer: Tokenizer, numbers: Sequence[int], logprobs: Sequence[float], slots: Slots | None, eos: int
) -> Generated:
    kept = [n for n in numbers if n != eos]
    pieces = tokenizer.pieces(kept)
    if slots is not None:
        pieces = [slots.written(piece) for piece in pieces]
    end = "".join(pieces).find(END)
    left = len("".join(pieces)) if end < 0 else end
    tokens: list[Token] = []
    for piece, logprob in zip(pieces, logprobs, strict=False):
        if left <= 0:
            break
        text = piece[:left] if tokens else piece[:left].lstrip(" ")  # the space after `Assistant:`
        left -= len(piece)
        tokens.append(Token(text, round(logprob, 6)))
    return Generated("".join(token.text for token in tokens), tuple(tokens), len(numbers))
