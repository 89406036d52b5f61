"""Batched answers, greedy or sampled, each token with its log-probability."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ..harness.contract import Token
from ..harness.errors import ModelError
from .decoding import Decoder
from .instructions import END
from .model import EarthGPT, Seen
from .pointers import Slots, steps
from .sampling import Sampler, Sampling
from .stopping import Stop
from .tokenizer import Tokenizer
from .walking import Chosen, Walks, decided


@dataclass(frozen=True, slots=True)
class Sight:
    """What is kept of a picture that was looked at: the language model's keys and values of BOS and the
    visual tokens (layers, 2, heads, 1 + visual tokens, head width), the proposals it may point at, and their
    visual tokens (proposals, width)."""

    prefix: Tensor
    slots: Slots | None
    shown: Tensor

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        return self.prefix.nbytes + self.shown.nbytes


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: the whole conversation text up to the open answer, and the most tokens the answer may have,
    its end mark included."""

    prompt: str
    limit: int
    sampling: Sampling = Sampling()


@dataclass(frozen=True, slots=True)
class Generated:
    """An answer without its end mark; the tokens' texts joined are the text. `ids` are the tokens as they
    were chosen, the end mark included; `read` counts those before, BOS and the visual ones included."""

    text: str
    tokens: tuple[Token, ...]
    ids: tuple[int, ...]
    read: int

    @property
    def count(self) -> int:
        """How many tokens were made."""
        return len(self.ids)


