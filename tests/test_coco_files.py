"""evaluate_files against pycocotools and faster-coco-eval, and what it says about files that are wrong."""

from __future__ import annotations

import contextlib
import gc
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rsbench.harness.errors import DataError, UsageError
from rsbench.harness.metrics.coco_files import evaluate_files, tally_files
from rsbench.harness.metrics.coco_rule import Rule

Problem = tuple[dict[str, Any], list[dict[str, Any]]]
# pycocotools' own conversion of its arrays
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
ORDER = (
    "AP", "AP50", "AP75", "AP small", "AP medium", "AP large",
    "AR1", "AR10", "AR100", "AR small", "AR medium", "AR large",
)  # fmt: skip


def problem(seed: int) -> Problem:
    """Objects in images whose ids are in no order; whole-number boxes, ties, crowds, blanks."""
    rng = np.random.default_rng(seed)
    images = [{"id": int(i), "height": 240, "width": 320} for i in rng.permutation(50)[:5]]
    categories = [{"id": c, "name": f"class {c}"} for c in (7, 3, 12)]
    objects: list[dict[str, Any]] = []
    found: list[dict[str, Any]] = []
    for image in images[: rng.integers(1, 6)]:
        for _ in range(rng.integers(0, 9)):
            box = np.array([*rng.integers(0, 60, 2), *rng.choice([8, 16, 32, 40, 96, 120], 2)], float)
            if seed % 3 == 0:
                box += rng.uniform(0, 1, 4)
            kind = int(rng.choice([3, 7]))
            row = {"image_id": image["id"], "category_id": kind, "bbox": box.tolist(), "id": len(objects) + 1}
            row |= {"area": float(box[2] * box[3] * rng.choice([1.0, 0.6]))}
            objects.append(row | {"iscrowd": int(rng.random() < 0.15), "ignore": int(rng.random() < 0.1)})
            many = 130 if seed % 10 == 1 and rng.random() < 0.1 else rng.integers(0, 4)
            for _ in range(many):
                moved = box + rng.choice([0, 0, 4, 8], 4) * (1 if seed % 3 else rng.uniform(0.5, 1))
                score = float(rng.random()) if seed % 2 else float(rng.integers(0, 5)) / 4
                row = {"image_id": image["id"], "category_id": kind if rng.random() < 0.9 else 12}
                found.append(row | {"bbox": moved.tolist(), "score": score})
    rng.shuffle(found)
    return {"info": {}, "images": images, "categories": categories, "annotations": objects}, found


def outline(box: list[float], rng: np.random.Generator) -> list[float]:
    """A polygon around the middle of a box."""
    x, y, w, h = box
    angles = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(3, 9))))
    points = np.stack([x + w / 2 * (1 + np.cos(angles)), y + h / 2 * (1 + np.sin(angles))], 1)
    return [float(v) for v in points.ravel()]


def mask_problem(seed: int) -> Problem:
    """The same with polygons, plain run lengths and compressed ones for boxes."""
    masks = pytest.importorskip("pycocotools.mask")
    gold, found = problem(seed)
    rng = np.random.default_rng(seed)
    for row in gold["annotations"]:
        polygons = [outline(row["bbox"], rng) for _ in range(rng.integers(1, 3))]
        packed = masks.merge(masks.frPyObjects(polygons, 240, 320))
        plain = np.flatnonzero(np.diff(masks.decode(packed).ravel(order="F"), prepend=0, append=0))
        runs = np.diff(plain, prepend=0, append=240 * 320).tolist()
        forms: list[Any] = [polygons, {"size": [240, 320], "counts": runs}]
        forms.append({"size": [240, 320], "counts": packed["counts"].decode()})
        row["segmentation"] = forms[2 if row["iscrowd"] else rng.integers(3)]
    for number, row in enumerate(found):
        box = row["bbox"] if seed % 4 == 0 else row.pop("bbox")
        packed = masks.frPyObjects([outline(box, rng)], 240, 320 if number % 9 else 240)[0]
        row["segmentation"] = {"size": packed["size"], "counts": packed["counts"].decode()}
    return gold, found


def reference(
    problem: Problem, kind: str = "bbox", peer: str = "pycocotools", **parameters: Any
) -> list[float]:
    """The figures as the peer prints them; -1 is undefined. Parameters as of its Params."""
    gold, found = json.loads(json.dumps(problem))
    module = pytest.importorskip(peer if peer == "faster_coco_eval" else "pycocotools.coco")
    evaluation = module if peer == "faster_coco_eval" else pytest.importorskip("pycocotools.cocoeval")
    maker = evaluation.COCOeval_faster if peer == "faster_coco_eval" else evaluation.COCOeval
    with contextlib.redirect_stdout(io.StringIO()):
        data = module.COCO()
        data.dataset = gold
        data.createIndex()
        run = maker(data, data.loadRes(found), kind)
        for name, value in parameters.items():
            setattr(run.params, name, value)
        run.evaluate()
        run.accumulate()
        if parameters:
            return [_mean(run.eval["precision"][..., 0, -1]), _mean(run.eval["recall"][..., 0, -1])]
        run.summarize()
    return [float(v) for v in run.stats[:12]]


