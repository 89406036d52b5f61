"""What a user writes behind an option, understood: NAME[,key=value...] and lists of names."""

from __future__ import annotations

from pathlib import Path

from .errors import UsageError


def named(text: str) -> tuple[str, dict[str, str]]:
    """A name with its options.

    >>> named("earthgpt,checkpoint=mine")
    ('earthgpt', {'checkpoint': 'mine'})

    Raises:
        UsageError: a part without `=`, an empty name, or a key given twice.
    """
    name, *parts = text.split(",")
    options: dict[str, str] = {}
    for part in parts:
        key, equals, value = part.partition("=")
        if not equals or not key:
            raise UsageError(f"{part!r} in {text!r} is not key=value.", "Write NAME,key=value,key=value.")
        if key in options:
            raise UsageError(f"{key!r} stands twice in {text!r}.")
        options[key] = value
    if not name:
        raise UsageError(f"There is no name in {text!r}.", "Write NAME or NAME,key=value.")
    return name, options


def name_list(text: str) -> list[str]:
    """Names separated by commas, each once, in the order given.

    >>> name_list("mar20, clrs,mar20")
    ['mar20', 'clrs']
    """
    names = list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not names:
        raise UsageError("No name was given.", "Write one or more names, separated by commas.")
    return names


def portable(options: dict[str, str]) -> dict[str, str]:
    """The options as a Spec keeps them: a path becomes its last part, its content is in the digest.

    >>> portable({"answers": "/data/run7/answers.jsonl", "wording": "paper"})
    {'answers': 'answers.jsonl', 'wording': 'paper'}
    """
    return {k: Path(v).name if "/" in v or "\\" in v else v for k, v in sorted(options.items())}
