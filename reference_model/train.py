"""Trains an EarthGPT from a recipe: `python -m rsbench.reference_model.train RECIPE --folder DIR`.

Read from top to bottom: vocabulary, training scenes, encoders, language model, the checkpoint that ships.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..harness.errors import ModelError, RsbenchError, unknown
from .config import Config, preset

STAGES = ("scenes", "encoders", "language", "export")


def read_recipe(path: Path) -> dict[str, Any]:
    """The recipe of a YAML file.

    Raises:
        ModelError: not readable, or a section is missing.
        UsageError: an unknown key.
    """
    import yaml

    try:
        recipe = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ModelError(f"The recipe {path.name} cannot be read: {error}") from error
    if not isinstance(recipe, dict):
        raise ModelError(
            f"The recipe {path.name} is not a mapping.", "See reference_model/recipes/nano.yaml."
        )
    known = ("preset", "scenes", "encoders", "language")
    for key in recipe:
        if key not in known:
            raise unknown("key of a recipe", key, known)
    if missing := [key for key in known if key not in recipe]:
        raise ModelError(f"The recipe {path.name} has no {', '.join(missing)}.")
    return recipe


def prepare(recipe: Mapping[str, Any], folder: Path) -> tuple[Config, Any]:
    """The configuration with what the renderer draws, and the vocabulary, learned once per folder.

    Raises:
        UsageError: no such preset.
        ModelError: a preset that does not localise by proposals; the stages here train no other.
    """
    from ..harness.datasets.mini import AIRCRAFT, OBJECTS, SCENES
    from . import clip_texts, instructions, tokenizer

    config = preset(str(recipe["preset"]))
    if config.proposals is None:
        raise ModelError(f"The preset {config.name!r} has no proposals to train.", "Take the preset nano.")
    proposals = replace(config.proposals, names=OBJECTS, types=AIRCRAFT)
    config = replace(config, proposals=proposals)
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / tokenizer.FILE).is_file():
        texts = clip_texts.corpus([*SCENES, *OBJECTS, *AIRCRAFT])
        texts += instructions.corpus(SCENES, OBJECTS, AIRCRAFT)
        tokenizer.train(texts, config.language.vocab_size, proposals.count).write(folder)
    return config, tokenizer.Tokenizer.read(folder)


def run(recipe: Mapping[str, Any], folder: Path, stages: tuple[str, ...]) -> None:
    """The stages of a recipe in order; what a stage finished before is not done again.

    Raises:
        UsageError: no such stage.
    """
    for stage in stages:
        if stage not in STAGES:
            raise unknown("stage", stage, STAGES)
    config, tokenizer = prepare(recipe, folder)
    if "scenes" in stages:
        from .scenes import render

        for seed in recipe["scenes"]["seeds"]:
            for shard in render(folder / "scenes", seed, recipe["scenes"]["each"], config.image_size):
                print(f"{shard.name} is there", flush=True)
    if "encoders" in stages:
        from .train_encoders import train_encoders

        train_encoders(config, tokenizer, folder / "scenes", folder, recipe["encoders"])
    if "language" in stages:
        from .train_language import train_language

        train_language(config, tokenizer, folder / "scenes", folder, recipe["language"])
    if "export" in stages:
        from .export import export

        export(config, tokenizer, folder, recipe)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--folder", type=Path, required=True, help="where states and scenes are kept")
    parser.add_argument("--stages", default=",".join(STAGES), help="some of the stages, separated by commas")
    options = parser.parse_args()
    try:
        run(read_recipe(options.recipe), options.folder, tuple(options.stages.split(",")))
    except RsbenchError as error:
        print(error, file=sys.stderr)
        raise SystemExit(error.exit_code) from error


if __name__ == "__main__":
    main()
