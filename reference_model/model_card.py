"""Writes the card of a trained checkpoint: what it is, what it was trained on, and how it scores.

    python -m rsbench.reference_model.model_card CHECKPOINT RUN [RUN ...] --trained DIR [...] --commit C

Every figure comes from the files named: the checkpoint, the folders of its trainings in their order, and the
reports of runs.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from ..harness.cells import table, with_interval
from ..harness.contract import Report
from ..harness.errors import DataError
from ..harness.report import read
from .checkpoint import SHIPPED, Checkpoint, load
from .trainer import checkpoints
from .trainer.progress import seconds


def card(checkpoint: Path, trained: Sequence[Path], runs: Sequence[Path], commit: str) -> str:
    """The card as markdown.

    Raises:
        ModelError: the checkpoint cannot be loaded.
        DataError: a report is missing or is not of this checkpoint.
    """
    loaded = load(checkpoint)
    reports = [read(folder) for folder in runs]
    for report in reports:
        if report.spec["checkpoint"] != loaded.digest:
            raise DataError(f"The report on {report.task} is of another checkpoint.", "Run the task again.")
    parts = [
        f"# {loaded.config.name}: a small EarthGPT",
        _what(loaded, checkpoint),
        "## Training",
        _training(trained, commit),
        "## Figures on embedded data (held-out seeds)",
        _figures(reports),
        "Made on rendered scenes alone, this model knows nothing of real imagery; its figures say that the "
        "harness and the model work, not how EarthGPT does. It knows the prompts of the tasks: asked in "
        "other words, or on in a long conversation, it answers beside the question.",
    ]
    return "\n\n".join(parts) + "\n"


def _what(loaded: Checkpoint, checkpoint: Path) -> str:
    config = loaded.config
    counts = {name: sum(p.numel() for p in part.parameters()) for name, part in loaded.model.named_children()}
    size = sum(path.stat().st_size for path in checkpoint.iterdir() if path.is_file()) / 1e6
    rows = [[name, f"{count / 1e6:.2f} M"] for name, count in counts.items()]
    how = (
        _PROPOSALS.format(head.listed, head.threshold)
        if (head := config.proposals)
        else "Coordinates are written as text, as in the paper."
    )
    return "\n\n".join(
        [
            f"A DINOv2 ViT (width {config.vit.width}, {config.vit.depth} blocks, layers "
            f"{', '.join(map(str, config.vit.layers))} read) and a CLIP ConvNeXt ({config.cnn.timm_model}, "
            f"stages {', '.join(map(str, config.cnn.stages))}) at {config.image_size} pixels, fused into "
            f"{config.visual_tokens} tokens of a LLaMA (width {config.language.width}, "
            f"{config.language.layers} layers). Its CLIP gives the clip-score. {how}",
            table(["Part", "Parameters"], rows),
            f"Files: {size:.1f} MB, float16. SHA-256 of the checkpoint: `{loaded.digest}`.",
        ]
    )


def _training(trained: Sequence[Path], commit: str) -> str:
    parts = [_HOW.format(commit=commit)]
    for folder in trained:
        recipe = json.loads((folder / "recipe.json").read_text(encoding="utf-8"))["recipe"]
        steps, spent = checkpoints.steps_of(folder)[-1], seconds(folder)
        took = "a time that was not recorded" if spent is None else f"{spent / 60:,.0f} minutes"
        told = {key: value for key, value in recipe.items() if value not in (None, [], {}, "")}
        text = "\n".join(f"{key}: {json.dumps(value)}" for key, value in told.items())  # JSON is YAML
        parts.append(f"### {folder.name}: {steps:,} steps, {took}\n\n```yaml\n{text}\n```")
    return "\n\n".join(parts)


_PROPOSALS = (
    "Boxes come from a dense head on the encoders; the language model points at them and the pointer is "
    "printed as coordinates (`localisation: proposals`). The paper's model writes coordinates as text. In "
    "detection it is taught to list every proposal of objectness {:g} or more, under the name the head gives "
    "it: which boxes there are is decided by the head, not by the language model. Weaker ones, down to {:g}, "
    "are there for phrases to mean. A phrase is answered along a walk: at each proposal the language model "
    "is shown it again and takes it or goes on, in one token; a walk that took nothing takes the likeliest. "
    "Presence and number are answered after a walk that counts. These tokens print nothing."
)
_HOW = """\
`rsbench train nano` at commit {commit}, on two CPU cores that other work shared, on rendered training
scenes only: seeds from 1,000,000 on. The miniatures' tests use seeds below, and a shifted slice (other
palettes, scales and densities) that is never trained on. There is no pretrained LLaMA of this size: in
the two steps of the paper (III-C, III-D) the whole language model learns here, the encoders stay frozen."""


def _figures(reports: Sequence[Report]) -> str:
    rows = [
        [r.task, r.headline.name, with_interval(r.headline), str(r.samples), str(r.unparsable)]
        for r in reports
    ]
    rows += [
        [r.task, f"{r.headline.name}, {s.tag} {s.value}", with_interval(s.figure), str(s.count), ""]
        for r in reports
        for s in r.slices
        if s.tag in ("shift", "sensor")
    ]
    return table(["Task", "Figure", "%", "Samples", "Unparsable"], rows, 2)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("checkpoint", type=Path, nargs="?", default=SHIPPED)
    parser.add_argument("runs", type=Path, nargs="*")
    parser.add_argument("--trained", type=Path, action="append", required=True)
    parser.add_argument("--commit", required=True)
    options = parser.parse_args()
    text = card(options.checkpoint, options.trained, options.runs, options.commit)
    (options.checkpoint / "MODEL_CARD.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
