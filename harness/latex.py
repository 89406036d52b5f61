"""Tables of papers as LaTeX, for \\usepackage{booktabs}: our rows above the published ones."""

from __future__ import annotations

from collections.abc import Sequence

from .contract import Report
from .paper_layout import BEST, SECOND, Layout, Row
from .paper_tables import layouts

_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%",
    "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}",
    ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}", "–": "--", "—": "---", "…": r"\ldots{}", "→": r"$\rightarrow$",
    "×": r"$\times$", "[": "{[}", "]": "{]}",  # behind \\ and \midrule a bracket would begin an option
}  # fmt: skip
_NOT_OF_T1 = "ĦħĸĿŀŉŦŧſ"
_HEAD = r"% Needs: \usepackage[T1]{fontenc} \usepackage{textcomp} \usepackage{booktabs}" + "\n"


def latex(reports: Sequence[Report]) -> str:
    """One table environment per paper's table, and one for what no paper reports.

    The best figure of a column is bold and the second underlined, among rows that may be compared: published
    ones as printed, and runs without a label. Intervals and labels of runs stand below the table.
    """
    return _HEAD + "\n" + "\n".join(_table(layout) for layout in layouts(reports))


def escaped(text: str) -> str:
    """Any text as words of LaTeX: one line, nothing of it a command, letters beyond Latin by their number.

    >>> print(escaped("50 % of $x_1$ \\\\input{a}"))
    50 \\% of \\$x\\_1\\$ \\textbackslash{}input\\{a\\}
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return "".join(_SPECIAL.get(character) or _letter_of(character) for character in line)


def _letter_of(character: str) -> str:
    """A letter of the encoding T1 as it is; pdflatex stops at others, so they are written by number."""
    known = ord(character) < 0x180 and character not in _NOT_OF_T1
    return character if known else f"{{[}}U+{ord(character):04X}{{]}}"


def _table(layout: Layout) -> str:
    columns = "l" * len(layout.head) + "r" * len(layout.columns)
    lines = [
        r"\begin{table}",
        r"  \centering",
        rf"  \caption{{{escaped(layout.title)}}}",
        rf"  \begin{{tabular}}{{{columns}}}",
        r"    \toprule",
        f"    {_cells([*map(escaped, layout.head), *map(escaped, layout.columns)])}",
        r"    \midrule",
    ]
    group, notes = "", []
    above = layout.rows[0] if layout.rows else None
    for row, places in zip(layout.rows, layout.places(), strict=True):
        if above and above.ours and not row.ours:
            lines.append(r"    \midrule")
        if row.group != group:
            group = row.group
            lines.append(rf"    \multicolumn{{{len(columns)}}}{{l}}{{\textit{{{escaped(group)}}}}} \\")
        above = row
        if row.ours:
            notes.append(_note(layout, row))
        mark = rf"\textsuperscript{{{_letter(len(notes))}}}" if row.ours else ""
        lines.append(f"    {_cells([*_lead(row, mark), *_values(row, places)])}")
    lines += [r"    \bottomrule", r"  \end{tabular}"]
    notes = [rf"\textsuperscript{{{_letter(k)}}} {note}" for k, note in enumerate(notes, 1)]
    notes += [escaped("".join(note)) for note in layout.notes]
    lines += [r"  \par\smallskip", *(rf"  {{\footnotesize {note}\par}}" for note in notes)]
    return "\n".join([*lines, r"\end{table}"]) + "\n"


def _lead(row: Row, mark: str) -> list[str]:
    """The cells before the figures; of a run, the model's name and the mark of its note behind the first."""
    cells = [escaped("".join(pieces[:1] if row.ours else pieces)) for pieces in row.lead]
    place = next((k for k, pieces in enumerate(row.lead) if len(pieces) > 1), 0)
    return [f"{cell}{mark}" if k == place else cell for k, cell in enumerate(cells)]


def _values(row: Row, places: Sequence[int | None]) -> list[str]:
    """Figures without their intervals, the best and the second marked."""
    texts = [escaped(value.partition(" [")[0]) for value in row.values]
    marks = {BEST: r"\textbf{%s}", SECOND: r"\underline{%s}", None: "%s"}
    return [marks[place] % text for text, place in zip(texts, places, strict=True)]


def _note(layout: Layout, row: Row) -> str:
    """What a run's row cannot hold: its labels, intervals, and how many samples it is of."""
    label = next(("".join(pieces[1:]).strip(" ()") for pieces in row.lead if len(pieces) > 1), "this run")
    ranges = [
        f"{column} {value}"
        for column, value in zip(layout.columns, row.values, strict=True)
        if value.endswith("]")
    ]
    counts = [f"{name.lower()} {count}" for name, count in zip(layout.counts, row.counts, strict=True)]
    said = [label, *([f"95 % intervals: {', '.join(ranges)}"] if ranges else []), ", ".join(counts)]
    return escaped("; ".join(said) + ".")


def _letter(place: int) -> str:
    """a, b ... z, aa, ab ... of 1, 2 ..."""
    letters = ""
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("a") + rest) + letters
    return letters


def _cells(texts: Sequence[str]) -> str:
    return " & ".join(texts) + r" \\"
