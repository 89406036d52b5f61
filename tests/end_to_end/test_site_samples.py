"""The page of samples in a headless Chromium: filters, boxes where they belong, keys, hostile text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import numpy as np
import pytest
from numpy.typing import NDArray

from rsbench.harness.contract import Image, Region, Sample, Target
from rsbench.harness.site.build import SHARED
from rsbench.harness.site.samples import write_samples
from rsbench.harness.site.seen import Seen, see

from ..two_runs import SCENES, run

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from ..chromium import OpenPage

SITE = Path(__file__).parents[2] / "harness" / "site"
WIDTH, HEIGHT = 400, 240  # pixels of the pictures
BOX = (60.0, 40.0, 180.0, 200.0)
TURNED = (250.0, 60.0, 350.0, 110.0, 320.0, 170.0, 220.0, 120.0)
APART = (300.0, 180.0, 380.0, 230.0)
COLOURS = {"true": (0x35, 0xD0, 0x7F), "false": (0xFF, 0x4D, 0x4D), "missed": (0xFF, 0xB0, 0x1F)}
HOSTILE = (
    '<script>alert("a")</script>',
    '"><img src=x onerror=alert("b")>',
    "</script><svg onload=alert(1)>",
    "javascript:alert('c')//\u2028alert(2)\u2029",
    "\u001b[31mred\u001b[0m \u202eturned \u200f",
    "__proto__",
)


def pictures(folder: Path, samples: Sequence[Sample], texture: int = 0) -> dict[str, Image]:
    """Dull pictures on disk, under names of ours, for the names of the samples."""
    from PIL import Image as Pictures

    folder.mkdir(exist_ok=True)
    made = {}
    for place, name in enumerate(dict.fromkeys(sample.images[0].name for sample in samples)):
        path = folder / f"{place}.png"
        Pictures.new("RGB", (WIDTH, HEIGHT), (70, 74, 80)).save(path)
        made[name] = Image(name, str(path))
    return made


def site(
    folder: Path, found: Seen, images: dict[str, Image], other: Seen | None = None, side: int = 64
) -> Path:
    """The page and what others write beside it; thumbnails much smaller than the pictures."""
    write_samples(folder, found, images, other, side)
    for name in SHARED:
        (folder / name).write_bytes((SITE / name).read_bytes())
    return folder / "samples.html"


def boxed(name: str, *regions: Region) -> Sample:
    size = (WIDTH, HEIGHT)
    return Sample(name, (Image(f"{name}.png", "", size=size),), Target(regions=regions, size=size))


@pytest.fixture(scope="module")
def detections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One run with a true, a false and a missed box, horizontal in one sample and oriented in another."""
    folder = tmp_path_factory.mktemp("detections")
    samples = [
        boxed("level", Region(BOX, "ship"), Region(APART, "plane")),
        boxed("turned", Region(TURNED, "ship"), Region(BOX, "plane")),
        boxed("empty"),
    ]
    wrong = Region((10.0, 210.0, 50.0, 235.0), "plane", 0.4)
    said = [[Region(BOX, "ship", 0.9), wrong], [Region(TURNED, "ship", 0.9), wrong], []]
    better = [[Region(r.points, r.label, 0.8) for r in sample.target.regions] for sample in samples]
    sources = {"dialect": None, "confidences": ("given",)}
    ours = run(folder / "a", "voc", samples, said, ("ship", "plane"), **sources)
    theirs = run(folder / "b", "voc", samples, better, ("ship", "plane"), **sources)
    seen = [see(one.ledger.folder) for one in (ours, theirs) if one.ledger]
    return site(folder / "site", seen[0], pictures(folder / "pictures", samples), seen[1])


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Scenes answered in words, 60 of them on 20 pictures."""
    folder = tmp_path_factory.mktemp("words")
    samples = [
        Sample(
            f"s{n}",
            (Image(f"{n // 3}.png", ""),),
            Target(label=SCENES[n % 3]),
            tags={"sensor": "SAR" if n % 4 == 0 else "optical"},
        )
        for n in range(60)
    ]
    said = [None if n == 7 else "hm?" if n == 8 else "beach" if n % 5 else SCENES[n % 3] for n in range(60)]
    result = run(folder / "run", "images", samples, said, SCENES)
    assert result.ledger is not None
    return site(folder / "site", see(result.ledger.folder), pictures(folder / "pictures", samples))


def until(page: Page, truth: str) -> None:
    """Wait; the page's own policy keeps Chromium from evaluating text in it again and again by itself."""
    for _ in range(400):
        if page.evaluate(truth):
            return
        page.wait_for_timeout(25)
    pytest.fail(f"It never came to be that {truth}.")


