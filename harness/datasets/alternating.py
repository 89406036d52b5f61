"""Reader of one text file an image, in which a line of question and a line of answer alternate (CRSVQA)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from ..errors import unknown
from .card import Card, Dataset
from .files import find_images, folders_with, visible
from .layouts import other_layout, several
from .questions import Questions, kinds_of, located_in


def read(root: Path, card: Card, split: str | None = None) -> Dataset:
    """Every pair of lines of the images of a split; its id is the file's name and the pair's number.

    Lines end as they like; a full-width question mark is one, and what stands behind it on its line is cut,
    as the authors do (MQVQA, dataset.py: text2qa). The picture of 12.txt is 12.png. Card options: `kinds`,
    kinds of question by patterns of their words, and `share`, the part of the images in each split, by
    `split_of`.

    Raises:
        DataError: no text files, or several folders of them.
        UsageError: a split that the card does not cut.
    """
    split, share = split or card.split, card.options.get("share", {})
    if share and split not in share:
        raise unknown(f"split of {card.title}", split, share)
    folders = folders_with(root, _is_text)
    if not folders:
        raise other_layout(root, card, "there are no text files")
    if len(folders) > 1:
        raise several(root, "folders of text files", folders)
    texts = [path for path in visible(folders[0], ".txt") if _is_text(path.name)]
    files = [path for path in texts if not share or split_of(path.stem, share) == split]
    index = find_images(root, (p.stem for p in files))
    found = Questions(card, index.base, located_in(index))
    kind_of = kinds_of(card.options.get("kinds", {}))
    for path in files:
        for number, (question, answer) in enumerate(_pairs(path), 1):
            fault = _fault(question, answer)
            if fault:
                found.problem(f"{path.name}, question {number}", fault)
                continue
            target = found.target(answer, kind_of(question))
            found.add(f"{path.stem}-{number}", f"{path.stem}.png", question, target)
    found.unasked(index.stems() - {path.stem.lower() for path in texts})
    return found.dataset()


def split_of(name: str, share: Mapping[str, float]) -> str:
    """The split of an image: where the first 32 bits of its name's SHA-256, in [0, 1), lie among the shares.

    It depends on the name alone, so that a part of the data has the same splits as the whole.

    >>> split_of("1", {"test": 0.1, "train": 0.9})
    'train'
    """
    place = int(sha256(name.encode()).hexdigest()[:8], 16) / 2**32
    for split, part in share.items():
        if place < part:
            return split
        place -= part
    return list(share)[-1]


def _is_text(name: str) -> bool:
    """Whether a file is one of questions, not a note that lies with the data."""
    stem, _, suffix = name.lower().rpartition(".")
    return suffix == "txt" and stem not in ("readme", "license", "licence", "source")


def _pairs(path: Path) -> Iterator[tuple[str, str]]:
    """Questions with their answers; of an odd number of lines the last one has none."""
    text = path.read_bytes().decode("utf-8-sig", errors="replace")
    lines = [line.strip() for line in text.rstrip().split("\n")] if text.strip() else []
    for at in range(0, len(lines), 2):
        words, _, _ = lines[at].replace("\uff1f", "?").partition("?")
        yield f"{words.strip()}?", lines[at + 1] if at + 1 < len(lines) else ""


def _fault(question: str, answer: str) -> str:
    if question == "?":
        return "it has no words"
    if not answer:
        return "it has no answer"
    return "a question stands where its answer should" if "?" in answer.replace("\uff1f", "?") else ""
