"""When an answer to LRS-VQA is right: the same words, or one word that shares a WordNet synset.

The script asks for a path similarity above 0.8. That measure is 1 / (1 + distance), so that the value below
1 is 0.5: the rule means distance 0, a shared synset, and a table of synsets takes the place of WordNet.
`lrs_synonyms.json` holds those of every gold answer of LRS-VQA that is one word, made from WordNet 3.0 by

    python -m rsbench.harness.rules.lrs WORDNET_DICT_FOLDER LRS_VQA_merged.jsonl > lrs_synonyms.json
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from .rule import EMPTY, NOTHING, Context, Outcome, Rule, right
from .text import trimmed
from .wordnet import forms, table

UNKNOWN = "gold answer outside the table of synonyms"


@dataclass(frozen=True)
class Synonyms:
    """Words and the synsets they belong to, by part of speech."""

    vocabulary: frozenset[str]
    synsets: Mapping[str, Mapping[str, frozenset[int]]]
    exceptions: Mapping[str, Mapping[str, list[str]]]

    def of(self, word: str) -> frozenset[tuple[str, int]]:
        """The synsets of every form of a word."""
        return frozenset(
            (part, number)
            for part, lemmas in self.synsets.items()
            for form in forms(word, part, self.exceptions[part])
            for number in lemmas.get(form, ())
        )


@lru_cache(maxsize=1)
def synonyms() -> Synonyms:
    """The table of LRS-VQA's answers."""
    stored = json.loads(Path(__file__).with_name("lrs_synonyms.json").read_text("utf-8"))
    synsets: dict[str, dict[str, set[int]]] = {}
    for part, groups in stored["synsets"].items():
        lemmas = synsets.setdefault(part, {})
        for number, group in enumerate(groups):
            for lemma in group.split(" "):
                lemmas.setdefault(lemma, set()).add(number)
    return Synonyms(
        frozenset(stored["vocabulary"]),
        {part: {lemma: frozenset(of) for lemma, of in lemmas.items()} for part, lemmas in synsets.items()},
        stored["exceptions"],
    )


def official(prediction: str, gold: str, context: Context = NOTHING) -> Outcome:
    """The texts are equal in lower case, or share a synset. Nothing is trimmed.

    >>> official("Aerodrome", "airport"), official("two", "2")
    (1.0, 1.0)
    >>> official("airport.", "airport"), official("parking area", "parking lot")
    (0.0, 0.0)
    """
    return _same(prediction.lower(), gold.lower())


def rscovlm(prediction: str, gold: str, context: Context = NOTHING) -> Outcome:
    """The same after white space and full stops at the ends are gone.

    >>> rscovlm("airport.", "airport")
    1.0
    """
    return _same(trimmed(prediction), trimmed(gold))


def _same(said: str, true: str) -> Outcome:
    if said == true:
        return 1.0
    if not said:
        return EMPTY
    if len(said) > _LONGEST or any(map(str.isspace, said)) or any(map(str.isspace, true)):
        return 0.0  # no lemma of WordNet has a space
    if true not in (known := synonyms()).vocabulary:
        return UNKNOWN
    return right(not known.of(said).isdisjoint(known.of(true)))


_LONGEST = 100  # no word of WordNet comes near


RULES = (
    Rule("lrs-vqa/synonym", official, "equal, or one word that shares a WordNet synset",
         "LRS-VQA evaluation_LRSVQA.py", ours=False),
    Rule("lrs-vqa/synonym-rscovlm", rscovlm, "the same, trimmed", "RSCoVLM compute_wups_acc"),
)  # fmt: skip


def main() -> None:
    """Print the table for the gold answers of an annotation file."""
    folder, annotations = map(Path, sys.argv[1:])
    rows = (json.loads(line) for line in annotations.read_text("utf-8").splitlines())
    about = {"source": "WordNet 3.0; its licence is in lrs_synonyms.md"}
    made = about | table(folder, (row["ground_truth"] for row in rows))
    print(json.dumps(made, indent=0, ensure_ascii=False))


if __name__ == "__main__":
    main()
