"""The markdown page of one run: paper table, every figure, slices, what went wrong, how to reproduce."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from shlex import quote
from typing import Any

from .blocks import Block, Command, Foreign, Item, Items, Line, Literal, Section, grid, items, markdown
from .cells import DASH, model, plain, with_interval
from .contract import Figure, Problem, Report
from .datasets.card import known_card
from .datasets.errata import ERRATUM
from .datasets.open import COPY, HUGGING_FACE, MINI
from .page_details import sections as sections_of_details
from .paper_tables import paper_tables


def page(report: Report) -> str:
    """The whole page; model text is shown as code."""
    parts = [f"# {report.task}: {plain(model(report.spec))}", paper_tables([report])]
    parts += [f"## {section.title}\n\n{markdown(section.blocks)}" for section in sections(report)]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def sections(report: Report) -> Iterator[Section]:
    """What stands below the paper's table."""
    shown = shown_figure(report)
    found = [
        Section("All figures (%, 95 % bootstrap interval over images)", tuple(_figures(report))),
        Section(f"Slices of {shown}", tuple(_slices(report))),
        *sections_of_details(report.details, shown),
        Section("What went wrong", (_wrong(report),)),
        Section("How to reproduce", tuple(_reproduce(report))),
    ]
    yield from (section for section in found if section.blocks)


def _figures(report: Report) -> Iterator[Block]:
    """Confidence sources as columns for what they rank, a plain list of the rest, and what is missing."""
    known = {*report.spec.get("confidences", ()), *_RANKED_BY}
    cells: dict[str, dict[str, str]] = {}
    rest: list[Figure] = []
    for figure in report.figures:
        name, _, source = figure.name.rpartition("/")
        if name and source in known:
            cells.setdefault(name, {})[source] = with_interval(figure)
        else:
            rest.append(figure)
    sources = list(dict.fromkeys(source for row in cells.values() for source in row))
    if cells:
        rows = [[name, *(row.get(source, DASH) for source in sources)] for name, row in cells.items()]
        yield grid(["Figure", *sources], rows)
        if legend := [(f"{name}: {_RANKED_BY[name]}",) for name in sources if name in _RANKED_BY]:
            yield items(*legend)
    yield from _by_rule(rest)
    if missing := report.details.get("not computed", []):
        yield Line((f"Not computed, since it cannot be had for every box: {', '.join(missing)}.",))
    for name, why in report.details.get("absent", {}).items():
        yield Line((f"{name} is not computed: {why}.",))


def _by_rule(figures: Sequence[Figure]) -> Iterator[Block]:
    """Figures of one rule alone, then those of several: a row a rule (`rsvqa/strict`), a column a figure."""
    rules: dict[str, dict[str, str]] = {}
    for figure in figures:
        rule, _, name = figure.name.rpartition("/")
        rules.setdefault(rule, {})[name] = with_interval(figure)
    shared = Counter(name for row in rules.values() for name in row)
    table = {rule: row for rule, row in rules.items() if any(shared[name] > 1 for name in row)}
    columns = list(dict.fromkeys(name for row in table.values() for name in row if shared[name] > 1))
    rows = [
        [rule or "headline rule", *(row.get(name, DASH) for name in columns)] for rule, row in table.items()
    ]
    told = {f"{rule}/{name}".lstrip("/") for rule, row in table.items() for name in row if name in columns}
    if rest := [[f.name, with_interval(f)] for f in figures if f.name not in told]:
        yield grid(["Figure", "%"], rest)
    if rows:
        yield grid(["Rule", *columns], rows)


_RANKED_BY = {
    "given": "boxes ranked by the scores they came with",
    "clip-score": "boxes ranked by how much an image-text model finds their class in them",
    "logprob": "boxes ranked by the probability of the tokens that wrote them",
    "none": "boxes not ranked (AP without confidence)",
}


def _slices(report: Report) -> Iterator[Block]:
    rows = [[Foreign(f"{s.tag}: {s.value}"), str(s.count), with_interval(s.figure)] for s in report.slices]
    if rows:
        yield grid(["Slice", "Samples", "%"], rows)


def shown_figure(report: Report) -> str:
    """The figure that slices and details are of: the headline, wherever it could be computed."""
    return str(report.details.get("shown", report.headline.name))


