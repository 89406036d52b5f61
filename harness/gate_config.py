"""What a gate holds a run to: its YAML file, checked as a whole before anything is scored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NoReturn

import yaml

from .errors import UsageError, unknown

HEADLINE = "headline"
_LARGEST = 1 << 20  # bytes of a file
_MANY = 200  # rules: more is no file a person wrote
MISSING = ("refuse", "allow")


@dataclass(frozen=True, slots=True)
class FigureRule:
    """How far some figures may fall. `figure` and `tasks` are names or patterns of them (*, ?, [ab]).

    Exactly one of `points` (hundredths of the figure, as it is printed) and `percent` (of the baseline's
    value) is set. With `chance`, a drop must also be larger than chance.
    """

    figure: str
    tasks: tuple[str, ...]
    points: float | None
    percent: float | None
    chance: bool

    def covers(self, task: str) -> bool:
        """Whether the rule is for figures of a task."""
        return any(fnmatchcase(task, pattern) for pattern in self.tasks)

    def names(self, known: Mapping[str, float | None], headline: str) -> list[str]:
        """The figures that are meant, of those that there are; a pattern passes by what is undefined.

        >>> FigureRule("AP@*", ("*",), 1.0, None, True).names({"AP@0.40": 0.5, "AP@0.50": None}, "")
        ['AP@0.40']
        """
        if self.figure == HEADLINE:
            return [headline]
        if self.figure in known:
            return [self.figure]
        return [name for name, value in known.items() if value is not None and fnmatchcase(name, self.figure)]

    def tolerance(self, before: float) -> float:
        """The drop that is let pass, in units of the figure (a fraction where it is printed in %)."""
        if self.points is not None:
            return self.points / 100
        assert self.percent is not None, "a rule has one tolerance"
        return abs(before) * self.percent / 100

    def text(self) -> str:
        """The tolerance as the file has it."""
        if self.points is not None:
            return f"{self.points:g} point{'' if self.points == 1 else 's'}"
        return f"{self.percent:g} % of the baseline"


@dataclass(frozen=True, slots=True)
class GateConfig:
    """All rules of a gate. Shares are per cent of the samples; None: no such limit.

    `significance` is the chance, over all figures together, that one of two equal models is called worse.
    `missing`: what becomes of a task that the baseline has and the current side lacks.
    """

    figures: tuple[FigureRule, ...]
    significance: float = 0.05
    samples: int = 100
    unparsable_most: float | None = None
    unparsable_rise: float | None = None
    missing: str = "refuse"
    paired: bool = True
    resamples: int = 1000


_KEYS = (
    "figures",
    "chance",
    "significance",
    "samples",
    "unparsable",
    "missing",
    "paired",
    "resamples",
)
_FIGURE_KEYS = ("figure", "tasks", "points", "percent", "chance")


class _Loader(yaml.SafeLoader):
    """YAML without objects of Python, in which a key stands once."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """A mapping; the later of two equal keys would hide the earlier one."""
        counts = Counter(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode))
        for key, count in counts.items():
            if count > 1:
                said = f"the key {key!r:.60} stands {count} times"
                raise yaml.constructor.ConstructorError(None, None, said, node.start_mark)
        return super().construct_mapping(node, deep)


def read_config(path: Path) -> GateConfig:
    """The rules of a file.

    Raises:
        UsageError: it is not there, no YAML, or a key or value that a gate does not have.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise UsageError(f"{path} is larger than {_LARGEST:,} bytes: no gate file is.")
        content = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{path} cannot be read: {error}.", "rsbench gate --example prints a gate file."
        ) from error
    return parse_config(content, path.name)


def parse_config(content: str, name: str) -> GateConfig:
    """The rules of a text; `name` is what messages call it.

    Raises:
        UsageError: see `read_config`.
    """
    try:
        raw = yaml.load(content, _Loader)  # a SafeLoader
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise UsageError(f"{name} is no YAML: {' '.join(str(error).split())}.", _EXAMPLE) from error
    if not isinstance(raw, dict):
        raise UsageError(f"{name} is {_kind(raw)} where a mapping of rules is expected.", _EXAMPLE)
    return _Reader(name).config(raw)


_EXAMPLE = "rsbench gate --example prints a file with every key."


