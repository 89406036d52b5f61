"""Pages of runs: what is written, what is refused, and that nothing a model says becomes markup."""

from __future__ import annotations

import doctest
import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from rsbench.harness.chart_values import Bar, Bars, reaching
from rsbench.harness.cli import main
from rsbench.harness.comparable import NotComparable
from rsbench.harness.errors import DataError, UsageError
from rsbench.harness.ledger import Ledger
from rsbench.harness.site import svg
from rsbench.harness.site.at_hand import at_hand
from rsbench.harness.site.build import build
from rsbench.harness.site.seen import see
from rsbench.harness.site.svg import link

from . import few_cards
from .two_runs import harbours, questions, run, scenes

NAMES = ("airport", "beach", "forest")
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\u2028{{ 7 * 7 }}"


class Page(HTMLParser):
    """The tags and the words of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data: str) -> None:
        self.words += data

    def links(self) -> list[str]:
        return [str(a["href"]) for tag, a in self.tags if tag == "a"]


def named(folder: Path, said: list[str | None] | None = None, **changes: object) -> Path:
    """A run over 45 scenes."""
    answers = said or [str(s.target.label) if n % 4 else "beach" for n, s in enumerate(scenes())]
    ledger = run(folder, "images", scenes(), answers, NAMES, **changes).ledger
    assert ledger is not None
    return ledger.folder


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the command on a miniature of six pictures, and where it lies."""
    output = tmp_path_factory.mktemp("drawn")
    card = few_cards.write(output, "mar20", pictures=6)
    main(["run", "--model", "random", "--tasks", card, "--data", "mini", "--output", str(output)])
    (folder,) = output.glob("mar20_few-*")
    return folder


def test_a_page_without_pictures_says_so_and_shows_everything(tmp_path: Path) -> None:
    (built,) = build([named(tmp_path)], tmp_path / "pages")
    assert (built.samples, built.thumbnails) == (45, 0) and "not given" in built.note
    page = Page((tmp_path / "pages/index.html").read_text(encoding="utf-8"))
    for words in ("Accuracy by class", "Confusion matrix", "How to reproduce", "The pictures were not given"):
        assert words in page.words
    assert "samples.html#outcome=wrong" in page.links()
    assert "samples.html#class=airport&answer=beach" in page.links()
    assert (tmp_path / "pages/samples.html").is_file()


def test_every_link_and_file_lies_in_the_folder(tmp_path: Path, drawn: Path) -> None:
    (built,) = build([drawn], tmp_path / "pages")
    assert built.thumbnails == 6 and not built.note
    page = Page((built.folder / "index.html").read_text(encoding="utf-8"))
    asked = {str(a.get("href") or a.get("src")) for _, a in page.tags if a.get("href") or a.get("src")}
    assert "style.css" in asked and "theme.js" in asked
    assert not {a for a in asked if ":" in a.split("#")[0] or a.startswith("/")}
    assert all((built.folder / a.split("#")[0]).is_file() for a in asked)
    (policy,) = [a["content"] for t, a in page.tags if t == "meta" and a.get("http-equiv")]
    assert policy and policy.startswith("default-src 'none'") and "unsafe" not in policy
    inline = [a for t, a in page.tags if any(name.startswith("on") or name == "style" for name in a)]
    assert not inline and not [a for t, a in page.tags if t == "script" and "src" not in a]


def test_hostile_words_are_words(tmp_path: Path) -> None:
    classes = (HOSTILE, "beach")
    samples = [replace(s, target=replace(s.target, label=classes[n % 2])) for n, s in enumerate(scenes(8))]
    arguments = {"answers": HOSTILE}
    ledger = run(tmp_path, "images", samples, [HOSTILE] * 7 + ["?"], classes, arguments=arguments).ledger
    assert ledger is not None
    (built,) = build([ledger.folder], tmp_path / "pages")
    page = Page((built.folder / "index.html").read_text(encoding="utf-8"))
    assert {a.get("src") for t, a in page.tags if t == "script"} == {"theme.js"}
    assert not [t for t, _ in page.tags if t == "img"]
    assert "<script>alert(1)</script>" in page.words and "{{ 7 * 7 }}" in page.words
    assert link((("class", HOSTILE),)) in page.links()


