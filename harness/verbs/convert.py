"""`rsbench convert`: weights from one layout into another."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import click

from ..errors import UsageError

_PATH = click.Path(path_type=Path)
_KINDS = ("ours", "accessory", "meta", "hf", "dinov2", "clip", "training")


@click.command(short_help="Convert weights: LLaMA2-Accessory, Meta, Hugging Face, torch.hub, open_clip.")
@click.argument("paths", nargs=-1, type=_PATH, metavar="[FROM] TO")
@click.option("--from", "source_kind", type=click.Choice(_KINDS), help="What FROM is; guessed without it.")
@click.option("--to", "target_kind", type=click.Choice(_KINDS[:4]), default="ours", show_default=True)
@click.option("--overlay", "overlays", type=_PATH, multiple=True, metavar="DIR", help="Laid over FROM.")
@click.option("--preset", metavar="NAME|FILE.json", help="Put a model together of the next three.")
@click.option("--language", type=_PATH, metavar="DIR", help="A LLaMA of any kind.")
@click.option("--vit", type=_PATH, metavar="FILE|DIR", help="A DINOv2 of torch.hub or transformers.")
@click.option("--clip", type=_PATH, metavar="FILE|DIR", help="A CLIP ConvNeXt of open_clip; or its trunk.")
@click.option("--tokenizer", type=_PATH, metavar="FILE", help="A tokenizer.model or tokenizer.json.")
@click.option("--part", type=click.Choice(("language", "vit", "cnn")), help="Write this part alone.")
@click.option("--parallel", type=click.IntRange(1, 64), default=1, show_default=True, help="Shards to write.")
@click.option("--dtype", type=click.Choice(("fp16", "bf16", "fp32")), help="Without it every type stays.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of a new projection.")
@click.option("--force", is_flag=True, help="Replace TO, if it holds weights.")
def convert(paths: tuple[Path, ...], **options: Any) -> None:
    """Convert weights FROM one layout TO another, or put a model together from its parts.

    \b
    rsbench convert SPHINX/ model/
    rsbench convert llama-2-7b/ model/ --preset 7b --vit dinov2_vitl14.pth --clip open_clip_pytorch_model.bin
    rsbench convert model/ llama/ --to hf --dtype bf16
    rsbench convert model/ shards/ --to accessory --parallel 2
    rsbench convert training/mine/checkpoint-100 model/

    Only weights are read, never code. Nothing is written unless everything fits.
    """
    if len(paths) not in (1, 2):
        raise UsageError(f"convert takes FROM and TO, not {len(paths)} paths.", "See: rsbench convert --help")
    run = _conversion()
    source = paths[0] if len(paths) == 2 else None
    click.echo(run.convert(run.Wish(target=paths[-1], source=source, **options)))


def _conversion() -> Any:
    from ..errors import missing_extra

    try:
        return import_module("rsbench.reference_model.convert.run")
    except ImportError as error:
        if error.name is None or error.name.startswith("rsbench"):
            raise
        raise missing_extra(error.name, "models") from error