@dataclass(frozen=True, slots=True)
class _Reader:
    """Checks values, and says where in the file a wrong one stands."""

    name: str

    def config(self, raw: Mapping[Any, Any]) -> GateConfig:
        self.keys("", raw, _KEYS)
        chance = self.flag("chance", raw.get("chance", True))
        rows = raw.get("figures")
        if not isinstance(rows, list) or not 0 < len(rows) <= _MANY:
            self.wrong("figures", rows, f"a list of 1 to {_MANY} rules")
        unparsable = raw.get("unparsable", {})
        if not isinstance(unparsable, dict):
            self.wrong("unparsable", unparsable, "a mapping with `most` and `rise`")
        self.keys("unparsable", unparsable, ("most", "rise"))
        share = {key: self.number(f"unparsable.{key}", value, 0, 100) for key, value in unparsable.items()}
        default = GateConfig(())
        missing = raw.get("missing", default.missing)
        if missing not in MISSING:
            self.wrong("missing", missing, " or ".join(MISSING))
        significance = self.number("significance", raw.get("significance", default.significance), 0, 0.5)
        if not significance:
            self.wrong("significance", significance, "a number above 0: nothing is rarer than never")
        return GateConfig(
            figures=tuple(self.rule(f"figures[{i}]", row, chance) for i, row in enumerate(rows, 1)),
            significance=significance,
            samples=self.whole("samples", raw.get("samples", default.samples), 1, 10**9),
            unparsable_most=share.get("most"),
            unparsable_rise=share.get("rise"),
            missing=missing,
            paired=self.flag("paired", raw.get("paired", default.paired)),
            resamples=self.whole("resamples", raw.get("resamples", default.resamples), 100, 1_000_000),
        )

    def rule(self, place: str, row: object, chance: bool) -> FigureRule:
        if not isinstance(row, dict):
            self.wrong(place, row, "a mapping such as {figure: headline, points: 1.0}")
        self.keys(place, row, _FIGURE_KEYS)
        given = [key for key in ("points", "percent") if key in row]
        if len(given) != 1:
            raise UsageError(
                f"{self.name}: {place} has {' and '.join(given) or 'neither points nor percent'}.",
                "One of them is the tolerance: `points: 1.0`, or `percent: 2.0` of the baseline's value.",
            )
        figure = row.get("figure")
        if not isinstance(figure, str) or not figure:
            self.wrong(f"{place}.figure", figure, "the name of a figure, a pattern, or headline")
        tasks = row.get("tasks", "*")
        tasks = [tasks] if isinstance(tasks, str) else tasks
        if not isinstance(tasks, list) or not tasks or not all(isinstance(t, str) and t for t in tasks):
            self.wrong(f"{place}.tasks", row["tasks"], "a name or pattern, or a list of them")
        drops = {key: self.number(f"{place}.{key}", row[key], 0, 100) for key in given}
        return FigureRule(
            figure,
            tuple(tasks),
            drops.get("points"),
            drops.get("percent"),
            self.flag(f"{place}.chance", row.get("chance", chance)),
        )

    def keys(self, place: str, row: Mapping[Any, Any], known: tuple[str, ...]) -> None:
        for key in row:
            if key not in known:
                where = f"{self.name}: {place}" if place else self.name
                raise unknown(f"key of {where}", key if isinstance(key, str) else _kind(key), known)

    def number(self, place: str, value: object, least: float, most: float) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= most:
            self.wrong(place, value, f"a number from {least:g} to {most:g}")
        return float(value)

    def whole(self, place: str, value: object, least: int, most: int) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.wrong(place, value, f"a whole number from {least:,} to {most:,}")
        return value

    def flag(self, place: str, value: object) -> bool:
        if not isinstance(value, bool):
            self.wrong(place, value, "true or false")
        return value

    def wrong(self, place: str, value: object, expected: str) -> NoReturn:
        raise UsageError(f"{self.name}: {place} is {_kind(value)}; expected {expected}.", _EXAMPLE)


def _kind(value: object) -> str:
    """A value in a few words: the content of a list or mapping may be endless."""
    if value is None:
        return "empty"
    if isinstance(value, int) and abs(value) >= 10**18:  # Python refuses to write very long ones
        return "a whole number of 19 digits or more"
    if isinstance(value, (bool, int, float, str)):
        return f"{value!r:.60}"
    return {"list": "a list", "dict": "a mapping"}.get(type(value).__name__, f"a {type(value).__name__}")
