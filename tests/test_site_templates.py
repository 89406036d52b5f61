"""Templates of pages: what is foreign is escaped, what is missing is an error."""

from __future__ import annotations

from typing import Any

import jinja2
import pytest

from rsbench.harness.blocks import Foreign, Line, Literal
from rsbench.harness.paper_layout import Layout, Row
from rsbench.harness.site.templates import template


def test_texts_are_escaped_and_keep_their_kind() -> None:
    words = template("parts.html").module.words  # type: ignore[attr-defined]  # a macro of the template
    said = words((Foreign("<b>"), Literal("<i>"), " & ours")).strip()
    assert said == "<bdi>&lt;b&gt;</bdi><code>&lt;i&gt;</code> &amp; ours"


def test_what_is_not_given_is_an_error() -> None:
    with pytest.raises(jinja2.UndefinedError):
        template("contents.html").render()
    with pytest.raises(jinja2.TemplateNotFound):
        template("no.html")


def test_places_and_kinds_are_there_for_templates() -> None:
    environment: Any = template("board.html", "rsbench.harness.board").environment
    rows = tuple(Row("", ((name,),), (name,), (value,)) for name, value in (("a", 1.0), ("b", 2.0)))
    layout = Layout("t", ("Method",), ("x",), (), rows, ("higher",))
    assert environment.filters["mark"](layout) == [("second",), ("best",)]
    assert environment.tests["kind"](Line(("a",)), "line")