class Generator:
    """A model made ready to answer; its weights are read once.

    Pictures are looked at by `see`, once however many questions are asked of them. `marks` are stop strings
    besides EOS. An answer does not depend on its neighbours in a batch beyond rounding.

    Raises:
        ModelError: a language model that `Decoder` cannot run.
    """

    def __init__(self, model: EarthGPT, tokenizer: Tokenizer, marks: Sequence[str] = (END,)) -> None:
        self._model, self._tokenizer = model, tokenizer
        self._language = model.config.language
        self._decoder = Decoder(model.language)
        self._stop = Stop(tokenizer, self._language.eos_id, marks)
        self._walk = steps(tokenizer)

    @torch.inference_mode()
    def see(self, pixels: Tensor) -> list[Sight]:
        """CLIP-normalised pixels (batch, 3, S, S) through the encoders and the first part of the sequence
        (equation 8: BOS, then the picture)."""
        seen = self._model.see(pixels)
        return self.sights(seen)

    @torch.inference_mode()
    def sights(self, seen: Seen) -> list[Sight]:
        """The same for pictures that went through the encoders."""
        bos = self._decoder.embedding(torch.tensor([[self._language.bos_id]], device=seen.tokens.device))
        embedded = torch.cat([bos.expand(len(seen.tokens), -1, -1), seen.tokens], 1)
        prefixes = self._decoder.prefixes(embedded.to(self._decoder.dtype))
        shown = self._model.proposal_tokens(seen.tokens)
        return [Sight(prefix, _slots(seen, row), shown[row].clone()) for row, prefix in enumerate(prefixes)]

    def answer(self, sights: Sequence[Sight], asked: Sequence[Asked]) -> list[Generated]:
        """One answer for each pair of a picture and a question.

        A prompt that would not fit beside the picture and the answer is cut at its beginning, to positions -
        visual tokens - answer tokens, as LLaMA2-Accessory does; BOS and the picture stay. Log-probabilities
        are the model's own: before temperature, top_k and top_p.

        Raises:
            ModelError: an answer alone would fill the model's positions.
        """
        ids = [self._fitting(sight, question) for sight, question in zip(sights, asked, strict=True)]
        tokens: list[list[Chosen]] = [[] for _ in ids]
        for row, chosen in self._decode(sights, ids, asked):
            tokens[row].append(chosen)
        return [
            self._written(sight, len(prompt), made)
            for sight, prompt, made in zip(sights, ids, tokens, strict=True)
        ]

    def stream(self, sight: Sight, asked: Asked, show: Callable[[str], None]) -> Generated:
        """One answer, each part of its text shown as soon as no later token can change it.

        Raises:
            ModelError: as `answer`.
        """
        ids = self._fitting(sight, asked)
        tokens: list[Chosen] = []
        shown, answer = 0, Generated("", (), (), 0)
        for _, chosen in self._decode([sight], [ids], [asked]):
            tokens.append(chosen)
            answer = self._written(sight, len(ids), tokens)
            sure = answer.text.rstrip("\ufffd")
            settled = self._stop.settled(sure)
            if settled > shown:
                show(sure[shown:settled])
                shown = settled
        if answer.text[shown:]:
            show(answer.text[shown:])
        return answer

    def _fitting(self, sight: Sight, asked: Asked) -> list[int]:
        room = self._language.positions - sight.prefix.shape[3]
        if asked.limit >= room:
            raise ModelError(
                f"The model has room for {room} tokens of text; an answer may have {asked.limit}.",
                "Ask for shorter answers.",
            )
        return self._tokenizer.encode(asked.prompt)[-(room - asked.limit) :]

    @torch.inference_mode()
    def _decode(
        self, sights: Sequence[Sight], ids: Sequence[Sequence[int]], asked: Sequence[Asked]
    ) -> Iterator[tuple[int, Chosen]]:
        """Row and token as they come, the end of an answer included."""
        if not ids:
            return
        cache, logits = self._decoder.start([sight.prefix for sight in sights], ids)
        sample = Sampler([question.sampling for question in asked])
        given: list[list[int]] = [[] for _ in ids]
        walks = Walks(self._model, self._walk, [sight.shown for sight in sights], ids)
        order = list(range(len(ids)))  # the answer that each row of the cache belongs to
        positions = torch.tensor([cache.length] * len(ids), device=logits.device)
        positions -= max(map(len, ids)) - torch.tensor([len(n) for n in ids], device=logits.device)
        while order:
            chosen = sample(logits, order)
            total = logits.logsumexp(-1)
            own = (logits.gather(-1, chosen[:, None])[:, 0] - total).tolist()
            for answer, *made in zip(order, chosen.tolist(), own, walks.instead(logits, total), strict=True):
                given[answer].append(made[0])
                yield answer, Chosen(*made)
            for row in reversed(range(len(order))):
                answer = order[row]
                if len(given[answer]) == asked[answer].limit or self._stop(given[answer]):
                    last = cache.drop(row)
                    order[row], chosen[row], positions[row] = order[last], chosen[last], positions[last]
                    order.pop()
            if order:
                rows = len(order)
                chosen = chosen[:rows]
                logits = self._decoder.step(cache, chosen, positions[:rows], walks(order, chosen.tolist()))
                positions = positions[:rows] + 1

    def _written(self, sight: Sight, prompt: int, chosen: Sequence[Chosen]) -> Generated:
        kept = [one for one in chosen if one.token != self._language.eos_id]
        if sight.slots is not None:
            kept = decided(kept, self._walk, len(sight.slots.boxes))
        pieces = self._tokenizer.pieces([one.token for one in kept])
        if sight.slots is not None:
            pieces = sight.slots.written(pieces)
        left = len(self._stop.cut("".join(pieces)))
        tokens: list[Token] = []
        for piece, one in zip(pieces, kept, strict=True):
            if left <= 0:
                break
            text = piece[:left] if tokens else piece[:left].lstrip(" ")  # the space after `Assistant:`
            left -= len(piece)
            tokens.append(Token(text, round(one.logprob, 6)))
        text = "".join(token.text for token in tokens)
        ids = tuple(one.token for one in chosen)
        return Generated(text, tuple(tokens), ids, sight.prefix.shape[3] + prompt)


def _slots(seen: Seen, row: int) -> Slots | None:
    if seen.proposals is None:
        return None
    used = int(seen.proposals.valid[row].sum())
    boxes, corners = seen.proposals.boxes[row, :used], seen.proposals.corners[row, :used]
    return Slots(boxes.tolist(), corners.tolist())
