"""Pages opened from disk in a headless Chromium: what a test sees of them, and what they may not do.

    def test_my_page(open_page: OpenPage, tmp_path: Path) -> None:
        page = open_page(tmp_path / "index.html#outcome=wrong", width=390, dark=True)

A page that asks for anything outside its folder's disk, opens a dialog, or reports an error fails its test.
Both fixtures are known to all tests through conftest.py; where there is no Chromium, tests skip.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request

NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 10_000  # milliseconds


class OpenPage(Protocol):
    """Opens a file, `#fragment` allowed, in a window of its own."""

    def __call__(self, place: Path, width: int = 1280, height: int = 900, dark: bool = False) -> Page:
        """The page, loaded."""
        ...


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A headless browser; of a module, for its event loop is in the way of others."""
    place = next((found for name in NAMES if (found := shutil.which(name))), None)
    if place is None:
        pytest.skip("there is no Chromium here")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=place, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[OpenPage]:
    """Opens pages, and at the end checks that none of them did what it may not."""
    wrongs: list[str] = []

    def opened(place: Path, width: int = 1280, height: int = 900, dark: bool = False) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        _watch(page, wrongs)
        path, _, fragment = str(place).partition("#")
        page.goto(Path(path).resolve().as_uri() + (f"#{fragment}" if fragment else ""))
        return page

    yield opened
    for context in chromium.contexts:
        context.close()
    if wrongs:
        pytest.fail("A page " + "; ".join(wrongs))


def _watch(page: Page, wrongs: list[str]) -> None:
    def asked(request: Request) -> None:
        if not request.url.startswith(("file:", "data:", "blob:")):
            wrongs.append(f"asked for {request.url}")

    def interrupted(dialog: Dialog) -> None:
        wrongs.append(f"opened a dialog: {dialog.message}")
        dialog.dismiss()

    def said(message: ConsoleMessage) -> None:
        if message.type == "error":
            wrongs.append(f"said: {message.text}")

    page.on("request", asked)
    page.on("dialog", interrupted)
    page.on("console", said)
    page.on("pageerror", lambda error: wrongs.append(f"had an error: {error}"))
