"""Miniatures written to disk as their authors lay the real data out, to be read like it."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path

from ...contract import digest
from ...errors import DataError, UsageError, disk_errors, unknown
from ...registry import load
from ..card import Card
from ..sidecar import FILE, Sidecar, read_sidecar, write_sidecar
from .plan import is_training, seed_of, shots


def write_mini(
    card: Card, out: Path, *, split: str | None = None, count: int | None = None, seed: int | None = None
) -> Path:
    """Draw the miniature of a card into `out`, in the card's layout, and return `out`.

    `split` is the card's own if None, or `test` where the card has none. `count` is images a class for
    classification, images in all otherwise; the card's own if None. A folder that holds this very miniature
    is left as it is, one that holds another is replaced. The folder appears only when it is whole.

    Raises:
        UsageError: the card has no miniature or none of the split, or the seed belongs to another split.
        DataError: `out` holds something else, or cannot be written.
    """
    if not card.mini:
        raise UsageError(f"{card.name} has no miniature.")
    counts = card.mini["count"]
    split = split or card.split or "test"
    if split not in counts and split not in card.counts:
        raise unknown(f"split of the miniature of {card.name}", split, {**counts, **card.counts})
    seed = seed_of(split, seed)
    if count is None:  # a published split without a number of its own is as large as its kind
        count = int(counts.get(split, counts["train" if is_training(split) else "test"]))
    made = {
        "card": card.name,
        "card version": card.version,
        "plan": digest([card.mini, list(card.classes), card.layout]),
        "drawing": _drawing(),
        "split": split,
        "count": count,
        "seed": seed,
    }
    if _holds(out, made):
        return out
    with disk_errors(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        whole = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
        try:
            whole.chmod(0o755)
            side = int(card.mini["side"])
            drawn = ((shot, shot.draw(seed, side)) for shot in shots(card, split, seed, count))
            items = load("writers", card.layout)(card, whole, split, drawn)
            write_sidecar(whole, Sidecar(made, items))
            if out.exists():
                shutil.rmtree(out)
            whole.rename(out)
        finally:
            shutil.rmtree(whole, ignore_errors=True)
    return out


def _drawing() -> str:
    """What the pictures depend on besides the plan: the renderer's source and the libraries it draws with."""
    import numpy
    import PIL

    source = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        source.update(path.read_bytes())
    return digest([source.hexdigest(), numpy.__version__, PIL.__version__])


def _holds(out: Path, made: dict[str, object]) -> bool:
    """Whether `out` is the miniature wanted; another miniature may be replaced, anything else may not."""
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return False
    if not (out / FILE).is_file():
        raise DataError(f"{out} is not empty and no miniature.", "Name another folder to write into.")
    sidecar = read_sidecar(out)
    return sidecar is not None and dict(sidecar.made) == made