def shot(page: Page) -> NDArray[np.int16]:
    """What is on screen, (rows, columns, 3)."""
    from PIL import Image as Pictures

    with Pictures.open(BytesIO(page.screenshot())) as picture:
        return np.asarray(picture.convert("RGB"), np.int16)


def outline(points: Sequence[float], margin: float, steps: int = 60) -> NDArray[np.float64]:
    """Points along the edges of a box, (n, 2), but for a margin (share of the edge) at the corners."""
    if len(points) == 4:
        x1, y1, x2, y2 = points
        points = (x1, y1, x2, y1, x2, y2, x1, y2)
    corners = np.array(points).reshape(4, 2)
    shares = np.linspace(margin, 1 - margin, steps)[:, None]
    edges = zip(corners, np.roll(corners, -1, 0), strict=True)
    return np.concatenate([start + shares * (end - start) for start, end in edges])


def near(screen: NDArray[np.int16], colour: tuple[int, int, int]) -> NDArray[np.int64]:
    """Where a colour is on screen, (n, 2) columns and rows."""
    rows, columns = np.nonzero(np.abs(screen - colour).sum(2) < 60)
    return np.stack([columns, rows], 1)


def drawn(page: Page, kind: str, points: Sequence[float]) -> float:
    """The share of an outline's points with its colour within 2 pixels; none of the colour lies apart."""
    frame = page.locator("svg.picture").bounding_box()
    assert frame is not None
    scale = frame["width"] / WIDTH
    assert frame["height"] / HEIGHT == pytest.approx(scale, rel=0.01)
    where = near(shot(page), COLOURS[kind])
    inside = where[
        (where[:, 0] > frame["x"]) & (where[:, 0] < frame["x"] + frame["width"])
        & (where[:, 1] > frame["y"]) & (where[:, 1] < frame["y"] + frame["height"])
    ]  # fmt: skip
    if not len(inside):
        return 0.0
    offset = np.array([frame["x"], frame["y"]]) - 0.5  # the middle of a pixel
    whole, apart = (outline(points, margin) * scale + offset for margin in (0.0, 0.15))
    assert np.linalg.norm(inside[:, None] - whole[None], axis=2).min(1).max() <= 6
    return float((np.linalg.norm(inside[:, None] - apart[None], axis=2).min(0) <= 2).mean())


def only(page: Page, *kinds: str) -> None:
    """Take everything else out of the picture."""
    for item in page.locator(".legend-item").all():
        item.locator("input").set_checked(any(item.inner_text().startswith(kind) for kind in kinds))


@pytest.mark.parametrize(("sample", "points", "rest"), [("level", BOX, APART), ("turned", TURNED, BOX)])
def test_boxes_are_drawn_where_the_numbers_say(
    detections: Path, open_page: OpenPage, tmp_path: Path, sample: str, points: Sequence[float], rest: Any
) -> None:
    page = open_page(Path(f"{detections}#sample={sample}"), 1000, 640)
    page.wait_for_selector("svg.picture")
    page.screenshot(path=tmp_path / f"{sample}.png")
    only(page, "box that is true")
    assert drawn(page, "true", points) == 1.0
    with pytest.raises(AssertionError):
        drawn(page, "true", [v + 8 for v in points])
    only(page, "object missed")
    assert drawn(page, "missed", rest) > 0.6  # dashed
    only(page, "box that is false")
    assert drawn(page, "false", (10.0, 210.0, 50.0, 235.0)) > 0.6
    assert drawn(page, "true", points) == 0.0


