"""Templates of pages: every text in them is escaped, what is missing is an error, pieces keep their kind."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from ..blocks import Foreign, Items, Line, Literal, Strong, Table
from ..paper_layout import BEST, SECOND, Layout

if TYPE_CHECKING:
    from jinja2 import Template

SITE = __package__ or ""


def template(name: str, package: str = SITE) -> Template:
    """A template of a package, which may import those that lie here (parts.html)."""
    import jinja2

    def read(wanted: str) -> str | None:
        places = [files(one) / wanted for one in (package, SITE)]
        return next((place.read_text(encoding="utf-8") for place in places if place.is_file()), None)

    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(read),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.tests |= {"kind": _is_kind}
    environment.filters["mark"] = _marked
    return environment.get_template(name)


def _is_kind(value: object, kind: str) -> bool:
    """Which block, or kind of text, a value is."""
    return isinstance(value, _KINDS[kind])


_KINDS: dict[str, type] = {
    "table": Table,
    "items": Items,
    "line": Line,
    "literal": Literal,
    "foreign": Foreign,
    "strong": Strong,
}


def _marked(layout: Layout) -> list[tuple[str, ...]]:
    """The class of every figure of every row: best, second, or none."""
    names = {BEST: "best", SECOND: "second"}
    return [tuple(names.get(place or 0, "") for place in row) for row in layout.places()]
