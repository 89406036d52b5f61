"""What a fine-tune on a few real pictures does to the shipped model: RSSCN7 classes and HIT-UAV objects.

    python benchmarks/real_finetune.py --data ../shared/data --output training/real

Of RSSCN7 the first 21 pictures of a class train and the rest is evaluated, of HIT-UAV the first 100
pictures, in the order of their names. Neighbouring frames of HIT-UAV's videos look alike: its figure after
training is of pictures like those trained on. Boxes are ranked by the clip-score of the shipped CLIP, and
once more by that of the CLIP that was trained. Nothing of it is shipped.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

from rsbench.harness.cells import table
from rsbench.harness.datasets.card import Dataset, read_card
from rsbench.harness.datasets.open import open_dataset
from rsbench.reference_model.data.convert import convert
from rsbench.reference_model.data.json_file import write

TRAINED = {"RSSCN7": 21, "HIT-UAV": 100}
SETS = (("images", "RSSCN7"), ("voc", "HIT-UAV"))


def parted(data: Path, output: Path) -> None:
    """Copies of the pictures: `output`/train and `output`/test, a folder a data set."""
    for folder in sorted(path for path in (data / "RSSCN7").iterdir() if path.is_dir()):
        for number, path in enumerate(sorted(folder.iterdir())):
            _copy(path, output / _part("RSSCN7", number) / "RSSCN7" / folder.name.lstrip("abcdefg"))
    for number, path in enumerate(sorted((data / "HIT-UAV" / "normal_json" / "val").glob("*.jpg"))):
        place = output / _part("HIT-UAV", number) / "HIT-UAV"
        _copy(path, place / "JPEGImages")
        _copy(data / "HIT-UAV" / "normal_xml" / "Annotations" / f"{path.stem}.xml", place / "Annotations")


def converted(output: Path) -> dict[str, list[str]]:
    """The training pictures as MMRS-1M files; the names of classes and objects in them."""
    names = {}
    for task, name in SETS:
        dataset = opened(task, output / "train" / name)
        family = read_card(task).family
        write(convert(dataset, family, output / "train", "paper").records, output / f"{name}.json")
        names[name] = [label.lower() for label in dataset.classes]
    return names


def opened(task: str, folder: Path) -> Dataset:
    return open_dataset(read_card(task), folder, cache=folder)[0]


def train(output: Path, names: dict[str, list[str]]) -> None:
    images = str(output / "train")
    files = {name: str(output / f"{name}.json") for name in TRAINED}
    real = [{"mmrs": file, "images": images} for file in files.values()]
    _train("real_encoders", output, real=real, objects=names["HIT-UAV"], classes=names["RSSCN7"])
    _train("real_tune", output, data=real)


def figures(output: Path, model: str, name: str, *more: str) -> list[str]:
    """Headlines of both test sets."""
    found = []
    for task, data in SETS:
        runs = output / "runs" / name
        place = ("--data", output / "test" / data, "--output", runs)
        _rsbench("run", "--model", model, "--tasks", task, *place, *more)
        report = json.loads(max(runs.glob(f"{task}-*/report.json")).read_text(encoding="utf-8"))
        best = report["headline"]
        found.append(f"{best['name']} {100 * best['value']:.2f} of {report['samples']}")
    return found


def _part(name: str, number: int) -> str:
    return "train" if number < TRAINED[name] else "test"


def _copy(path: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, folder / path.name)


def _train(recipe: str, output: Path, **changes: object) -> None:
    sets = [part for key, value in changes.items() for part in ("--set", f"{key}={json.dumps(value)}")]
    _rsbench("train", recipe, "--output", output / recipe, *sets)


def _rsbench(*arguments: object) -> None:
    subprocess.run([sys.executable, "-m", "rsbench", *map(str, arguments)], check=True, stdout=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--output", type=Path, default=Path("training/real"))
    options = parser.parse_args()
    parted(options.data, options.output)
    names = converted(options.output)
    before = figures(options.output, "earthgpt", "before")
    train(options.output, names)
    trained = options.output / "real_tune" / "checkpoint"
    after = figures(options.output, f"earthgpt,checkpoint={trained}", "after")
    own = ("--confidence", f"clip-score,checkpoint={trained}")
    ranked = figures(options.output, f"earthgpt,checkpoint={trained}", "after", *own)
    rows = [[name, *row] for (_, name), *row in zip(SETS, before, after, ranked, strict=True)]
    print(table(["Data", "Before", "After", "After, its own CLIP"], rows))


if __name__ == "__main__":
    main()