def test_a_sample_shows_what_was_asked_answered_and_said_by_the_other_run(
    detections: Path, open_page: OpenPage
) -> None:
    page = open_page(Path(f"{detections}#outcome=flipped"))
    assert page.locator("#shown").inner_text() == "2 of 3 samples"
    page.get_by_role("link", name="level").click()
    told = page.locator(".told")
    assert told.inner_text().startswith("wrong")
    assert "oriented boxes of: ship, plane" in told.inner_text()
    assert "right 100.0" in told.inner_text()
    boxes = page.get_by_role("list", name="Boxes").get_by_role("button")
    assert [name.strip().partition("\n")[0] for name in boxes.all_inner_texts()] == [
        "object missed, plane",
        "box that is false, plane, 0.40",
        "box that is true, ship, 0.90",
        "object found, ship",
        "box of the other run, ship, 0.80",
        "box of the other run, plane, 0.80",
    ]
    assert boxes.nth(2).locator(".points").inner_text() == "60.0, 40.0, 180.0, 200.0"
    boxes.nth(2).focus()
    assert page.locator(".tip").inner_text() == "box that is true, ship, 0.90"
    assert page.locator(".box.marked").count() == 1
    boxes.nth(4).focus()
    assert page.locator(".picture .box.other.marked").is_visible()
    assert not page.locator(".picture .box.other:not(.marked)").is_visible()
    told.locator("summary", has_text="Evidence").click()
    assert '"views"' in told.locator("details pre").inner_text()


