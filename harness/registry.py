"""Names to objects: literal tables of "module:attribute", third-party entry points, did-you-mean.

Nothing is imported until a name is used, so listing costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from .errors import unknown

BUILT_IN: dict[str, dict[str, str]] = {
    "adapters": {
        "earthgpt": "rsbench.reference_model.adapter:EarthGPTAdapter",
        "hf": "rsbench.harness.adapters.hf:HuggingFace",
        "open_clip": "rsbench.harness.adapters.open_clip:OpenClip",
        "grounding_dino": "rsbench.harness.adapters.grounding_dino:GroundingDino",
        "mmrotate": "rsbench.harness.adapters.mmrotate:MMRotate",
        "openai": "rsbench.harness.adapters.openai:OpenAI",
        "command": "rsbench.harness.adapters.command:Command",
        "replay": "rsbench.harness.adapters.replay:Replay",
        "oracle": "rsbench.harness.adapters.trivial:Oracle",
        "blank": "rsbench.harness.adapters.trivial:Blank",
        "random": "rsbench.harness.adapters.trivial:Random",
        "list_all": "rsbench.harness.adapters.trivial:ListAll",
        "echo": "rsbench.harness.adapters.floors:Echo",
        "constant": "rsbench.harness.adapters.floors:Constant",
        "shuffled": "rsbench.harness.adapters.floors:Shuffled",
    },
    "dialects": {
        "earthgpt": "rsbench.harness.dialects.earthgpt:EarthGPT",
        "sphinx": "rsbench.harness.dialects.sphinx:Sphinx",
        "llava": "rsbench.harness.dialects.llava:Llava",
        "qwen": "rsbench.harness.dialects.qwen:Qwen",
        "rscovlm": "rsbench.harness.dialects.rscovlm:RSCoVLM",
        "geochat": "rsbench.harness.dialects.geochat:GeoChat",
        "minigptv2": "rsbench.harness.dialects.minigptv2:MiniGPTv2",
        "internvl": "rsbench.harness.dialects.internvl:InternVL",
        "paligemma": "rsbench.harness.dialects.paligemma:PaliGemma",
        "plain": "rsbench.harness.dialects.plain:Plain",
    },
    "engines": {
        "serial": "rsbench.harness.engines.serial:Serial",
    },
    "tasks": {
        "classification": "rsbench.tasks.classification:build",
        "captioning": "rsbench.tasks.captioning:build",
        "region_captioning": "rsbench.tasks.captioning:build",
        "vqa": "rsbench.tasks.vqa:build",
        "grounding": "rsbench.tasks.grounding:build",
        "segmentation": "rsbench.tasks.segmentation:build",
        "detection": "rsbench.tasks.detection:build",
    },
    "layouts": {
        "folders": "rsbench.harness.datasets.folders:read",
        "voc": "rsbench.harness.datasets.voc:read",
        "coco": "rsbench.harness.datasets.coco:read",
        "dota": "rsbench.harness.datasets.dota:read",
        "forms": "rsbench.harness.datasets.forms:read",
        "vhr10": "rsbench.harness.datasets.text_boxes:vhr10",
        "visdrone": "rsbench.harness.datasets.text_boxes:visdrone",
        "ucas_aod": "rsbench.harness.datasets.text_boxes:ucas_aod",
        "yolo": "rsbench.harness.datasets.text_boxes:yolo",
        "records": "rsbench.harness.datasets.records:read",
        "rsvqa": "rsbench.harness.datasets.rsvqa:read",
        "question_lines": "rsbench.harness.datasets.question_lines:read",
        "alternating": "rsbench.harness.datasets.alternating:read",
        "choice": "rsbench.harness.datasets.choices:read",
        "karpathy": "rsbench.harness.datasets.captioned:read",
        "nwpu_captions": "rsbench.harness.datasets.captioned:read",
        "caption_lines": "rsbench.harness.datasets.captioned:read",
        "class_lists": "rsbench.harness.datasets.class_lists:read",
        "sites": "rsbench.harness.datasets.sites:read",
        "dior_rsvg": "rsbench.harness.datasets.dior_rsvg:read",
        "refgeo": "rsbench.harness.datasets.refgeo:read",
        "referring": "rsbench.harness.datasets.referring:read",
    },
    "writers": {  # of miniatures, by layout
        "folders": "rsbench.harness.datasets.mini.official:folders",
        "voc": "rsbench.harness.datasets.mini.boxes:voc",
        "coco": "rsbench.harness.datasets.mini.boxes:coco",
        "dota": "rsbench.harness.datasets.mini.official:dota",
        "forms": "rsbench.harness.datasets.mini.boxes:forms",
        "vhr10": "rsbench.harness.datasets.mini.text_boxes:vhr10",
        "visdrone": "rsbench.harness.datasets.mini.text_boxes:visdrone",
        "ucas_aod": "rsbench.harness.datasets.mini.text_boxes:ucas_aod",
        "yolo": "rsbench.harness.datasets.mini.text_boxes:yolo",
        "records": "rsbench.harness.datasets.mini.question_files:records",
        "rsvqa": "rsbench.harness.datasets.mini.question_files:rsvqa",
        "question_lines": "rsbench.harness.datasets.mini.question_files:question_lines",
        "alternating": "rsbench.harness.datasets.mini.question_files:alternating",
        "choice": "rsbench.harness.datasets.mini.choice_files:choice",
        "dior_rsvg": "rsbench.harness.datasets.mini.expressions:dior_rsvg",
        "refgeo": "rsbench.harness.datasets.mini.expressions:refgeo",
        "referring": "rsbench.harness.datasets.mini.expressions:referring",
        "karpathy": "rsbench.harness.datasets.mini.captioned:karpathy",
        "nwpu_captions": "rsbench.harness.datasets.mini.captioned:nwpu_captions",
        "caption_lines": "rsbench.harness.datasets.mini.captioned:caption_lines",
        "class_lists": "rsbench.harness.datasets.mini.labelled_files:class_lists",
        "sites": "rsbench.harness.datasets.mini.labelled_files:sites",
    },
    "confidences": {
        "clip-score": "rsbench.harness.confidence:ClipScore",
        "logprob": "rsbench.harness.confidence:LogProbability",
        "none": "rsbench.harness.confidence:Equal",
    },
    "image_text_models": {
        "nano": "rsbench.reference_model.clip:load",
        "open_clip": "rsbench.harness.adapters.open_clip_model:load",
    },
    "metrics": {
        "choice": "rsbench.harness.metrics.choice:Choice",
        "coco": "rsbench.harness.metrics.coco:CocoDetection",
        "detection": "rsbench.harness.metrics.detection:Detection",
        "detection-f1-public": "rsbench.harness.metrics.public_f1:PublicF1",
        "caption": "rsbench.harness.metrics.caption:Caption",
        "rouge": "rsbench.harness.metrics.rouge:Rouge",
        "semantic": "rsbench.harness.metrics.semantic:Semantic",
        "class_named": "rsbench.harness.metrics.class_named:ClassNamed",
        "grounding": "rsbench.harness.metrics.grounding:Grounding",
        "mask": "rsbench.harness.metrics.mask:MaskIoU",
        "vqa": "rsbench.harness.metrics.vqa:VQA",
        "multiple_choice": "rsbench.harness.metrics.multiple_choice:MultipleChoice",
    },
}


_CALLED = {"adapters": "model"}  # by users


def names(kind: str) -> list[str]:
    """Every known name of a kind, built-in first, then plug-ins of the entry-point group rsbench.<kind>."""
    table = BUILT_IN[kind]
    return [*table, *(p.name for p in entry_points(group=f"rsbench.{kind}") if p.name not in table)]


def load(kind: str, name: str) -> Any:
    """Import the object behind a name.

    Raises:
        UsageError: no such name; the message has the nearest ones.
    """
    target = BUILT_IN[kind].get(name)
    if target is None:
        for point in entry_points(group=f"rsbench.{kind}"):
            if point.name == name:
                return point.load()
        raise unknown(_CALLED.get(kind, kind[:-1].replace("_", " ")), name, names(kind))
    module, _, attribute = target.partition(":")
    return getattr(import_module(module), attribute)