def test_two_runs_stand_side_by_side(tmp_path: Path) -> None:
    one, two = named(tmp_path / "one"), named(tmp_path / "two", ["airport"] * 45)
    build([one], tmp_path / "pages", against=two)
    page = Page((tmp_path / "pages/index.html").read_text(encoding="utf-8"))
    assert "samples.html#outcome=flipped" in page.links()
    assert f"Beside {two.name}" in page.words and "p (Holm)" in page.words
    whole = (tmp_path / "pages/index.html").read_text(encoding="utf-8")
    assert 'class="other"' in whole and "the other run" in whole


def test_runs_of_different_tasks_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    asked = questions(4)
    other = run(tmp_path / "other", "vqa", asked, ["yes"] * len(asked)).ledger
    assert other is not None
    with pytest.raises(NotComparable, match="different tasks"):
        build([named(tmp_path)], tmp_path / "pages", against=other.folder)
    assert not [path for path in tmp_path.iterdir() if "pages" in path.name]


def test_several_runs_have_a_folder_each_and_a_page_over_them(tmp_path: Path) -> None:
    one, two = named(tmp_path / "one"), named(tmp_path / "two", ["airport"] * 45)
    built = build([one, two, one], tmp_path / "pages")
    page = Page((tmp_path / "pages/index.html").read_text(encoding="utf-8"))
    assert len({b.folder for b in built}) == 3
    for each in built:
        assert f"{each.folder.name}/index.html" in page.links() and (each.folder / "samples.html").is_file()
    with pytest.raises(UsageError, match="one run beside another"):
        build([one, two], tmp_path / "others", against=one)


def test_pages_are_replaced_and_other_folders_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    place = named(tmp_path)
    build([place], folder)
    (folder / "stale.txt").write_text("of an earlier report", encoding="utf-8")
    build([place], folder)
    assert not (folder / "stale.txt").exists()
    assert [path for path in tmp_path.iterdir() if "pages" in path.name] == [folder]
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "index.html").write_text("<h1>my own</h1>", encoding="utf-8")
    for wrong in (mine, mine / "index.html", tmp_path / "one"):
        (tmp_path / "one").write_text("a file", encoding="utf-8")
        with pytest.raises(UsageError, match="something other than pages"):
            build([place], wrong)
    assert (mine / "index.html").read_text(encoding="utf-8") == "<h1>my own</h1>"


def test_other_pictures_than_the_model_saw_are_said(tmp_path: Path, drawn: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(drawn.parent / "mini" / "mar20_few-test", copy)
    with at_hand(see(drawn), str(copy)) as pictures:
        assert not pictures.note and len(pictures.images) == 6
    used = Ledger(drawn).samples()[0].images[0].name
    (copy / used).write_bytes((copy / used).read_bytes() + b" ")
    with at_hand(see(drawn), str(copy)) as pictures:
        assert "not those the model saw" in pictures.note
    (copy / used).unlink()
    with at_hand(see(drawn), str(copy)) as pictures:
        assert pictures.note.startswith("1 of 6 pictures")
    with pytest.raises(DataError, match="There is no folder"), at_hand(see(drawn), str(tmp_path / "no")):
        pass


def test_a_report_that_is_not_of_its_answers_is_refused(tmp_path: Path) -> None:
    place = named(tmp_path)
    path = place / "responses.jsonl"
    lines = path.read_text(encoding="utf-8").replace("forest", "beach")
    path.write_text(lines, encoding="utf-8")
    with pytest.raises(DataError, match="not of the answers that lie beside it"):
        see(place)
    with pytest.raises(DataError, match="a report alone"):
        see(place / "report.json")


def test_boxes_have_precision_over_recall_and_a_note_on_what_is_right(tmp_path: Path) -> None:
    boxes = [[replace(r, score=0.5) for r in s.target.regions[: n % 4]] for n, s in enumerate(harbours(8))]
    ledger = run(
        tmp_path, "dota", harbours(8), boxes, ("ship", "plane"), adapter="oracle", dialect=None
    ).ledger
    assert ledger is not None
    build([ledger.folder], tmp_path / "pages")
    text = (tmp_path / "pages/index.html").read_text(encoding="utf-8")
    assert "Precision over recall" in text and "all its objects are found" in text
    assert len(re.findall('class="line line-0"', text)) >= 2  # a panel a class


def test_bars_above_100_percent_fit_their_axis() -> None:
    axis = reaching("CIDEr (%)", [2.5, 3.6])
    ((_, drawn),) = svg.drawings(Bars("b", "B", axis, (Bar("half", 2.5), Bar("low", 0.5))))
    assert re.findall(r'width="([\d.]+%)" class="bar"', drawn) == ["50.00%", "10.00%"]


def test_doctests() -> None:
    assert doctest.testmod(svg).failed == 0
