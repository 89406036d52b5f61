"""A rotated detector with random weights behind the door; collected where MMRotate is installed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rsbench.harness.adapters.mmrotate import MMRotate, _loaded, _points
from rsbench.harness.cli import main
from rsbench.harness.contract import Boxes, Image, Request, Runtime, Text
from rsbench.harness.errors import ModelError, UsageError

CONFIG = """
default_scope = "mmrotate"
model = dict(
    type="mmdet.RetinaNet",
    data_preprocessor=dict(type="mmdet.DetDataPreprocessor", mean=[123.7, 116.3, 103.5],
        std=[58.4, 57.1, 57.4], bgr_to_rgb=True, pad_size_divisor=32, boxtype2tensor=False),
    backbone=dict(type="mmdet.ResNet", depth=18, num_stages=4, out_indices=(0, 1, 2, 3),
        init_cfg=dict(type="Pretrained", checkpoint="torchvision://resnet18")),
    neck=dict(type="mmdet.FPN", in_channels=[64, 128, 256, 512], out_channels=16, start_level=1,
        add_extra_convs="on_input", num_outs=5),
    bbox_head=dict(type="mmdet.RetinaHead", num_classes=15, in_channels=16, stacked_convs=1, feat_channels=16,
        anchor_generator=dict(type="FakeRotatedAnchorGenerator", angle_version="le90",
            octave_base_scale=4, scales_per_octave=3, ratios=[1.0, 0.5, 2.0], strides=[8, 16, 32, 64, 128]),
        bbox_coder=dict(type="DeltaXYWHTRBBoxCoder", angle_version="le90", norm_factor=None, edge_swap=True,
            proj_xy=True, target_means=(0, 0, 0, 0, 0), target_stds=(1, 1, 1, 1, 1)),
        loss_cls=dict(type="mmdet.FocalLoss", use_sigmoid=True),
        loss_bbox=dict(type="mmdet.L1Loss", loss_weight=1.0)),
    test_cfg=dict(nms_pre=200, min_bbox_size=0, score_thr=0.0,
        nms=dict(type="nms_rotated", iou_threshold=0.1), max_per_img=50))
test_dataloader = dict(dataset=dict(type="DOTADataset", pipeline=[
    dict(type="mmdet.LoadImageFromFile"),
    dict(type="mmdet.Resize", scale=(128, 128), keep_ratio=True),
    dict(type="mmdet.PackDetInputs", meta_keys=("img_id", "img_path", "ori_shape", "img_shape",
        "scale_factor"))]))
"""
DOTA = (
    "plane", "baseball-diamond", "bridge", "ground-track-field", "small-vehicle", "large-vehicle", "ship",
    "tennis-court", "basketball-court", "storage-tank", "soccer-ball-field", "roundabout", "harbor",
    "swimming-pool", "helicopter",
)  # fmt: skip


def test_boxes_turn_clockwise_on_the_screen_and_have_hulls() -> None:
    turned = _points([50, 40, 20, 10, np.pi / 2], oriented=True)
    assert np.round(turned, 6).tolist() == [55, 30, 55, 50, 45, 50, 45, 30]
    assert _points([50, 40, 20, 10, np.pi / 2], oriented=False) == pytest.approx((45, 30, 55, 50))
    assert _points([1, 2, 3, 4], oriented=False) == (1, 2, 3, 4)


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="needs a config"):
        MMRotate({"checkpoint": "x.pth"}, Runtime())
    (tmp_path / "c.py").write_text("model = 1\n")
    with pytest.raises(UsageError, match="needs a checkpoint"):
        MMRotate({"config": str(tmp_path / "c.py")}, Runtime())
    with pytest.raises(ModelError, match="There is no checkpoint gone.pth"):
        MMRotate({"config": str(tmp_path / "c.py"), "checkpoint": "gone.pth"}, Runtime())


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A configuration and random weights under DOTA's classes, as mmengine saves them."""
    pytest.importorskip("mmrotate")
    import torch
    from mmdet.registry import MODELS
    from mmengine.config import Config
    from mmengine.logging import HistoryBuffer
    from mmrotate.utils import register_all_modules

    folder = tmp_path_factory.mktemp("detector")
    (folder / "retina.py").write_text(CONFIG)
    register_all_modules(init_default_scope=True)
    config = Config.fromfile(folder / "retina.py")
    config.model.backbone.init_cfg = None
    torch.manual_seed(0)
    model = MODELS.build(config.model)
    kept: dict[str, Any] = {"state_dict": model.state_dict(), "meta": {"dataset_meta": {"classes": DOTA}}}
    kept["message_hub"] = {"loss": HistoryBuffer([1.0], [1])}
    torch.save(kept, folder / "retina.pth")
    return {"config": str(folder / "retina.py"), "checkpoint": str(folder / "retina.pth")}


