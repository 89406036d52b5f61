"""`rsbench data overlap`: pictures that two sets share."""

from __future__ import annotations

import json
import os
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..contract import Image, Problem
    from ..datasets.overlap import Match, Prints

_JSON_FILE = "rsbench.reference_model.data.json_file:read"
_SAYS = {"file": "the same file", "pixels": "the same pixels", "near": "nearly the same"}


@click.command(short_help="Find pictures that two sets share.")
@click.argument("a")
@click.argument("b")
@click.option(
    "--images", type=click.Path(path_type=Path), help="Folder of the pictures of an MMRS json file."
)
@click.option("--data", metavar="DIR|mini", help="Data of A and B where they are tasks.")
@click.option(
    "--distance",
    type=click.IntRange(0, 16),
    default=8,
    show_default=True,
    help="Bits of 64 in which the perceptual hashes of near duplicates may differ.",
)
@click.option("--limit", type=click.IntRange(min=0), default=50, show_default=True, help="Pairs to list.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write which pictures of B, the test set, are in A, for rsbench score RUN --overlap FILE.",
)
@click.option("--workers", type=click.IntRange(min=1), default=None, help="Pictures decoded at once.")
@click.option(
    "--cache",
    type=click.Path(path_type=Path),
    default=Path("runs/mini"),
    show_default=True,
    help="Where --data mini draws.",
)
def overlap(
    a: str,
    b: str,
    images: Path | None,
    data: str | None,
    distance: int,
    limit: int,
    form: str,
    output: Path | None,
    workers: int | None,
    cache: Path,
) -> None:
    """Find exact and near duplicates between A and B: folders, MMRS json files or tasks (mar20, mar20@val).

    The same bytes, the same decoded pixels, or perceptual hashes that are near in one of the eight symmetries
    of the square, with detail that agrees. Parts cut out of a picture are not found. A and B may be the same:
    then each picture is compared with the others. With --output, A is a training set and B what is tested on.
    """
    from ..datasets.overlap import fingerprints, matches
    from ..datasets.shared_pictures import shared
    from ..errors import UsageError
    from ..progress import Meter

    if output and a == b:
        raise UsageError("--output is of a training set and a test set, and A and B are one.")

    sets = {name: _pictures(name, images, data, cache) for name in dict.fromkeys((a, b))}
    prints = {}
    for name, pictures in sets.items():
        with Meter(f"pictures of {name}", len(pictures), answers=False) as meter:
            prints[name] = fingerprints(pictures, workers or min(8, os.cpu_count() or 1), meter.advance)
    found = matches(prints[a], prints[b], distance, itself=a == b)
    if output:
        shared((a, b), prints[a], prints[b], found, distance).write(output)
    if form == "json":
        click.echo(json.dumps(_content(prints, a, b, distance, found, limit), indent=1))
    else:
        click.echo("\n".join(_lines(prints, a, b, distance, found, limit)))
    if output:
        equal = len({match.b for match in found})
        click.echo(f"{equal:,} of {len(prints[b].names):,} pictures of {b} are in {a}: {output}", err=True)


def _pictures(name: str, images: Path | None, data: str | None, cache: Path) -> list[Image]:
    """The pictures of a folder, of the records of a file, or of a task.

    Raises:
        UsageError: it is none of these. DataError: nothing in it, or --images or --data is missing.
    """
    from ..contract import Image
    from ..datasets.card import card_names, read_card
    from ..datasets.files import walk
    from ..datasets.images import is_image
    from ..datasets.open import open_dataset
    from ..errors import DataError, unknown

    path = Path(name)
    if path.is_dir():
        files = [here / f for here, _, names in walk(path) for f in names if is_image(f)]
        found = [Image(file.relative_to(path).as_posix(), str(file)) for file in files]
    elif path.is_file():
        if images is None:
            raise DataError(f"{path.name} names pictures.", "Give the folder they lie in with --images DIR.")
        module, _, attribute = _JSON_FILE.partition(":")
        records, _ = getattr(import_module(module), attribute)(path)
        found = [Image(n, str(images / n)) for n in dict.fromkeys(r.image for r in records if r.image)]
    elif (task := name.partition("@"))[0] in card_names():
        dataset, _ = open_dataset(read_card(task[0]), data, task[2] or None, cache=cache)
        found = list(dict.fromkeys(i for s in dataset.samples for i in s.images if i.path))
    elif "/" in name or path.suffix:
        raise DataError(f"There is no {name}.", "Give a folder, an MMRS json file or the name of a task.")
    else:
        raise unknown("folder, file or task", name, card_names())
    if not found:
        raise DataError(f"{name} holds no pictures.")
    return found


def _lines(
    prints: dict[str, Prints], a: str, b: str, distance: int, found: list[Match], limit: int
) -> list[str]:
    counts = Counter(match.kind for match in found)
    lines = []
    for name, own in prints.items():
        plain = (
            f", {sum(own.plain):,} of them with too little detail for more than bytes"
            if any(own.plain)
            else ""
        )
        lines.append(f"{len(own.names):,} pictures in {name}{plain}")
        lines += _broken(own.problems)
    within = f" ({distance} bits of 64 at most)"
    lines += [f"{counts[k]:,} pairs: {says}{within if k == 'near' else ''}" for k, says in _SAYS.items()]
    for match in found[:limit]:
        turned = "" if match.turned == "as it is" else f", {match.turned.lower().replace('_', ' ')}"
        bits = f", {match.distance} bits{turned}" if match.kind == "near" else ""
        lines.append(f"  {prints[a].names[match.a]} = {prints[b].names[match.b]}: {_SAYS[match.kind]}{bits}")
    if len(found) > limit:
        lines.append(f"  and {len(found) - limit:,} more pairs (--limit {len(found)} lists them all)")
    return lines


def _broken(problems: tuple[Problem, ...]) -> list[str]:
    shown = [f"  {p.item}: {p.reason}" for p in problems[:5]]
    more = [f"  and {len(problems) - 5:,} more"] if len(problems) > 5 else []
    return [f"  {len(problems):,} cannot be read", *shown, *more] if problems else []


def _content(
    prints: dict[str, Prints], a: str, b: str, distance: int, found: list[Match], limit: int
) -> dict[str, object]:
    counts = Counter(match.kind for match in found)
    sets = {
        name: {
            "pictures": len(own.names),
            "plain": sum(own.plain),
            "broken": [[p.item, p.reason] for p in own.problems],
        }
        for name, own in prints.items()
    }
    pairs = [
        {
            "a": prints[a].names[m.a],
            "b": prints[b].names[m.b],
            "kind": m.kind,
            "distance": m.distance,
            "turned": m.turned,
        }
        for m in found[:limit]
    ]
    return {
        "sets": sets,
        "distance": distance,
        "counts": {kind: counts[kind] for kind in _SAYS},
        "pairs": pairs,
        "pairs_not_listed": max(0, len(found) - limit),
    }
