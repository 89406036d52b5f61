"""What `--tasks` names, spelt out: tasks, splits of tasks, suites, patterns and files of cards."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from .arguments import name_list
from .datasets.card import FILE_SUFFIXES, card_names
from .errors import DataError, UsageError, unknown

SUITES = Path(__file__).parents[1] / "tasks" / "suites.yaml"


@dataclass(frozen=True, slots=True)
class Suite:
    """Tasks that belong together: `says` in one line, why; `tasks` as `--tasks` takes them."""

    name: str
    says: str
    tasks: tuple[str, ...]


def read_suites(path: Path = SUITES) -> dict[str, Suite]:
    """All suites by name.

    Raises:
        DataError: the file is damaged.
    """
    import yaml

    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        return {name: Suite(name, row["says"], tuple(row["tasks"])) for name, row in raw.items()}
    except (OSError, yaml.YAMLError, AttributeError, TypeError, KeyError) as error:
        raise DataError(f"{path.name} cannot be read as suites: {error}.") from error


def selected(text: str) -> list[tuple[str, str | None]]:
    """(task or card file, split or None) of everything named, each once, in the order given.

    A part is a task, `task@split`, a suite, a pattern such as `mar20*`, or the path of a card (.yaml).

    Raises:
        UsageError: a name that is none of these, or a pattern that fits no task.
    """
    found: dict[tuple[str, str | None], None] = {}
    suites, cards = read_suites(), card_names()
    for part in name_list(text):
        suite = suites.get(part)
        for name in suite.tasks if suite else (part,):
            found |= dict.fromkeys(_tasks(name, cards, suites))
    return list(found)


def _tasks(part: str, cards: list[str], suites: dict[str, Suite]) -> list[tuple[str, str | None]]:
    name, at, split = part.partition("@")
    if at and not split:
        raise UsageError(f"{part!r} names no split.", f"Write {name}@SPLIT, or {name} alone.")
    if name.endswith(FILE_SUFFIXES) or name in cards:
        return [(name, split or None)]
    if any(sign in name for sign in "*?["):
        fitting = [card for card in cards if fnmatchcase(card, name)]
        if not fitting:
            raise UsageError(f"No task is named like {name!r}.", "rsbench list tasks shows all.")
        return [(card, split or None) for card in fitting]
    raise unknown("task or suite", name, [*cards, *suites])