@pytest.mark.filterwarnings("ignore")
def test_a_detector_answers_with_its_own_boxes(files: dict[str, str], tmp_path: Path) -> None:
    from PIL import Image as Pillow

    path = tmp_path / "a.png"
    Pillow.fromarray(np.random.default_rng(0).integers(0, 255, (96, 128, 3), np.uint8)).save(path)
    adapter = MMRotate(files, Runtime())
    image = Image("a.png", str(path))
    requests = [
        Request("a", "1", (image,), Boxes(("plane", "ship"), oriented=True)),
        Request("b", "1", (image,), Boxes(("plane", "ship"))),
        Request("c", "1", (image,), Text("How many?")),
        Request("d", "1", (Image("gone.png", "gone.png"),), Boxes(("ship",))),
    ]
    adapter.ahead(requests)
    answers = {answer.key: answer for answer in adapter.generate(requests)}
    oriented, horizontal = answers["a"].regions, answers["b"].regions
    assert oriented and horizontal and len(oriented) == len(horizontal) == 50
    assert {len(r.points) for r in oriented} == {8} and {len(r.points) for r in horizontal} == {4}
    assert {r.label for r in oriented} <= set(DOTA)
    assert all(r.score is not None and 0 <= r.score <= 1 for r in oriented)
    assert "detector" in str(answers["c"].error) and "missing" in str(answers["d"].error)
    high = MMRotate({**files, "threshold": "1.1"}, Runtime())
    (none,) = high.generate(requests[:1])
    assert none.regions == () and high.checkpoint == adapter.checkpoint


@pytest.mark.filterwarnings("ignore")
def test_files_that_do_not_fit_are_refused(files: dict[str, str], tmp_path: Path) -> None:
    import torch

    kept = _loaded(Path(files["checkpoint"]))
    torch.save({"state_dict": {}, "meta": {}}, tmp_path / "empty.pth")
    torch.save({"state_dict": kept["state_dict"]}, tmp_path / "nameless.pth")
    torch.save({"state_dict": print}, tmp_path / "code.pth")
    (tmp_path / "broken.py").write_text("model = dict(type='Nothing', backbone=dict())\n")
    for change, says in (
        ({"checkpoint": str(tmp_path / "empty.pth")}, "has no"),
        ({"checkpoint": str(tmp_path / "nameless.pth")}, "names the classes"),
        ({"checkpoint": str(tmp_path / "code.pth")}, "more than weights"),
        ({"config": str(tmp_path / "broken.py")}, "cannot be built"),
    ):
        with pytest.raises(ModelError, match=says):
            MMRotate({**files, **change}, Runtime())


@pytest.mark.filterwarnings("ignore")
def test_a_run_from_end_to_end(files: dict[str, str], tmp_path: Path) -> None:
    """DOTA's plane counts as MAR20's airplane; what MAR20 does not ask for counts for nothing."""
    model = f"mmrotate,config={files['config']},checkpoint={files['checkpoint']}"
    run = ["run", "--model", model, "--tasks", "mar20_obb", "--data", "mini", "--limit", "6"]
    main([*run, "--output", str(tmp_path)])
    (ledger,) = tmp_path.glob("mar20_obb-mmrotate-*")
    report = json.loads((ledger / "report.json").read_text())
    assert (report["samples"], report["failed"], report["unparsable"]) == (6, 0, 0)
    assert report["headline"]["name"].endswith("/given") and report["headline"]["value"] is not None
    said = (ledger / "responses.jsonl").read_text()
    assert '"plane"' in said
