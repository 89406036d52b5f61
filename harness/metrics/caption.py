"""Captions against reference captions: BLEU, METEOR, ROUGE-L, CIDEr-D, CIDEr and SPICE."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain, islice
from typing import Any

import numpy as np

from ..contract import Answer, Evidence, Target
from .caption_tally import METEOR, SPICE, CaptionTally
from .caption_tokens import check_tokenizer, tokenize
from .java import find_java
from .meteor_process import aligner
from .spice import NEEDS_JAVA, spice, spice_needs


class Caption:
    """The caption metrics of COCO, equal to pycocoevalcap 1.2 on the same tokens.

    References are `Target.texts`, the caption `Answer.text`; an answer without text is an empty caption and
    scores 0 everywhere. A sample without references proves nothing: it is left out of every figure and
    counted in `details`.

    Figures: of the whole set `BLEU-1` to `BLEU-4` (reference length "closest") and `METEOR` (1.5, English);
    means over images of `ROUGE-L` (beta 1.2), `CIDEr-D` (what pycocoevalcap and nearly every paper print as
    CIDEr), `CIDEr/original` (Vedantam et al., 2015, without clipping and length penalty) and `SPICE`.
    Both CIDErs lie in [0, 10], weigh n-grams by their rarity in this very set, and are 0 for a set of one
    image. METEOR and SPICE need Java, SPICE also Stanford CoreNLP: without them they are None (`absent`).

    `tokenizer`: "ptb" (the standard), "lower", "lower-unstopped" or "none" (caption_tokens.py), to reproduce
    scripts that skip the tokeniser. `meteor`, `spice`: whether the figure is wanted at all.

    >>> metric = Caption("lower", meteor=False, spice=False)
    >>> gold = [Target(texts=("two planes on grass", "planes")), Target(texts=("a wide river",))]
    >>> said = [Answer(text="Two planes on grass"), Answer(text="a river")]
    >>> figures = metric.tally(metric.observe_all(gold, said)).figures()
    >>> {name: round(figures[name], 3) for name in ("BLEU-1", "ROUGE-L", "CIDEr-D")}
    {'BLEU-1': 0.846, 'ROUGE-L': 0.886, 'CIDEr-D': 3.782}
    """

    name = "caption"
    confident = False

    def __init__(self, tokenizer: str = "ptb", meteor: bool = True, spice: bool = True) -> None:
        self.tokenizer = check_tokenizer(tokenizer)
        self.extra = tuple(name for name, wanted in ((METEOR, meteor), (SPICE, spice)) if wanted)

    def observe(self, target: Target, answer: Answer) -> Evidence:
        """The evidence of one sample; many are observed much faster by `observe_all`."""
        return self.observe_all([target], [answer])[0]

    def observe_all(self, targets: Sequence[Target], answers: Sequence[Answer]) -> Sequence[Evidence]:
        """Of every sample `{"hyp": tokens, "refs": [tokens, ...]}`, tokens joined by blanks.

        With Java also `"meteor"`, the aligner's statistics, and with Stanford CoreNLP `"spice"`, the score;
        neither where there is no reference. The tokeniser "ptb" reads all captions as one text and all
        references as another, as pycocoevalcap does: whether the full stop of an abbreviation that ends a
        caption stays with it depends on how the next one begins.

        Raises:
            ModelError: Java is there but its program failed.
        """
        captions = tokenize([answer.text or "" for answer in answers], self.tokenizer)
        rest = iter(tokenize(list(chain.from_iterable(target.texts for target in targets)), self.tokenizer))
        references = [list(islice(rest, len(target.texts))) for target in targets]
        evidence: list[dict[str, Any]] = [
            {"hyp": caption, "refs": true} for caption, true in zip(captions, references, strict=True)
        ]
        scored = [e for e in evidence if e["refs"]]
        pairs = [e["hyp"] for e in scored], [e["refs"] for e in scored]
        program = aligner() if METEOR in self.extra else None
        if program and scored:
            for e, line in zip(scored, program.statistics(*pairs), strict=True):
                e["meteor"] = line
        if SPICE in self.extra and spice_needs() is None:
            for e, value in zip(scored, spice(*pairs), strict=True):
                e["spice"] = value
        return evidence

    def tally(self, evidence: Sequence[Evidence]) -> CaptionTally:
        """Count n-grams, and how many images hold each, once for all figures."""
        return CaptionTally(evidence, self.extra)

    def absent(self) -> Mapping[str, str]:
        """What METEOR and SPICE need that is not here."""
        needs = {METEOR: None if find_java() else NEEDS_JAVA, SPICE: spice_needs()}
        return {name: need for name, need in needs.items() if name in self.extra and need}

    def details(self, evidence: Sequence[Evidence]) -> Mapping[str, Any]:
        """`words`: mean length of captions and of references, in tokens; what was left out or empty."""
        scored = [e for e in evidence if e["refs"]]
        said = [len(e["hyp"].split()) for e in scored]
        true = [len(text.split()) for e in scored for text in e["refs"]]
        return {
            "tokenizer": self.tokenizer,
            "samples": len(scored),
            "without references": len(evidence) - len(scored),
            "captions without words": said.count(0),
            "words": {"captions": _mean(said), "references": _mean(true)},
        }


def _mean(counts: Sequence[int]) -> float | None:
    return float(np.mean(counts)) if counts else None
