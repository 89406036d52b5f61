"""The overview page in a browser: opened from disk, light and dark, wide and narrow, with hostile words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from rsbench.harness.site.build import build

from ..chromium import OpenPage
from ..two_runs import harbours, run, scenes

NAMES = ("airport", "beach", "forest")
HOSTILE = "<img src=x onerror=alert(1)></script><script>alert(2)</script>"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pages of a run that calls every fourth scene a beach, beside one that calls all of them so."""
    place = tmp_path_factory.mktemp("pages")
    classes = (*NAMES[:2], HOSTILE)
    samples = [
        replace(s, target=replace(s.target, label=str(s.target.label).replace("forest", HOSTILE)))
        for s in scenes()
    ]
    said = [str(s.target.label) if n % 4 else "beach" for n, s in enumerate(samples)]
    one = run(place / "one", "images", samples, said, classes).ledger
    two = run(place / "two", "images", samples, ["beach"] * 45, classes).ledger
    assert one is not None and two is not None
    build([one.folder], place / "html", against=two.folder)
    return place / "html"


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [390, 1280])
def test_it_opens_from_disk_and_fits(pages: Path, open_page: OpenPage, width: int, dark: bool) -> None:
    page = open_page(pages / "index.html", width=width, dark=dark)
    assert page.locator("h1").inner_text().startswith("images:")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, ground.removeprefix("rgb(").rstrip(")").split(","))) < 200) == dark
    assert page.locator("figure svg").count() >= 2


def test_a_cell_of_the_matrix_leads_to_its_samples(pages: Path, open_page: OpenPage) -> None:
    page = open_page(pages / "index.html")
    cell = page.locator("svg.matrix a", has_text="airport answered as beach").first
    count = int(cell.locator("text").text_content() or 0)
    cell.click()
    assert page.url.endswith("samples.html#class=airport&answer=beach") and count == 4
    page.wait_for_selector("#grid > *")
    assert page.locator("#shown").inner_text().split()[0] == str(count)


def test_bars_are_as_long_as_what_they_say(pages: Path, open_page: OpenPage) -> None:
    page = open_page(pages / "index.html")
    bars = page.locator("figure", has_text="Accuracy by class").locator("svg.bars")
    widths = bars.locator("rect.bar").evaluate_all("bars => bars.map(b => b.getBoundingClientRect().width)")
    plot = bars.locator("svg.plot").evaluate("plot => plot.getBoundingClientRect().width")
    shown = [float(text) / 100 for text in bars.locator("> text.end").all_text_contents()]
    frame = page.evaluate("document.querySelector('svg.bars').getBoundingClientRect().width") / 2
    assert plot >= frame * 0.9 and len(widths) == 3
    assert widths == pytest.approx([share * frame for share in shown], abs=1)


def test_the_button_changes_the_theme(pages: Path, open_page: OpenPage) -> None:
    page = open_page(pages / "index.html")
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Light or dark").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before


def test_it_can_be_used_by_keyboard(pages: Path, open_page: OpenPage) -> None:
    page = open_page(pages / "index.html")
    for _ in range(3):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "theme"
    summary = page.locator("figure details summary").first
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator("figure details[open] table").first.is_visible()
    row = page.locator("figure details[open] table a").first
    row.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/samples.html#class=*")


def test_hostile_words_are_shown_and_do_nothing(pages: Path, open_page: OpenPage) -> None:
    page = open_page(pages / "index.html")  # a dialog or a request would fail the test
    assert page.locator("img").count() == 0
    assert page.locator("svg.bars text", has_text="<img src=x").count() == 1


def test_of_boxes_there_are_curves(tmp_path: Path, open_page: OpenPage) -> None:
    boxes = [
        [replace(r, score=0.9 - n / 20) for r in s.target.regions[: n % 4]] for n, s in enumerate(harbours(8))
    ]
    ledger = run(
        tmp_path, "dota", harbours(8), boxes, ("ship", "plane"), adapter="oracle", dialect=None
    ).ledger
    assert ledger is not None
    build([ledger.folder], tmp_path / "html")
    page = open_page(tmp_path / "html" / "index.html", width=390)
    panels = page.locator(".panels svg")
    assert panels.count() >= 2 and all(
        panels.nth(k).get_attribute("aria-label") for k in range(panels.count())
    )
