"""Published tables agree with the papers: every figure, year, venue, group and head, and what is noted."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import pytest

from rsbench.harness.published import PublishedRow, PublishedTable, read_table

NUMERALS = dict(enumerate(("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"), 1))
JOURNALS = {  # as the tables shorten them: as the references write them
    "AAAI": "AAAI Conference on Artificial Intelligence",
    "CITS": "computer, information and telecommunication systems (Cits)",
    "CVPR": "Conference on Computer Vision and Pattern Recognition",
    "ECCV": "ECCV",
    "GRSL": "Geoscience and Remote Sensing Letters",
    "ICCV": "International Conference on Computer Vision",
    "JSTARS": "Selected Topics in Applied Earth Observations and Remote Sensing",
    "NeurIPS": "Neural Information Processing Systems",
    "TGRS": "Transactions on Geoscience and Remote Sensing",
}
NUMBERS = r"([\d.]+%(?:,? and [\d.]+%|, [\d.]+%)*)"  # 0.11%, 1.19%, and 1.30%
BEST = "the best other"
GAINS = [  # (words of the text around its numbers, table, columns, the methods gained on)
    (rf"CSDS, and T-CNN with improvements of {NUMBERS}", "table_2", ["Top-1 Acc"] * 2, ["CSDS", "T-CNN"]),
    (
        rf"on the CLRS dataset, achieving {NUMBERS}",
        "table_3",
        ["CLRS"] * 3,
        ["Qwen-VL-Chat", "LLaVa-1.5", "Sphinx"],
    ),
    (
        rf"improvements of {NUMBERS} on NaSC-TG2",
        "table_3",
        ["NASC-TG2"] * 3,
        ["Qwen-VL-Chat", "LLaVa-1.5", "Sphinx"],
    ),
    (
        rf"EarthGPT improves {NUMBERS}",
        "table_4",
        ["BLEU1", "BLEU2", "BLEU3", "BLEU4", "METEOR", "ROUGE_L", "CIDEr(0-5)", "SPICE"],
        [BEST] * 8,
    ),
    (rf"MQVQA and SAN with improvements of {NUMBERS}", "table_5", ["OA"] * 2, ["MQVQA", "SAN"]),
    (
        rf"EarthGPT brings the improvement of {NUMBERS}",
        "table_6",
        ["OA"] * 4,
        ["Qwen-VL-Chat", "LLaVa-1.5", "MiniGPTV2", "Sphinx"],
    ),
    (
        rf"improvements of {NUMBERS} on Pr@0.8",
        "table_7",
        ["Pr@0.8", "Pr@0.9", "mIoU", "cIoU"],
        [BEST] * 4,
    ),
    (
        rf"improvements of {NUMBERS} in terms of AP@40",
        "table_8",
        ["AP@40", "AP@50"],
        ["GroundingDINO"] * 2,
    ),
]
STATED = [  # (words of the text around EarthGPT's own figures, their tables and columns)
    (rf"achieves {NUMBERS} accuracy on the CLRS", [("table_3", "CLRS"), ("table_3", "NASC-TG2")]),
    (rf"AP@40% metrics of {NUMBERS}", [("table_8", "AP@40")]),
    (rf"average accuracy of {NUMBERS} on RSVQA-HR", [("table_6", "OA")]),
]


@pytest.fixture(scope="module")
def earthgpt(shared: Path) -> str:
    return paper(shared, "000")


def paper(shared: Path, number: str) -> str:
    (path,) = (shared / "papers").glob(f"{number}_*.txt")
    return path.read_text(encoding="utf-8")


def printed(text: str, number: int) -> tuple[str, list[list[str]]]:
    """Caption and lines of a table of the text: its tab-separated cells, without type faces."""
    _, _, after = text.partition(f"\nTABLE {NUMERALS[number]}\n")
    caption, body, _ = after.split("\n\n", 2)
    lines = [re.sub(r"</?i>|\(Ours\)", "", line).split("\t") for line in body.splitlines()]
    assert {len(line) for line in lines} == {len(lines[0])}
    return caption, lines


def unnumbered(method: str) -> str:
    return re.sub(r" \[\d+\]$", "", method)


def references(text: str) -> dict[str, str]:
    """Number -> reference; some are broken over two items of the list."""
    pieces = re.split(r"^ ?- \[(\d+)\] ", text.partition("\nREFERENCES\n")[2], flags=re.M)
    return {number: " ".join(words.split()) for number, words in zip(pieces[1::2], pieces[2::2], strict=True)}


def numbers(pattern: str, text: str) -> list[Decimal]:
    (found,) = re.findall(pattern, text)
    return [Decimal(n) for n in re.findall(r"[\d.]+\d", found)]


def value(table: PublishedTable, method: str, column: str) -> Decimal:
    """A method's figure; of `BEST`, the largest that is not EarthGPT's."""
    place = table.columns.index(column)
    if method == BEST:
        return max(Decimal(row.values[place]) for row in table.rows if row.method != "EarthGPT")
    (row,) = (row for row in table.rows if row.method == method)
    return Decimal(row.values[place])


def agree(number: int, text: str) -> bool:
    """Whether our table has the title, heads and rows of the paper's, all of them, in its order."""
    table = read_table(f"table_{number}")
    caption, (head, *lines) = printed(text, number)
    ours = ["Task"] * (number == 1) + [*table.head, *table.columns]
    rows = counted(lines) if number == 1 else compared(lines)
    return head == ours and rows == list(table.rows) and says(caption, table)