def _wrong(report: Report) -> Items:
    lines = [Item((f"{report.samples} samples, {report.failed} failed, {report.unparsable} unparsable",))]
    for title in ("errors", "unparsable", "unrated"):
        reasons = report.details.get(title, {}).items()
        lines += [Item((f"{title}: ", Literal(why), f" ({n})")) for why, n in reasons]
    mended = [p for p in report.problems if p.reason.startswith(ERRATUM)]
    broken = [p for p in report.problems if not p.reason.startswith(ERRATUM)]
    lines.append(_listed(f"{len(broken)} broken items in the data set", broken))
    if mended:
        lines.append(_listed(f"{len(mended)} known errors of the data set corrected", mended))
    return Items(tuple(lines))


def _listed(title: str, problems: Sequence[Problem]) -> Item:
    under = [Item((Literal(p.item), ": ", Foreign(p.reason))) for p in problems[:50]]
    if len(problems) > 50:
        under.append(Item((f"and {len(problems) - 50} more in problems.jsonl",)))
    return Item((title,), tuple(under))


def _reproduce(report: Report) -> Iterator[Block]:
    spec = report.spec
    source = spec["source"]
    checkpoint = spec["checkpoint"] or "none"
    facts = [
        ("task", f"{spec['task']}, version {spec['task_version']}"),
        ("data", f"{source['kind']}, split {source['split'] or 'all'}, {source['items']} items"),
        ("errata", _ERRATA.get(source.get("errata"), f"version {source.get('errata')}")),
        ("annotations", f"sha256 {source['annotations']}"),
        ("images", f"sha256 {source['images']}" if source["images"] else "not at hand"),
        ("model", Literal(model(spec))),
        ("checkpoint", f"sha256 {checkpoint}" if spec["checkpoint"] else checkpoint),
        ("dialect", f"{spec['dialect']}, version {spec['dialect_version']}" if spec["dialect"] else "none"),
        ("decoding", ", ".join(f"{k} {v}" for k, v in spec["decoding"].items())),
        ("confidences", ", ".join(f"{k} {v}" for k, v in report.details.get("raters", {}).items()) or "none"),
        ("tokens", _tokens(report.details.get("tokens", {}))),
        ("seed", str(spec["seed"])),
        ("runtime", ", ".join(f"{k} {v}" for k, v in spec["runtime"].items())),
        ("versions", ", ".join(f"{k} {v}" for k, v in report.versions.items())),
    ]
    yield Command(command(spec))
    yield items(*((f"{name}: ", value) for name, value in facts))


def command(spec: Mapping[str, Any]) -> str:
    """The command that asks the same again, with names in place of this machine's paths."""
    data = {MINI: MINI, COPY: f"{HUGGING_FACE}DIR"}.get(spec["source"]["kind"], "DIR")
    card = known_card(spec["task"])
    task = spec["task"] if card else f"{spec['task']}.yaml"
    parts = ["rsbench run", f"--model {quote(model(spec))}", f"--tasks {task}", f"--data {data}"]
    if card and spec["source"]["split"] != card.split:
        parts.append(f"--split {quote(spec['source']['split'])}")
    if spec["dialect"] not in (None, spec["adapter"], spec["arguments"].get("dialect")):
        parts.append(f"--dialect {quote(spec['dialect'])}")
    if spec.get("prompting"):
        parts.append(f"--prompting {spec['prompting']}")
    if spec["source"].get("errata") == 0:
        parts.append("--errata none")
    if spec.get("views"):
        parts.append(f"--views {spec['views']}")
    if spec.get("corrupt"):
        parts.append(f"--corrupt {','.join(spec['corrupt'])}")
    if spec["limit"] is not None:
        parts.append(f"--limit {spec['limit']}")
    if spec["seed"]:
        parts.append(f"--seed {spec['seed']}")
    parts += [f"--{k} {v}" for k, v in spec["runtime"].items() if (k, v) not in _DEFAULTS]
    return " ".join(parts)


_ERRATA = {None: "none known", 0: "not corrected"}


def _tokens(counts: Mapping[str, int]) -> str:
    """How many were read and written; nothing where a model counts none."""
    return f"{counts['in']:,} in, {counts['out']:,} out" if any(counts.values()) else "not counted"


_DEFAULTS = {("device", "cpu"), ("dtype", "float32")}