def test_filters_search_and_counts(words: Path, open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(words)
    shown = page.locator("#shown")
    page.wait_for_selector(".cell")
    assert shown.inner_text() == "60 of 60 samples"
    count = page.locator('[data-key="outcome"] [data-value="wrong"] .count').inner_text()
    page.locator('[data-key="outcome"] [data-value="wrong"] input').check()
    assert shown.inner_text() == f"{count} of 60 samples"
    sar = page.locator('[data-key="tag:sensor"] [data-value="SAR"]')
    left = sar.locator(".count").inner_text()
    sar.locator("input").check()
    assert shown.inner_text() == f"{left} of 60 samples" and 0 < int(left) < int(count)
    assert "outcome=wrong" in page.url and "tag%3Asensor=SAR" in page.url
    assert page.locator('[data-key="outcome"] [data-value="unparsable"] .count').inner_text() == "1"
    again = open_page(Path(f"{words}#{page.url.partition('#')[2]}"))
    again.wait_for_selector(".cell")
    assert again.locator("#shown").inner_text() == shown.inner_text()
    page.get_by_role("button", name="Clear all").click()
    page.locator("#search").fill("HM?")
    until(page, "document.getElementById('shown').textContent.startsWith('1 of')")
    assert page.locator(".cell .id").all_inner_texts() == ["s8"]
    page.screenshot(path=tmp_path / "filtered.png")
    links = open_page(Path(f"{words}#class=airport&answer=beach&tag:sensor=optical&sort=id"))
    links.wait_for_selector(".cell")
    lines = set(links.locator(".cell .line").all_inner_texts())
    assert lines == {"airport → beach"}


def test_everything_can_be_done_from_the_keyboard(words: Path, open_page: OpenPage) -> None:
    page = open_page(words)
    page.wait_for_selector(".cell")
    focused = "document.activeElement"
    page.keyboard.press("/")
    assert page.evaluate(f"{focused}.id") == "search"
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate(f"{focused}.closest('[data-value=wrong]') !== null"):
            break
    page.keyboard.press("Space")
    until(page, "location.hash === '#outcome=wrong'")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(f"{focused}.matches('.cell')"):
            break
    outline = page.evaluate(f"getComputedStyle({focused}).outlineStyle")
    assert outline not in ("none", "")
    ids = page.locator(".cell .id").all_inner_texts()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_selector("#opened[open] .told")
    assert page.locator("#opened-name").inner_text() == ids[1]
    page.keyboard.press("ArrowRight")
    until(page, f"document.getElementById('opened-name').textContent === {ids[2]!r}")
    assert page.locator("#opened-place").inner_text().startswith("3 of")
    assert page.evaluate(f"document.getElementById('opened').contains({focused})")
    page.keyboard.press("ArrowLeft")
    until(page, f"document.getElementById('opened-name').textContent === {ids[1]!r}")
    page.keyboard.press("Escape")
    until(page, "!document.getElementById('opened').open")
    assert page.evaluate(f"{focused}.querySelector('.id').textContent") == ids[1]
    assert "sample=" not in page.url


@pytest.mark.parametrize("dark", [False, True])
def test_a_phone_shows_all_of_it(
    words: Path, detections: Path, open_page: OpenPage, tmp_path: Path, dark: bool
) -> None:
    for place in (words, detections):
        page = open_page(place, width=390, height=800, dark=dark)
        page.locator(".cell").first.click()
        page.wait_for_selector(".told")
        page.screenshot(path=tmp_path / f"{place.parent.parent.name}.png")
        for part in ("document.documentElement", "document.getElementById('opened')"):
            assert page.evaluate(f"{part}.scrollWidth") <= 390
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        light = sum(map(int, ground.strip("rgb()").split(","))) / 3
        assert light < 60 if dark else light > 200


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Names, classes, tags and answers that want to be code, one of them of a million characters."""
    folder = tmp_path_factory.mktemp("hostile")
    samples = [
        Sample(
            f"{text}{n}",
            (Image(f"{n}{text}.png", ""),),
            Target(texts=(text,), kind=text),
            f"{text} ?",
            {text: text, "question type": text},
        )
        for n, text in enumerate(HOSTILE)
    ]
    said = [*HOSTILE[:-1], f"{HOSTILE[0]}{'x' * 1_000_000}"]
    result = run(folder / "run", "vqa", samples, said)
    assert result.ledger is not None
    return site(folder / "site", see(result.ledger.folder), pictures(folder / "pictures", samples))


def test_hostile_text_is_shown_and_does_nothing(hostile: Path, open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(hostile)
    page.wait_for_selector(".cell")
    scripts = page.locator("script").count()
    page.screenshot(path=tmp_path / "hostile.png")
    assert page.locator(".cell .id").nth(0).inner_text() == f"{HOSTILE[0]}0"
    page.locator(".cell").first.click()
    for place, text in enumerate(HOSTILE):
        until(
            page, f"document.getElementById('opened-place').textContent === '{place + 1} of {len(HOSTILE)}'"
        )
        told = page.locator(".told").inner_text()
        if text.isprintable():
            assert told.count(text) >= 3
        if "\u202e" in text:
            assert "[U+202E]turned" in told and "␛[31mred" in told
        page.keyboard.press("ArrowRight")
    assert "(the first 4,000 of 1,000,027 characters)" in page.locator(".told").inner_text()
    page.keyboard.press("Escape")
    page.locator('[data-key="outcome"] input').first.check()
    assert page.locator("script").count() <= scripts + 1  # one part of the data
    made = "[onerror],[onload],iframe,object,a[href^='javascript'],base,form"
    assert page.locator(made).count() == 0
    assert {name.suffix for name in hostile.parent.rglob("*") if name.is_file()} <= {
        ".html", ".js", ".css", ".webp",
    }  # fmt: skip
    assert all(name.name.isascii() and "<" not in name.name for name in hostile.parent.rglob("*"))


def test_a_hostile_address_does_nothing(words: Path, open_page: OpenPage) -> None:
    page = open_page(words)
    page.wait_for_selector(".cell")
    for text in HOSTILE:
        part = quote(text, safe="")
        address = f"#q={part}&class={part}&{part}={part}&sort={part}&sample={part}"
        page.evaluate("(address) => { location.hash = address; }", address)
        until(page, "document.getElementById('shown').textContent.startsWith('0 of 60')")
        until(page, "document.getElementById('shown').textContent.includes('There is no sample')")
        page.get_by_role("button", name="Clear all").click()
        assert page.locator("#shown").inner_text() == "60 of 60 samples"


def test_ten_thousand_samples_stay_smooth(words: Path, open_page: OpenPage, tmp_path: Path) -> None:
    (folder,) = [path for path in (words.parent.parent / "run").iterdir() if path.is_dir()]
    found = see(folder)
    many = tuple(
        replace(outcome, sample=replace(outcome.sample, id=f"{n}"))
        for n in range(10_000)
        for outcome in [found.outcomes[n % 60]]
    )
    page = open_page(site(tmp_path / "many", replace(found, outcomes=many), {}))
    page.wait_for_selector(".cell")
    assert page.locator("#shown").inner_text() == "10,000 of 10,000 samples"
    times = page.evaluate(
        """() => Data.index.facets.map((facet) => {
          const start = performance.now();
          Data.filtered(new Map([[facet.key, new Set([facet.values[0]])]]), "-value");
          return performance.now() - start;
        })"""
    )
    assert min(times) < 100  # milliseconds; the least, for what else runs on the machine
    page.locator(".cell").first.focus()
    page.keyboard.press("End")
    until(page, "document.activeElement.querySelector('.id').textContent === '9999'")
    assert page.locator(".cell").count() < 200
    page.keyboard.press("Enter")
    page.wait_for_selector(".told")
    assert page.locator("#opened-place").inner_text() == "10,000 of 10,000"