def compared(lines: list[list[str]]) -> list[PublishedRow]:
    """The rows of Tables II to IX, where a line without figures heads a group."""
    rows, group = [], ""
    for method, year, *values in lines:
        if any(values):
            rows.append(PublishedRow(group, unnumbered(method), year, tuple(values)))
        else:
            group = method
    return rows


def counted(lines: list[list[str]]) -> list[PublishedRow]:
    """The rows of Table I, where the first line of a task names it."""
    rows, group = [], ""
    for task, data, size, sensor in lines:
        group = task or group
        rows.append(PublishedRow(group, data, "", (size, sensor)))
    return rows


def says(caption: str, table: PublishedTable) -> bool:
    """Whether the caption has the words of our title; the form of boxes is said in the running text."""
    place, _, rest = table.title.partition(": ")
    words = {word.rstrip("S") for word in re.findall(r"[A-Z\d]+", rest.upper())} - {"HBB", "AND", "OF"}
    return place == table.place and all(word in caption.upper() for word in words)


@pytest.mark.parametrize("number", list(NUMERALS))
def test_every_cell_is_the_papers(number: int, earthgpt: str) -> None:
    assert read_table(f"table_{number}").place == f"Table {NUMERALS[number]}"
    assert agree(number, earthgpt)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "141,631"),
        (1, "HRISD"),
        (1, "infrared"),
        (7, "76.65"),
        (7, "TGRS 2023"),
        (7, "ICCV 2019"),
        (7, "Pr@0.7"),
        (7, "Specialist Model"),
        (9, "90.28"),
    ],
)
def test_one_character_more_or_less_is_found(number: int, words: str, earthgpt: str) -> None:
    before, table, after = earthgpt.partition(f"\nTABLE {NUMERALS[number]}\n")
    changed = after.replace(words, words[:-1] + chr(ord(words[-1]) ^ 1), 1)
    assert changed != after
    assert not agree(number, before + table + changed)


def test_gains_of_the_text_are_those_of_the_tables_but_for_what_is_noted(earthgpt: str) -> None:
    off = set()
    for pattern, name, columns, others in GAINS:
        table, gains = read_table(name), numbers(pattern, earthgpt)
        for stated, column, other in zip(gains, columns, others, strict=True):
            gain = value(table, "EarthGPT", column) - value(table, other, column)
            if gain != stated:
                off.add((name, column, str(stated), str(gain)))
    assert off == {("table_4", "ROUGE_L", "18.2", "18.1")}
    assert_noted(off)


def test_figures_of_the_text_are_those_of_the_tables_but_for_what_is_noted(earthgpt: str) -> None:
    off = set()
    for pattern, places in STATED:
        for stated, (name, column) in zip(numbers(pattern, earthgpt), places, strict=True):
            figure = value(read_table(name), "EarthGPT", column)
            if figure != stated:
                off.add((name, "EarthGPT", str(stated), str(figure)))
    assert off == {("table_6", "EarthGPT", "72.05", "72.06")}
    assert_noted(off)


