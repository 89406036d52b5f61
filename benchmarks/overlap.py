"""How many copies of known kind `rsbench data overlap` finds, and how many strangers it takes for copies.

    python benchmarks/overlap.py --folder RSSCN7=/data/RSSCN7 --folder AID=/data/AID
    python benchmarks/overlap.py --speed 100000 10000

Each folder is a set of different pictures. Beside those given: drawn scenes (clrs, mar20, ssdd), and the
three sets in which pictures look most alike: one ship on rough sea, a border of a swath, sea that gets
darker. Of each set the copies below are made of up to `--copies` pictures. A stranger is found where two
different pictures of a set match; the second figure is how many the perceptual hash alone would take.
"""

from __future__ import annotations

import argparse
import io
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageEnhance
from PIL.Image import Image as Picture
from PIL.Image import Resampling, Transpose

from rsbench.harness.contract import Image
from rsbench.harness.datasets.card import read_card
from rsbench.harness.datasets.images import is_image, open_rgb
from rsbench.harness.datasets.mini.write import write_mini
from rsbench.harness.datasets.overlap import DISTANCE, fingerprints, matches, near_pairs


def jpeg(picture: Picture, quality: int) -> Picture:
    """What is left after compression."""
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=quality)
    return PIL.Image.open(stream).convert("RGB")


def scaled(picture: Picture, across: float, down: float | None = None) -> Picture:
    """At another size."""
    width, height = picture.size
    return picture.resize((int(width * across), int(height * (down or across))), Resampling.BICUBIC)


def cropped(picture: Picture, share: float) -> Picture:
    """The middle, whose sides are `share` of the whole."""
    x, y = (int(side * (1 - share) / 2) for side in picture.size)
    return picture.crop((x, y, picture.width - x, picture.height - y))


def noisy(picture: Picture) -> Picture:
    """With noise of 8 grey levels."""
    values = np.asarray(picture) + np.random.default_rng(0).normal(0, 8, (picture.height, picture.width, 3))
    return PIL.Image.fromarray(values.clip(0, 255).round().astype(np.uint8))


COPIES: dict[str, Callable[[Picture], Picture]] = {
    "JPEG 90": lambda p: jpeg(p, 90),
    "JPEG 30": lambda p: jpeg(p, 30),
    "half the size": lambda p: scaled(p, 0.5),
    "a quarter, JPEG 70": lambda p: jpeg(scaled(p, 0.25), 70),
    "squeezed to 3/4 height": lambda p: scaled(p, 1, 0.75),
    "turned, half, JPEG 70": lambda p: jpeg(scaled(p.transpose(Transpose.ROTATE_90), 0.5), 70),
    "flipped over a diagonal": lambda p: p.transpose(Transpose.TRANSVERSE),
    "brighter by a fifth": lambda p: PIL.ImageEnhance.Brightness(p).enhance(1.2),
    "contrast 0.7": lambda p: PIL.ImageEnhance.Contrast(p).enhance(0.7),
    "grey": lambda p: p.convert("L").convert("RGB"),
    "noise of 8 levels": noisy,
    "middle, 98 % of a side": lambda p: cropped(p, 0.98),
    "middle, 95 % of a side": lambda p: cropped(p, 0.95),
    "middle, 90 % of a side": lambda p: cropped(p, 0.90),
    "turned by 2 degrees": lambda p: p.rotate(2, Resampling.BICUBIC),
}


def sea(rng: np.random.Generator, noise: float, slope: float, side: int = 256) -> Picture:
    """Water that gets darker to one side."""
    y, x = np.mgrid[:side, :side] / side - 0.5
    angle = rng.uniform(0, 2 * np.pi)
    grey = slope * (np.cos(angle) * x + np.sin(angle) * y) + rng.normal(0, noise, (side, side))
    return PIL.Image.fromarray((np.array([60, 80, 110]) + grey[..., None]).clip(0, 255).astype(np.uint8))


def one_ship(rng: np.random.Generator) -> Picture:
    """A bright bar on rough sea."""
    picture = sea(rng, 10, 0)
    x, y = rng.integers(40, 200, 2).tolist()
    size = rng.integers((15, 4), (40, 10)).tolist()
    PIL.ImageDraw.Draw(picture).rectangle((x, y, x + size[0], y + size[1]), fill=(200, 200, 200))
    return picture


