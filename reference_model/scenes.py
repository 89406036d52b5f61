"""Training scenes for the nano model: rendered once into shards, held apart from every test seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .preprocess import square_pixels

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[Any]

CROP_SIZE = 64  # pixels of the crops the CLIP learns from
LEAST_VISIBLE = 0.25  # objects less visible are neither taught nor punished
AIRCRAFT_SCENES = ("airport", "runway", "bare land", "meadow")
BUSY_SCENES = {  # what there is to count, compare and point at, from a least to a largest number
    "airport": {"airplane": (1, 6), "small vehicle": (0, 3), "large vehicle": (0, 2)},
    "port": {"ship": (1, 6), "large vehicle": (0, 2)},
    "parking": {"small vehicle": (2, 6)},
    "highway": {"small vehicle": (1, 4), "large vehicle": (1, 3)},
    "storage tank": {"storage tank": (1, 5)},
    "tennis court": {"tennis court": (1, 4)},
    "meadow": {"airplane": (1, 3), "storage tank": (0, 3)},
}


@dataclass(frozen=True)
class Shard:
    """Scenes as arrays. Boxes and corners are fractions of the padded square.

    `label` is the index of the scene class, -1 where objects were placed on purpose and the class says
    little. Objects of scene i are rows offsets[i] to offsets[i + 1]. Crops belong to a scene
    (`crop_scene`); the name past the last object class is background, type -1 is none.
    """

    images: Array  # (scenes, size, size, 3) uint8
    label: Array
    look: Array
    side: Array  # pixels of the drawn scene
    offsets: Array
    name: Array
    type: Array
    box: Array  # (objects, 4)
    corners: Array  # (objects, 8)
    visible: Array
    crops: Array  # (crops, CROP_SIZE, CROP_SIZE, 3) uint8
    crop_scene: Array
    crop_name: Array
    crop_type: Array


def render(folder: Path, seed: int, scenes: int, size: int, per_shard: int = 250) -> Iterator[Path]:
    """Draw scenes into `folder`, one file a shard, whole shards only; those there already are kept.

    Raises:
        UsageError: a seed that the test miniatures are drawn from.
    """
    import numpy as np

    from ..harness.datasets.mini.plan import seed_of

    seed_of("train", seed)
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(scenes // per_shard):
        path = folder / f"{seed}-{number:04d}.npz"
        if not path.exists():
            rows = [_draw(seed, number * per_shard + i, size) for i in range(per_shard)]
            shard = stacked(rows)
            with path.with_suffix(".part").open("wb") as file:
                np.savez(file, **{f.name: getattr(shard, f.name) for f in fields(Shard)})
            path.with_suffix(".part").replace(path)
        yield path


def read_shards(paths: Sequence[Path]) -> Shard:
    """All scenes of several shard files as one."""
    import numpy as np

    shards = []
    for path in paths:
        with np.load(path) as file:
            shards.append(Shard(**{f.name: file[f.name] for f in fields(Shard)}))
    return joined(shards)


def joined(shards: Sequence[Shard]) -> Shard:
    """Several shards as one."""
    import numpy as np

    parts: dict[str, list[Array]] = {f.name: [] for f in fields(Shard)}
    scenes = objects = 0
    for shard in shards:
        for name in parts:
            parts[name].append(getattr(shard, name))
        parts["offsets"][-1] = shard.offsets[(1 if scenes else 0) :] + objects
        parts["crop_scene"][-1] = shard.crop_scene + scenes
        scenes += len(shard.images)
        objects += int(shard.offsets[-1])
    return Shard(**{name: np.concatenate(values) for name, values in parts.items()})


def plan(seed: int, index: int) -> dict[str, Any]:
    """What training scene `index` shows: plain scenes, airfields, objects out of place, and busy scenes."""
    import numpy as np

    from ..harness.datasets.mini import LOOKS, OBJECTS, SCENES

    rng = np.random.default_rng((seed, index, 1))
    look = str(rng.choice(LOOKS, p=(0.6, 0.2, 0.2)))
    drawn: dict[str, Any] = {"look": look, "size": 256, "objects": None, "classify": True}
    kind = rng.choice(4, p=(0.4, 0.3, 0.05, 0.25))
    if kind == 0:
        drawn["label"] = str(SCENES[rng.integers(len(SCENES))])
        drawn["size"] = int(rng.choice((256, 128), p=(0.8, 0.2)))
    elif kind == 1:
        drawn["label"] = str(rng.choice(AIRCRAFT_SCENES))
        drawn["objects"] = {"airplane": (0, 0) if rng.random() < 0.08 else (1, 9)}
        drawn["classify"] = False
    elif kind == 2:
        names = rng.choice(len(OBJECTS), size=rng.integers(1, 4), replace=False)
        drawn["label"] = str(rng.choice(("bare land", "meadow", "desert", "park")))
        drawn["objects"] = {OBJECTS[i]: (1, 4) for i in names}
        drawn["classify"] = False
    else:
        drawn["label"] = str(rng.choice(tuple(BUSY_SCENES)))
        drawn["objects"] = BUSY_SCENES[drawn["label"]]
        drawn["size"] = int(rng.choice((256, 128), p=(0.2, 0.8)))
    return drawn


def _draw(seed: int, index: int, size: int) -> dict[str, Any]:
    import numpy as np
    from PIL import Image

    from ..harness.datasets.mini import AIRCRAFT, LOOKS, OBJECTS, SCENES, draw_scene

    drawn = plan(seed, index)
    scene = draw_scene(
        drawn["label"],
        seed=seed,
        index=index,
        size=drawn["size"],
        look=drawn["look"],
        objects=drawn["objects"],
        shifted=False,
    )
    picture = Image.fromarray(scene.image)
    side = scene.image.shape[0]
    names = [OBJECTS.index(o.name) for o in scene.objects]
    types = [AIRCRAFT.index(o.type) if o.type in AIRCRAFT else -1 for o in scene.objects]
    boxes = np.array([o.box for o in scene.objects], dtype=np.float32).reshape(-1, 4)
    crops = list(
        crops_of(np.random.default_rng((seed, index, 2)), picture, names, types, boxes, len(OBJECTS))
    )
    return {
        "images": square_pixels(picture, size),
        "label": SCENES.index(scene.label) if drawn["classify"] else -1,
        "look": LOOKS.index(scene.look),
        "side": side,
        "name": np.array(names, dtype=np.int64),
        "type": np.array(types, dtype=np.int64),
        "box": boxes / side,
        "corners": np.array([o.corners for o in scene.objects], dtype=np.float32).reshape(-1, 8) / side,
        "visible": np.array([o.visible for o in scene.objects], dtype=np.float32),
        "crops": crops,
    }


def crops_of(
    rng: np.random.Generator,
    picture: Any,
    names: list[int],
    types: list[int],
    boxes: Array,
    background: int,
    objects: int = 3,
    backgrounds: int = 2,
) -> Iterator[tuple[Array, int, int]]:
    """Crops with their object's name and type; empty places and badly placed boxes are named `background`.

    `boxes` (objects, 4) are in pixels of the square picture.
    """
    import numpy as np

    side = picture.size[0]
    for row in rng.permutation(len(boxes))[:objects]:
        yield _crop(rng, picture, boxes[row]), names[row], types[row]
    for attempt in range(backgrounds * 4):
        if attempt % 2 and len(boxes):  # a real box, moved off its object: what a bad detection looks like
            box = boxes[rng.integers(len(boxes))]
            width, height = _size(box)
            x1, y1 = box[:2] + rng.normal(0, 0.8, 2) * (width, height)
        else:
            width, height = np.exp(rng.normal(3.4, 0.5, 2)) * side / 256
            x1, y1 = rng.uniform(0, side, 2) - (width / 2, height / 2)
        box = np.clip(np.array([x1, y1, x1 + width, y1 + height]), 0, side)
        if min(box[2] - box[0], box[3] - box[1]) >= 6 and _overlap(box, boxes) < 0.3:
            yield _crop(rng, picture, box), background, -1
            backgrounds -= 1
        if not backgrounds:
            return


def _size(box: Array) -> Array:
    return box[2:] - box[:2]


def _crop(rng: np.random.Generator, picture: Any, box: Array) -> Array:
    """A box with some context and at least about 32 pixels, as the clip-score cuts it."""
    import numpy as np

    middle, size = (box[:2] + box[2:]) / 2, _size(box)
    least = rng.uniform(24, 40) * picture.size[0] / 256
    half = np.maximum(size * rng.uniform(1.0, 1.4), least) / 2
    corners = np.concatenate([middle - half, middle + half]).round().astype(int)
    x1, y1, x2, y2 = np.clip(corners, 0, picture.size[0])
    return square_pixels(picture.crop((int(x1), int(y1), int(x2), int(y2))), CROP_SIZE)


def _overlap(box: Array, boxes: Array) -> float:
    """The largest IoU of a box with any of several."""
    import numpy as np

    if not len(boxes):
        return 0.0
    inner = np.clip(np.minimum(box[2:], boxes[:, 2:]) - np.maximum(box[:2], boxes[:, :2]), 0, None).prod(1)
    union = _size(box).prod() + (boxes[:, 2:] - boxes[:, :2]).prod(1) - inner
    return float((inner / union).max())


def stacked(rows: Sequence[dict[str, Any]]) -> Shard:
    """Scenes of one size as arrays."""
    import numpy as np

    counts = [len(row["name"]) for row in rows]
    crops = [(scene, *crop) for scene, row in enumerate(rows) for crop in row["crops"]]
    return Shard(
        images=np.stack([row["images"] for row in rows]),
        **{k: np.array([row[k] for row in rows], dtype=np.int64) for k in ("label", "look", "side")},
        offsets=np.concatenate([[0], np.cumsum(counts)]),
        **{
            k: np.concatenate([row[k] for row in rows]) for k in ("name", "type", "box", "corners", "visible")
        },
        crops=np.array([c[1] for c in crops], dtype=np.uint8).reshape(-1, CROP_SIZE, CROP_SIZE, 3),
        crop_scene=np.array([c[0] for c in crops], dtype=np.int64),
        crop_name=np.array([c[2] for c in crops], dtype=np.int64),
        crop_type=np.array([c[3] for c in crops], dtype=np.int64),
    )