def test_years_and_venues_are_those_of_the_references_but_for_what_is_noted(earthgpt: str) -> None:
    listed, off, seen = references(earthgpt), set(), 0
    for number in list(NUMERALS)[1:]:
        for method, printed_year, *_ in printed(earthgpt, number)[1][1:]:
            if not (key := re.search(r"\[(\d+)\]", method)):
                continue
            venue, year = printed_year.split()
            reference = listed[key[1]]
            seen += 1
            if year != re.findall(r"\b(?:19|20)\d\d\b", reference)[-1]:
                off.add((f"table_{number}", unnumbered(method), year))
            if venue != "Arxiv" and JOURNALS[venue].lower() not in reference.lower():
                off.add((f"table_{number}", unnumbered(method), venue))
    assert seen == 43
    assert off == {
        ("table_2", "PSGAN", "2022"),
        ("table_3", "LLaVa-1.5", "NeurIPS"),
        ("table_4", "FC-Att", "TGRS"),
        ("table_4", "SM-Att", "TGRS"),
        ("table_6", "LLaVa-1.5", "NeurIPS"),
        ("table_7", "VLTVG", "2021"),
    }
    assert_noted(off)


def assert_noted(off: Iterable[tuple[str, ...]]) -> None:
    """Each difference stands in one note of its table, with every word of it."""
    for name, *words in off:
        notes = read_table(name).notes
        assert any(all(word in note for word in words) for note in notes), (name, words)


def test_table_i_beside_what_the_text_counts(earthgpt: str) -> None:
    table, notes = read_table("table_1"), " ".join(read_table("table_1").notes)
    sizes = {(row.group, row.method): int(row.values[0].replace(",", "")) for row in table.rows}
    assert f"{sum(sizes.values()):,}" in notes and sum(sizes.values()) > 1_000_000
    (existing,) = re.findall(r"based on (\d+) existing", earthgpt)
    assert len({data for _, data in sizes}) == int(existing) and f"{len(sizes)} lines are {existing}" in notes
    groups = [group for group, _ in sizes]
    assert "ten classification datasets, five image captioning datasets, and four VQA" in earthgpt
    assert groups.count("Image Captioning") == 5 and groups.count("VQA") == 4
    assert groups.count("Classification") == 8 and "AID" not in {data for _, data in sizes}
    assert "covering five tasks" in earthgpt and len(set(groups)) == 6
    (expressions,) = re.findall(r"comprises ([\d,]+) language expressions", earthgpt)
    left = int(expressions.replace(",", "")) - sizes["Visual Grounding", "DIOR-RSVG"]
    assert f"{left:,}" in notes and "758 grounding questions" in earthgpt and "758" in notes
    assert f"{sizes['VQA', 'CRSVQA']} samples of CRSVQA" in notes and "10% of image-question" in earthgpt
    for name in ("AID [41]", "DOTA [47]", "FAIR1M [48]", "HRSID [52]", "HRISD [52]"):
        assert name in earthgpt


def test_the_figures_of_earthgpt_x_are_those_of_its_summary(shared: Path) -> None:
    found = re.findall(
        r"DIOR-RSVG test set, achieving ([\d.]+)% in SS and ([\d.]+)% in S-IoU under box prompts",
        paper(shared, "002"),
    )
    (row,) = read_table("earthgpt_x_referring").rows
    assert [row.values] == found
    assert len(re.findall(r"\d\d\.\d", paper(shared, "002"))) == 2  # it has no other figure


def test_the_gains_of_rscovlm_are_those_of_its_text_which_has_no_table(shared: Path) -> None:
    text = paper(shared, "003")
    table = read_table("rscovlm_text")
    (zoom,) = re.findall(r"achieving an overall improvement of ([\d.]+)% compared", text)
    (grounding,) = re.findall(r"GeoGround, by approximately ([\d.]+)%", text)
    assert [row.values[1] for row in table.rows] == [zoom, grounding]
    sections = re.findall(r"^(4\.[23]\.2)\. Results", text, flags=re.M)
    assert table.place == f"sections {' and '.join(sections)}"
    assert len(re.findall(r"^Table \d\. Comparison", text, flags=re.M)) == 5 and "\t" not in text
    assert f"{table.paper.venue} {table.paper.year}" == "Remote Sensing 2026"
    assert "Remote Sensing\n" in text and "9 January 2026" in text


@pytest.mark.parametrize("name", ["table_1", "earthgpt_x_referring"])
def test_venue_and_year_of_the_papers_are_as_cited(name: str, shared: Path) -> None:
    about = read_table(name).paper
    (cited,) = re.findall(rf"\. {about.name}: A .*", paper(shared, "003"))
    assert about.venue == "IEEE TGRS"
    assert f"IEEE Trans. Geosci. Remote Sens. {about.year}," in cited
