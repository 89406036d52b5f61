"""Tables as rows of named parts: xlsx (the first sheet), tsv, csv, or JSON."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...errors import DataError
from .said import Content

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

Row = dict[str, str]
LARGEST = 2**29  # bytes of a part of an xlsx, unpacked
_CELL = re.compile(r"([A-Z]{1,3})\d+")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_SHEETS = re.compile(r"xl/worksheets/sheet\d+\.xml")


def read_sheet(content: Content) -> list[Row]:
    """The rows under the first, whose cells name them; empty cells are left out.

    Raises:
        DataError: a file that cannot be read as its suffix says.
    """
    suffix = content.path.suffix.lower()
    if suffix == ".xlsx":
        rows = _xlsx(content)
    elif suffix in (".tsv", ".csv"):
        text = content.bytes.decode("utf-8-sig", "replace")
        rows = csv.reader(io.StringIO(text, newline=""), delimiter="\t" if suffix == ".tsv" else ",")
    else:
        return [{k: str(v) for k, v in row.items() if v is not None} for _, row in content.rows.rows]
    try:
        table = iter(rows)
        head = next(table, [])
        return [{k: v for k, v in zip(head, row, strict=False) if v != ""} for row in table if any(row)]
    except csv.Error as error:
        raise DataError(f"{content.path.name} is no table: {error}.") from error


def _xlsx(content: Content) -> Iterator[list[str]]:
    """The cells of the first sheet as text, row by row (ECMA-376, part 1: SpreadsheetML)."""
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException

    try:
        with zipfile.ZipFile(io.BytesIO(content.bytes)) as packed:
            sheets = sorted(filter(_SHEETS.fullmatch, packed.namelist()), key=lambda n: (len(n), n))
            if not sheets:
                raise DataError(f"{content.path.name} has no sheet.")
            shared: list[str] = []
            if "xl/sharedStrings.xml" in packed.namelist():
                shared = [_text(item) for item in _root(packed, "xl/sharedStrings.xml")]
            for row in _root(packed, sheets[0]).iter(_tag("row")):
                yield _cells(row, shared)
    except (zipfile.BadZipFile, ParseError, DefusedXmlException, KeyError, IndexError, ValueError) as error:
        raise DataError(f"{content.path.name} is no xlsx that can be read: {error}.") from error


def _root(packed: zipfile.ZipFile, name: str) -> Element:
    from defusedxml.ElementTree import parse

    if packed.getinfo(name).file_size > LARGEST:
        raise ValueError(f"{name} unpacks to more than {LARGEST:,} bytes")
    with packed.open(name) as file:
        root = parse(file).getroot()
    if root is None:
        raise ValueError(f"{name} is empty")
    return root


def _cells(row: Element, shared: list[str]) -> list[str]:
    cells: list[str] = []
    for cell in row.iter(_tag("c")):
        match = _CELL.fullmatch(cell.get("r", ""))
        place = _column(match[1]) if match else len(cells)
        if place > 16384:  # columns of a sheet, by the standard
            raise ValueError(f"a cell {cell.get('r')}")
        cells += [""] * (place + 1 - len(cells))
        value = cell.findtext(_tag("v"))
        kind = cell.get("t", "n")
        if kind == "s":
            cells[place] = shared[int(value or "")]
        elif kind == "inlineStr":
            cells[place] = "".join(_text(item) for item in cell.iter(_tag("is")))
        elif kind != "e":  # an error such as #N/A is no value
            cells[place] = _number(value) if kind == "n" else _unescaped(value or "")
    return cells


def _column(letters: str) -> int:
    """Place of a column from 0.

    >>> _column("A"), _column("Z"), _column("AA")
    (0, 25, 26)
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _number(value: str | None) -> str:
    """A number without the point that spreadsheets add: 7.0 is 7."""
    return (value or "").removesuffix(".0")


def _text(item: Element) -> str:
    """All runs of a string, without phonetic ones."""
    runs = [item, *item.findall(_tag("r"))]
    return _unescaped("".join(run.findtext(_tag("t")) or "" for run in runs))


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda m: chr(int(m[1], 16)), text)


def _tag(name: str) -> str:
    return f"{{http://schemas.openxmlformats.org/spreadsheetml/2006/main}}{name}"
