"""`rsbench train`: train the reference model from a recipe."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click

from ..errors import ModelError, missing_extra

STAGES = "rsbench.reference_model.trainer.stages"


@click.command(short_help="Train the reference model from a recipe.")
@click.argument("recipe", type=click.Path(path_type=Path))
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="Where to train.  [default: training/NAME OF THE RECIPE]",
)
@click.option(
    "--set", "overrides", metavar="KEY=VALUE", multiple=True, help="Change a key; dots lead into sections."
)
@click.option("--dry-run", is_flag=True, help="Say what would be trained, and train nothing.")
def train(recipe: Path, output: Path | None, overrides: tuple[str, ...], dry_run: bool) -> None:
    """Train the stage of a RECIPE (encoders, align or tune), or several recipes in turn.

    An interrupted training is continued by the same command. On several processes:
    torchrun --nproc-per-node 8 -m rsbench train RECIPE, or accelerate launch -m rsbench train RECIPE.
    """
    try:
        run = import_module(STAGES).run_file
        run(_found(recipe), output, overrides, dry_run, lambda text: click.echo(text, err=not dry_run))
    except ModuleNotFoundError as error:
        raise missing_extra(str(error.name), "train") from error
    except KeyboardInterrupt:
        click.echo("\nrsbench: stopped. The same command continues.", err=True)
        raise SystemExit(130) from None


def _found(recipe: Path) -> Path:
    """The file, or the recipe of that name that comes with the package.

    Raises:
        ModelError: there is neither; the message names those that come with it.
    """
    shipped = Path(__file__).parents[2] / "reference_model" / "recipes"
    for path in (recipe, shipped / f"{recipe}.yaml"):
        if path.is_file():
            return path
    names = ", ".join(sorted(path.stem for path in shipped.glob("*.yaml")))
    raise ModelError(f"There is no recipe {recipe}.", f"Give a file, or one of {names}.")
