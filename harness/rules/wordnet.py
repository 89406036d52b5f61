"""The part of WordNet that a rule needs, read from WordNet's own files: which words share a synset."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

PARTS = {"n": "noun", "v": "verb", "a": "adj", "r": "adv"}
_ENDINGS = {  # WordNet's detachment rules (morphy): the ending of a form, the ending of its base
    "n": ("s:", "ses:s", "ves:f", "xes:x", "zes:z", "ches:ch", "shes:sh", "men:man", "ies:y"),
    "v": ("s:", "ies:y", "es:e", "es:", "ed:e", "ed:", "ing:e", "ing:"),
    "a": ("er:", "est:", "er:e", "est:e"),
    "r": (),
}


def forms(word: str, part: str, exceptions: Mapping[str, list[str]]) -> list[str]:
    """A word and what it may be a form of: its entry among the exceptions, else every ending detached.

    >>> forms("buses", "n", {})
    ['buses', 'buse', 'bus']
    """
    if word in exceptions:
        return [word, *exceptions[word]]
    pairs = (pair.split(":") for pair in _ENDINGS[part])
    return [word, *(word[: -len(old)] + new for old, new in pairs if word.endswith(old))]


def table(folder: Path, words: Iterable[str]) -> dict[str, Any]:
    """Every synset that some form of one of the words belongs to, from a folder of WordNet's `dict` files.

    `synsets` holds, by part of speech, the lemmas of each, set apart by spaces; `exceptions` the irregular
    forms that could be taken for one of those lemmas; `vocabulary` the words themselves.
    """
    vocabulary = sorted({word.lower() for word in words if word and not any(map(str.isspace, word))})
    synsets: dict[str, list[str]] = {}
    irregular: dict[str, dict[str, list[str]]] = {}
    for part, name in PARTS.items():
        exceptions = _exceptions(folder / f"{name}.exc")
        index = _index(folder / f"index.{name}")
        wanted = {
            offset
            for word in vocabulary
            for form in forms(word, part, exceptions)
            for offset in index.get(form, ())
        }
        members: dict[str, list[str]] = {offset: [] for offset in sorted(wanted)}
        for lemma, offsets in index.items():
            for offset in wanted.intersection(offsets):
                members[offset].append(lemma)
        synsets[part] = [" ".join(sorted(lemmas)) for lemmas in members.values()]
        lemmas = {lemma for group in members.values() for lemma in group}
        irregular[part] = {
            form: bases
            for form, bases in exceptions.items()
            if not lemmas.isdisjoint((*bases, *forms(form, part, {})[1:]))
        }
    return {"vocabulary": vocabulary, "synsets": synsets, "exceptions": irregular}


def _index(path: Path) -> dict[str, list[str]]:
    """Lemma to the offsets of its synsets."""
    entries = {}
    for line in path.read_text("utf-8").splitlines():
        if not line.startswith(" "):  # the licence
            fields = line.split()
            entries[fields[0]] = fields[len(fields) - int(fields[2]) :]
    return entries


def _exceptions(path: Path) -> dict[str, list[str]]:
    lines = (line.split() for line in path.read_text("utf-8").splitlines())
    return {fields[0]: fields[1:] for fields in lines if len(fields) > 1}
