"""`rsbench list`: what there is to name; reads the tables and cards, imports nothing that is listed."""

from __future__ import annotations

import click

from ..datasets.card import Card, card_names, read_card
from ..registry import names
from ..suites import read_suites

_SAYS = {
    "models": {
        "earthgpt": "the reference model: the shipped nano weights, or checkpoint=DIR",
        "hf": "any image-text-to-text model of transformers: checkpoint=DIR or OWNER/NAME",
        "openai": "any endpoint of chat completions: url=http://HOST:PORT/v1,name=MODEL",
        "command": "any program, requests in and answers out as JSON lines: run='python model.py'",
        "open_clip": "zero-shot classes: checkpoint=FILE or DIR of any CLIP, RemoteCLIP, GeoRSCLIP",
        "grounding_dino": "open-set boxes: checkpoint=DIR of GroundingDINO or MM-GroundingDINO",
        "mmrotate": "a detector of MMRotate or MMDetection: config=FILE.py,checkpoint=FILE.pth",
        "replay": "answers made elsewhere: answers=FILE, dialect=NAME where they are text",
        "oracle": "the truth, as values or written and read back: dialect=NAME",
        "blank": "answers nothing",
        "random": "a class or a box by chance, from the seed",
        "list_all": "names every class, boxes everything",
        "echo": "says back what it was asked",
        "constant": "always the answer that is right most often",
        "shuffled": "every sample gets the truth of another",
    },
    "dialects": {
        "earthgpt": "the paper's prompts and <p>class</p>[0.12,...] notation",
        "sphinx": "SPHINX: parts of a padded square, <p>class</p>[0.12,...]",
        "llava": "LLaVA-1.5: parts of a padded square, [0.12, ...]",
        "qwen": "Qwen-VL families: generation=1, 2, 2.5 (pixels of the resized image, JSON) or 3",
        "rscovlm": "RSCoVLM: pixels of the resized image, text=json or plain, box=quad or obb",
        "geochat": "GeoChat and VRSBench: {<12><34><56><78>|<angle>}",
        "minigptv2": "MiniGPT-v2: task tags, {<12><34><56><78>}",
        "internvl": "InternVL: <ref>class</ref><box>[[x1, y1, x2, y2]]</box> in thousandths",
        "paligemma": "PaliGemma: detect a ; b, location tokens",
        "plain": "bare questions, boxes in pixels of the image",
    },
    "metrics": {
        "choice": "top-1, macro top-1, confusion, under every public rule",
        "coco": "AP over ten IoU thresholds, by size, average recall; boxes, oriented boxes, masks",
        "detection": "AP by the VOC rule at any IoU, HBB and OBB, 11 points and area; precision, recall, F1",
        "detection-f1-public": "F1 as LMMRotate's script has it: a perfect detector gets K/(K+1)",
        "caption": "BLEU-1 to 4, METEOR, ROUGE-L, CIDEr-D, CIDEr, SPICE, as pycocoevalcap",
        "rouge": "ROUGE-1, 2, L, Lsum, as rouge-score",
        "semantic": "SS and S-IoU of region descriptions",
        "class_named": "regions whose description names the true class and no other",
        "grounding": "Pr@0.5 to 0.9, mean and cumulative IoU, public rules, two floors",
        "mask": "mean and cumulative IoU of masks, precision at IoU",
        "vqa": "overall and average accuracy, by type of question, under every public rule",
        "multiple_choice": "accuracy of picked options, by kind, under public letter rules",
    },
}


@click.command("list")
@click.argument(
    "kind", type=click.Choice(["tasks", "suites", "models", "dialects", "metrics", "data", "layouts"])
)
def listing(kind: str) -> None:
    """List tasks, suites, models, dialects, metrics, data, or layouts with the tasks that lie so."""
    if kind == "tasks":
        _print([_TASK, *(_task(read_card(name)) for name in card_names())])
    elif kind == "suites":
        _print([(s.name, s.says, " ".join(s.tasks)) for s in read_suites().values()])
    elif kind == "data":
        _print([_DATA, *(_data(read_card(name)) for name in card_names())])
    elif kind == "layouts":
        cards = [read_card(name) for name in card_names()]
        _print([(name, " ".join(c.name for c in cards if c.layout == name)) for name in names("layouts")])
    else:
        table = "adapters" if kind == "models" else kind
        _print([(name, _SAYS[kind].get(name, "a plug-in")) for name in names(table)])


_TASK = ("TASK", "FAMILY", "SENSOR", "CLASSES", "ITEMS", "PAPER", "VERIFIED", "TITLE")
_DATA = ("TASK", "LAYOUT", "SPLITS", "MINI", "PUBLISHED", "LICENCE")


def _task(card: Card) -> tuple[str, ...]:
    """A row of what is asked. Items: those of the split that counts; verified: how many of its facts."""
    paper = str(card.table.get("id", "")).replace("_", " ")
    items = card.counts.get(card.split)
    sure = [how.startswith("verified") for how in card.certainty.values()]
    return (
        card.name,
        card.family,
        card.sensor or "any",
        str(len(card.classes) or "-"),
        f"{items:,}" if items else "-",
        paper or "-",
        f"{sum(sure)} of {len(sure)}" if sure else "-",
        card.title,
    )


def _data(card: Card) -> tuple[str, ...]:
    items = ", ".join(f"{split} {count:,}" for split, count in card.counts.items())
    return card.name, card.layout, items or "-", "mini" if card.mini else "-", card.published, card.licence


def _print(rows: list[tuple[str, ...]]) -> None:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))] if rows else []
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
