"""Where a card says that its annotations and images lie: patterns of paths, each for one split or for all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from .card import Card
from .frozen import ALL


def patterns(card: Card, key: str, split: str) -> list[str]:
    """The patterns of an option: a text, a list of them, or either for each split.

    `{split}` in them stands for the split; the split `all` has the patterns of every split. None for a split
    that the option does not name.
    """
    value = card.options.get(key, ())
    if isinstance(value, Mapping):
        parts = list(value.values()) if split == ALL else [value.get(split, ())]
    else:
        parts = [value]
    texts = [text for part in parts for text in ([part] if isinstance(part, str) else part)]
    return [text.replace("{split}", "*" if split == ALL else split) for text in dict.fromkeys(texts)]


def matched(root: Path, wanted: list[str]) -> tuple[Path, list[Path]]:
    """The folder that patterns are seen from, and what they match there, sorted; `root` and nothing.

    That folder is `root`, the first folder in it where something matches, or `root` itself where it is the
    folder that the patterns begin with.
    """
    for base, relative in _seen_from(root, wanted):
        found = sorted({path for pattern in relative if pattern for path in base.glob(pattern)})
        if found:
            return base, found
    return root, []


def image_folder(root: Path, base: Path, card: Card, split: str) -> str:
    """The one folder that holds the images of a split, as a path below `base`; empty where there is none."""
    wanted = patterns(card, "images", split)
    named = [pattern for pattern in (*wanted, *_behind(root, wanted)) if pattern]
    found = {path for pattern in named for path in base.glob(pattern) if path.is_dir()}
    return found.pop().relative_to(base).as_posix() if len(found) == 1 else ""


def _seen_from(root: Path, wanted: list[str]) -> Iterator[tuple[Path, list[str]]]:
    yield root, wanted
    if root.is_dir():
        yield from ((folder, wanted) for folder in sorted(root.iterdir()) if folder.is_dir())
    yield root, _behind(root, wanted)


def _behind(root: Path, wanted: list[str]) -> list[str]:
    """The rest of the patterns that begin with the name of `root`."""
    heads = (pattern.partition("/") for pattern in wanted)
    return [rest for head, _, rest in heads if rest and fnmatchcase(root.name, head)]
