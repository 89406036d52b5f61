"""Leaderboards in a browser: columns that sort, nothing asked from outside, foreign words that do nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rsbench.harness.board.boards import Boards, read_boards
from rsbench.harness.board.html import pages, write_html
from rsbench.harness.board.known import vouch
from rsbench.harness.errors import UsageError

from .board_runs import entry, leaderboards, place
from .chromium import OpenPage
from .test_board_known import COPY

if TYPE_CHECKING:
    from playwright.sync_api import Page

HOSTILE = '"><img src=x onerror=alert(1)><script>alert(2)</script>'


@pytest.fixture(scope="module")
def boards(tmp_path_factory: pytest.TempPathFactory) -> Boards:
    folder = leaderboards(tmp_path_factory.mktemp("boards"))
    vouch(folder, COPY, "me")
    place(folder, entry(strict=0.65, mean=None, name=HOSTILE))
    place(folder, entry(strict=0.9, labels=("mini",), kind="mini", details={"note": HOSTILE}))
    return read_boards(folder)


@pytest.fixture(scope="module")
def folder(boards: Boards, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_html(tmp_path_factory.mktemp("html") / "pages", boards.boards).parent


def methods(page: Page) -> list[str]:
    """The first words of every row of the first table that is seen, group heads in brackets."""
    rows = page.locator("table").first.locator("tbody tr:visible")
    texts = rows.evaluate_all("rows => rows.map(r => (r.className === 'group' ? '[' : '') + r.innerText)")
    return [text.split("\t")[0].split("\n")[0].strip() for text in texts]


def sorting(page: Page) -> list[str | None]:
    heads = page.locator("table").first.locator("th")
    found: list[str | None] = heads.evaluate_all("heads => heads.map(h => h.getAttribute('aria-sort'))")
    return found


PRINTED = ["[Specialists", "One", "Two", "[MLLM", "Three", "[Runs of rsbench on the official data", HOSTILE]


def test_a_column_sorts_best_first_then_the_other_way_then_as_printed(
    folder: Path, open_page: OpenPage
) -> None:
    page = open_page(folder / "tiny.html")
    assert methods(page) == PRINTED
    button = page.get_by_role("button", name="mIoU", exact=True).first
    button.click()
    assert methods(page) == ["One", "Three", "Two", HOSTILE]  # the one without a figure last
    assert sorting(page) == [None, None, None, "descending"]
    assert page.locator("#sorted").inner_text() == "Sorted by mIoU, largest first."
    button.click()
    assert methods(page) == ["Two", "Three", "One", HOSTILE]
    assert sorting(page) == [None, None, None, "ascending"]
    button.click()
    assert methods(page) == PRINTED and sorting(page) == [None] * 4


def test_words_sort_as_words(folder: Path, open_page: OpenPage) -> None:
    page = open_page(folder / "tiny.html")
    page.get_by_role("button", name="Publication Year", exact=True).first.click()
    assert methods(page) == ["One", "Two", HOSTILE, "Three"]  # the one without a year last
    assert sorting(page)[1] == "ascending"


def test_the_keyboard_is_enough(folder: Path, open_page: OpenPage) -> None:
    page = open_page(folder / "tiny.html")
    page.get_by_role("button", name="Method", exact=True).first.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert sorting(page) == [None, None, "descending", None]
    assert methods(page) == ["One", "Three", HOSTILE, "Two"]  # equal ones as printed


def test_ranks_are_seen_and_runs_apart_have_none(folder: Path, open_page: OpenPage) -> None:
    page = open_page(folder / "tiny.html")
    assert page.locator("td .best").all_inner_texts() == ["70.00", "80.00", "70.00"]
    assert page.locator("td .second").all_inner_texts() == [
        "60.00",
        "65.00",
    ]  # the second column has none of ours
    apart = page.get_by_role("region", name="Not compared")
    assert "90.00 [85.00, 95.00]" in apart.inner_text() and apart.locator(".best, .second").count() == 0


def test_foreign_words_are_words(folder: Path, open_page: OpenPage) -> None:
    page = open_page(folder / "index.html")  # the fixture fails a page that opens a dialog or asks for a file
    for link in ("Table A", None):
        assert page.get_by_text(HOSTILE).count() > 1 and page.locator("img").count() == 0
        if link:
            page.get_by_role("link", name=link).click()
    page.get_by_role("link", name="All leaderboards").click()
    assert page.title() == "Leaderboards"


@pytest.mark.parametrize("dark", [False, True])
def test_a_phone_shows_it_without_scrolling_the_page_aside(
    folder: Path, dark: bool, open_page: OpenPage
) -> None:
    for name in ("index.html", "tiny.html"):
        page = open_page(folder / name, width=390, dark=dark)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        colours = page.evaluate(
            "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
        )
        light = [sum(map(int, colour.removeprefix("rgb(").rstrip(")").split(","))) for colour in colours]
        assert (light[0] < light[1]) is dark


def test_every_page_is_written_and_nothing_else_is_overwritten(boards: Boards, tmp_path: Path) -> None:
    names = {name for name, _ in pages(boards.boards)}
    index = write_html(tmp_path / "new", boards.boards)
    assert {path.name for path in index.parent.iterdir()} == names | {
        "style.css",
        "theme.js",
        "board.css",
        "sort.js",
    }
    assert write_html(tmp_path / "new", boards.boards) == index
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "index.html").write_text("mine")
    with pytest.raises(UsageError, match="holds something other"):
        write_html(tmp_path / "other", boards.boards)
    assert (tmp_path / "other" / "index.html").read_text() == "mine"


def test_no_address_outside_is_named(boards: Boards) -> None:
    for _, text in pages(boards.boards):
        assert "http:" not in text and "https:" not in text and "default-src 'none'" in text
