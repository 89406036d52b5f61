"""How near an object's name comes to the true one: SS and S-IoU of referring object classification."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from ..contract import Answer, Evidence, Target
from .ratios import Ratios
from .semantic_iou import gold_name, said_name, semantic_iou
from .similarity import SentenceEncoder, find_encoder

_PACKAGES = "transformers", "tokenizers", "safetensors", "torch"


class Semantic:
    """Means over objects, as Osprey and EarthGPT-X report them (there times 100).

    - `SS`: cosine of the sentence embeddings of the name said and the true name (similarity.py). None where
      all-MiniLM-L6-v2 is not at hand: see `absent`.
    - `S-IoU`: words in common over words in all (semantic_iou.py).

    The true name is the target's first text, else its label; a sample without one counts for nothing. An
    answer without words has SS 0 and S-IoU 0 (Osprey's script embeds the empty text, which is 0.33 like
    "ship").

    `encoder` is a folder with all-MiniLM-L6-v2; None takes the package that carries it, if installed.

    >>> metric = Semantic()
    >>> pairs = [("small_vehicle", "Region 1: small vehicle."), ("ship", "a ship"), ("ship", "")]
    >>> seen = [metric.observe(Target(label=gold), Answer(text=said)) for gold, said in pairs]
    >>> metric.tally(seen).figures()["S-IoU"]
    0.5
    """

    name = "semantic"
    confident = False

    def __init__(self, encoder: str | Path | None = None) -> None:
        self._folder = find_encoder(encoder)

    def observe(self, target: Target, answer: Answer) -> Evidence:
        """Both names as compared, `words` (their S-IoU) and `cosine` (None without the encoder)."""
        label = target.texts[0] if target.texts else target.label
        gold, said = gold_name(label or ""), said_name(answer.text or answer.label or "")
        cosine = None
        if self._encoder is not None:
            cosine = self._encoder.cosine(said, gold) if said and gold else 0.0
        return {"said": said, "gold": gold, "words": semantic_iou(said, gold), "cosine": cosine}

    def tally(self, evidence: Sequence[Evidence]) -> Ratios:
        """Sums of both scores over the samples that have a name."""
        named = np.array([bool(e["gold"]) for e in evidence], float)
        rated = named * all(e["cosine"] is not None for e in evidence)
        cosine = np.array([e["cosine"] or 0.0 for e in evidence], float)
        words = np.array([e["words"] for e in evidence], float)
        return Ratios(len(evidence), {"SS": (cosine * rated, rated), "S-IoU": (words * named, named)})

    def details(self, evidence: Sequence[Evidence]) -> Mapping[str, Any]:
        """By true name: objects, and the mean of both scores."""
        rows: dict[str, list[Evidence]] = {}
        for e in evidence:
            if e["gold"]:
                rows.setdefault(e["gold"], []).append(e)
        return {
            "classes": {
                name: {"objects": len(here), **self.tally(here).figures()}
                for name, here in sorted(rows.items())
            }
        }

    def absent(self) -> Mapping[str, str]:
        """SS needs a model, and what runs it."""
        if self._folder is None:
            return {"SS": "needs all-MiniLM-L6-v2: pip install 'rsbench[semantic]', or a folder that has it"}
        if not all(find_spec(package) for package in _PACKAGES):
            return {"SS": "needs transformers: pip install 'rsbench[models]'"}
        return {}

    @cached_property
    def _encoder(self) -> SentenceEncoder | None:
        return SentenceEncoder(self._folder) if self._folder and not self.absent() else None
