"""The README says what the repository says: excerpts as they stand in their files, links, commands."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from .test_gate_workflows import commands, parse

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
EXCERPTS = re.findall(r"<!-- from (\S+) -->\n\n(.*?)\n\n(?=[^ |])", TEXT, re.DOTALL)


def plain(text: str) -> list[str]:
    """Lines without the indent of a block of code."""
    return [line.strip() for line in text.splitlines()]


@pytest.mark.parametrize(("name", "excerpt"), EXCERPTS)
def test_an_excerpt_stands_so_in_its_file(name: str, excerpt: str) -> None:
    lines = plain((ROOT / name).read_text(encoding="utf-8"))
    wanted = plain(excerpt)
    assert len(wanted) >= 3
    place = -1
    for line in filter(None, wanted):  # in their order; lines between may be left out
        assert line in lines[place + 1 :], line
        place = lines.index(line, place + 1)


def test_there_is_an_excerpt_of_a_leaderboard_and_of_the_workflow() -> None:
    assert {name for name, _ in EXCERPTS} == {"leaderboards/table_8/README.md", "docs/ci/github-gate.yml"}


def test_links_and_pictures_exist() -> None:
    names = re.findall(r"\]\((?!http)([^)#]+)\)", TEXT)
    assert len(names) > 10
    for name in names:
        assert (ROOT / name).exists(), name


def test_every_command_is_one_that_rsbench_takes() -> None:
    lines = [re.split("  #| > ", line)[0] for line in re.findall(r"^    (rsbench .*)$", TEXT, re.MULTILINE)]
    found = [words for line in lines for part in line.split("; ") for words in commands(part)]
    assert {"run", "score", "report", "compare", "gate", "leaderboard", "data", "train"} <= {
        w[0] for w in found
    }
    found.remove(["gate", "--example"])  # prints and ends before click asks for the rest
    for words in found:
        try:
            parse(words)
        except click.BadParameter as error:  # a file of the reader's own
            assert "does not exist" in error.message, (words, error.message)