def _mean(values: Any) -> float:
    defined = values[values > -1]
    return float(defined.mean()) if defined.size else -1.0


def write(folder: Path, problem: Problem) -> tuple[Path, Path]:
    gold, found = folder / "gold.json", folder / "found.json"
    gold.write_text(json.dumps(problem[0]))
    found.write_text(json.dumps(problem[1]))
    return gold, found


def ours(folder: Path, problem: Problem, rule: Rule | None = None) -> list[float]:
    figures = evaluate_files(*write(folder, problem), rule=rule)
    limit = (rule or Rule()).limits[-1]
    names = ORDER if rule is None or rule.kind == "segm" else ("AP", f"AR{limit}")
    return [-1.0 if (v := figures[name]) is None else v for name in names]


def test_golden_cases(shared: Path, tmp_path: Path) -> None:
    cases = json.loads((shared / "golden" / "hbb_ap.json").read_text())["cases"]
    for case in cases:
        expected = case["expected"]["coco_stats"]
        if not case["expected"]["others_equal"]["hotcoco"]:  # 11 and 21, where pycocotools itself fails
            expected = case["expected"]["others"]["hotcoco"]
        files = write(tmp_path, (case["coco_gt"], case["coco_dt"]))
        limits = tuple(sorted({1, 10, case["max_dets"]}))
        figures = evaluate_files(*files, Rule(limits=limits))
        values = [figures[name.replace("AR100", f"AR{limits[-1]}")] for name in ORDER]
        assert [-1.0 if v is None else v for v in values] == pytest.approx(expected, abs=2e-9), case["name"]


@pytest.mark.parametrize("part", range(10))
def test_200_random_problems(part: int, tmp_path: Path) -> None:
    for seed in range(20 * part, 20 * part + 20):
        given = problem(seed)
        if given[1]:
            values = ours(tmp_path, given)
            assert values == pytest.approx(reference(given), abs=1e-9), seed
            assert values == pytest.approx(reference(given, peer="faster_coco_eval"), abs=1e-9), seed


@pytest.mark.parametrize("part", range(4))
def test_40_random_problems_with_masks(part: int, tmp_path: Path) -> None:
    for seed in range(10 * part, 10 * part + 10):
        given = mask_problem(seed)
        if given[1]:
            values = ours(tmp_path, given, Rule(kind="segm"))
            assert values == pytest.approx(reference(given, "segm"), abs=1e-9), seed


@pytest.mark.parametrize(
    ("rule", "parameters"),
    [
        (Rule(agnostic=True), {"useCats": 0}),
        (Rule(levels=(0.3, 0.6)), {"iouThrs": np.array([0.3, 0.6])}),
        (Rule(limits=(1, 2, 5)), {"maxDets": [1, 2, 5]}),
        (Rule(limits=(1, 10, 1000)), {"maxDets": [1, 10, 1000]}),
        (Rule(areas={"all": (100.0, 2000.0)}), {"areaRng": [[100.0, 2000.0]], "areaRngLbl": ["all"]}),
    ],
)
def test_options(rule: Rule, parameters: dict[str, Any], tmp_path: Path) -> None:
    for seed in range(20):
        given = problem(seed)
        if given[1]:
            assert ours(tmp_path, given, rule) == pytest.approx(reference(given, **parameters), abs=1e-9), (
                seed
            )


def test_what_pycocotools_stumbles_over(tmp_path: Path) -> None:
    gold, _ = problem(2)
    figures = evaluate_files(*write(tmp_path, (gold, [])))
    assert (figures["AP"], figures["AR100"]) == (0.0, 0.0)
    with pytest.raises(IndexError):
        reference((gold, []))
    figures = evaluate_files(*write(tmp_path, ({"images": [], "categories": [], "annotations": []}, [])))
    assert set(figures.values()) == {None}


def test_where_pycocotools_departs_on_the_golden_cases(shared: Path, tmp_path: Path) -> None:
    """What the documentation says of cases 09, 11 and 21."""
    cases = json.loads((shared / "golden" / "hbb_ap.json").read_text())["cases"]
    named = {case["name"][:2]: case for case in cases}

    def precision(number: str, rule: Rule | None = None, honour_ignore: bool = False) -> float | None:
        files = write(tmp_path, (named[number]["coco_gt"], named[number]["coco_dt"]))
        return evaluate_files(*files, rule, honour_ignore)["AP"]

    assert precision("09") == pytest.approx(51 / 101)
    assert precision("09", honour_ignore=True) == pytest.approx(1.0)
    assert named["11"]["expected"]["coco_stats"][0] == -1.0
    assert precision("11", Rule(limits=(1, 10, 1000))) == pytest.approx(1.0)
    assert precision("10") == precision("11") == pytest.approx(67 / 101)  # 100 of 150 objects
    assert precision("21") == 0.0


