"""Benchmarks of the catalogue with miniatures of a few pictures, for runs whose figures do not matter.

few_cards.write(folder, "clrs", "vqa")  ->  what `--tasks` takes
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from rsbench.harness.datasets.card import CATALOGUE


def write(folder: Path, *names: str, pictures: int = 4) -> str:
    """Copies of cards as files, each called NAME_few, with so many pictures in the split that is asked."""
    paths = []
    for name in names:
        card: dict[str, Any] = yaml.safe_load((CATALOGUE / f"{name}.yaml").read_text(encoding="utf-8"))
        card["name"] = f"{name}_few"
        card["mini"]["count"] = {split: pictures for split in card["mini"]["count"]}
        path = folder / f"{name}_few.yaml"
        path.write_text(yaml.safe_dump(card, sort_keys=False), encoding="utf-8")
        paths.append(str(path))
    return ",".join(paths)