def swath(rng: np.random.Generator) -> Picture:
    """Sea beside the black that lies outside a swath."""
    picture = sea(rng, 10, 10)
    x, lean = int(rng.integers(60, 200)), int(rng.integers(-15, 16))
    black = [(0, 0), (x + lean, 0), (x - lean, 256), (0, 256)]
    PIL.ImageDraw.Draw(picture).polygon(black, fill=(0, 0, 0))
    return picture


def sets(folders: list[str], scratch: Path) -> Iterator[tuple[str, list[Image]]]:
    """Name and pictures of every set."""
    for text in folders:
        name, _, folder = text.partition("=")
        yield name, below(Path(folder))
    for task in ("clrs", "mar20", "ssdd"):
        yield f"drawn {task}", below(write_mini(read_card(task), scratch / task))
    rng = np.random.default_rng(0)
    kinds: dict[str, Callable[[np.random.Generator], Picture]] = {
        "one ship": one_ship,
        "swath": swath,
        "dark to one side": lambda rng: sea(rng, 2, 40),
    }
    for name, draw in kinds.items():
        for n in range(200):
            target = scratch / name / f"{n}.png"
            target.parent.mkdir(exist_ok=True)
            draw(rng).save(target)
        yield name, below(scratch / name)


def below(folder: Path) -> list[Image]:
    """The pictures below a folder."""
    files = sorted(p for p in folder.rglob("*") if is_image(p.name))
    return [Image(p.relative_to(folder).as_posix(), str(p)) for p in files]


def measure(name: str, pictures: list[Image], copies: int, scratch: Path) -> None:
    """Print one set's rows."""
    prints = fingerprints(pictures, 2)
    hashes = prints.hashes
    i, j, _ = near_pairs(hashes.ravel(), hashes[:, 0], DISTANCE)
    alone = {(a, b) for a, b in zip((i // 8).tolist(), j.tolist(), strict=True) if a < b}
    found = matches(prints, prints, itself=True)
    pairs = len(pictures) * (len(pictures) - 1) // 2
    print(f"{name}: {len(pictures):,} pictures, {sum(prints.plain)} plain", flush=True)
    print(f"  strangers: of {pairs:,} pairs {len(found)} found, {len(alone):,} by the hash alone")
    for match in found[:3]:
        print(f"    {prints.names[match.a]} = {prints.names[match.b]}: {match.kind}, {match.distance} bits")
    step = max(1, len(pictures) // copies)
    chosen = [k for k in range(0, len(pictures), step) if not prints.plain[k]]
    for kind, make in COPIES.items() if chosen else ():
        folder = Path(tempfile.mkdtemp(dir=scratch))
        for k in chosen:
            place = next(image for image in pictures if image.name == prints.names[k])
            make(open_rgb(place)).save(folder / f"{k}.png")
        other = fingerprints(below(folder), 2)
        right = {m.b for m in matches(prints, other) if m.a == int(Path(other.names[m.b]).stem)}
        print(f"  {kind:<24} {len(right) / len(chosen):6.1%}", flush=True)


def speed(train: int, test: int) -> None:
    """Print how long so many hashes take, where each test picture is one of the training, turned."""
    rng = np.random.default_rng(0)
    a = rng.integers(0, 2**64, (train, 8), np.uint64, endpoint=False)
    b = a[rng.integers(0, train, test), rng.integers(0, 8, test)]
    began = time.perf_counter()
    found = near_pairs(a.ravel(), b, DISTANCE)
    print(f"{train:,} x 8 hashes with {test:,}: {time.perf_counter() - began:.1f} s, {len(found[0]):,} pairs")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--folder", action="append", default=[], metavar="NAME=DIR")
    parser.add_argument("--copies", type=int, default=100, metavar="N")
    parser.add_argument("--speed", type=int, nargs=2, metavar=("TRAIN", "TEST"))
    options = parser.parse_args()
    if options.speed:
        speed(*options.speed)
        return
    with tempfile.TemporaryDirectory() as scratch:
        for name, pictures in sets(options.folder, Path(scratch)):
            measure(name, pictures, options.copies, Path(scratch))


if __name__ == "__main__":
    main()