def test_class_table_and_honoured_ignore(tmp_path: Path) -> None:
    box = {"image_id": 1, "category_id": 5, "bbox": [0, 0, 40, 40]}
    gold = {
        "images": [{"id": 1}],
        "categories": [{"id": 5, "name": "ship"}, {"id": 4, "name": "ship"}],
        "annotations": [box, box | {"bbox": [60, 0, 40, 40], "ignore": 1}],  # area and iscrowd may be absent
    }
    files = write(tmp_path, (gold, [box | {"score": 1}]))
    table = tally_files(*files).by_class()
    assert table["ship 5"] == {
        "objects": 2, "detections": 1, "AP": pytest.approx(51 / 101), "AP50": pytest.approx(51 / 101)
    }  # fmt: skip
    assert table["ship 4"] == {"objects": 0, "detections": 0, "AP": None, "AP50": None}
    assert evaluate_files(*files, honour_ignore=True)["AP"] == pytest.approx(1.0)


GOOD = {"image_id": 1, "category_id": 1, "bbox": [0, 0, 9, 9], "score": 0.5}


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        (GOOD | {"bbox": [0, 0, 9]}, "its bbox is"),
        (GOOD | {"bbox": [0, 0, 9, 9, 9]}, "its bbox is"),
        (GOOD | {"bbox": [0, 0, 9, None]}, "its bbox is"),
        (GOOD | {"bbox": None}, "its bbox is"),
        (GOOD | {"image_id": 2}, "its image_id is 2"),
        (GOOD | {"image_id": [1]}, "its image_id is"),
        (GOOD | {"category_id": "1"}, "its category_id is '1'"),
        (GOOD | {"score": "high"}, "its score is 'high'"),
        ({k: v for k, v in GOOD.items() if k != "score"}, "its score is None"),
        ([1, 2], "no object"),
        ("text", "no object"),
    ],
)
def test_a_wrong_entry_is_named(entry: Any, complaint: str, tmp_path: Path) -> None:
    gold = {"images": [{"id": 1}], "categories": [{"id": 1, "name": "ship"}], "annotations": []}
    gold_file, found_file = write(tmp_path, (gold, [GOOD, entry]))
    with pytest.raises(DataError, match=r"found\.json, entry 1 .*" + complaint):
        evaluate_files(gold_file, found_file)
    assert gc.isenabled()


@pytest.mark.parametrize(
    ("gold", "complaint"),
    [
        ([], "no COCO annotations"),
        ({"categories": [], "annotations": []}, "no list of images"),
        ({"images": [{"id": 1}, {"id": "a"}], "categories": [], "annotations": []}, "no list of images"),
        ({"images": [], "categories": []}, "no list of annotations"),
        (
            {"images": [{"id": 1}], "categories": [{"id": 1}], "annotations": [GOOD | {"area": "big"}]},
            r"gold\.json, entry 0 .*its area is 'big'",
        ),
    ],
)
def test_wrong_annotations_are_named(gold: Any, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=complaint):
        evaluate_files(*write(tmp_path, (gold, [])))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    gold, found = write(tmp_path, problem(1))
    found.write_text('[{"score": NaN}]')
    with pytest.raises(DataError, match=r"found\.json cannot be read"):
        evaluate_files(gold, found)
    with pytest.raises(DataError, match=r"absent\.json cannot be read"):
        evaluate_files(gold, tmp_path / "absent.json")
    with pytest.raises(UsageError):
        evaluate_files(gold, found, Rule(kind="obb"))


def test_a_wrong_mask_is_named(tmp_path: Path) -> None:
    gold, found = mask_problem(1)
    found[3]["segmentation"]["counts"] = "!"
    with pytest.raises(DataError, match=r"found\.json, entry 3 .*characters"):
        evaluate_files(*write(tmp_path, (gold, found)), Rule(kind="segm"))


def test_boxes_without_sides_overlap_nothing(tmp_path: Path) -> None:
    gold = {"images": [{"id": 1}], "categories": [{"id": 1}], "annotations": [GOOD | {"id": 1}]}
    boxes = [[0, 0, -9, -9], [0, 0, 0, 9], [9, 9, 0, 0], [0, 0, 1e200, 1e200]]
    figures = evaluate_files(*write(tmp_path, (gold, [GOOD | {"bbox": box} for box in boxes])))
    assert figures["AP"] == 0.0
