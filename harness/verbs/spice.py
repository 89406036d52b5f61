"""`rsbench data spice`: give rsbench the jars that SPICE needs and no package carries."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(short_help="Give SPICE the jars of Stanford CoreNLP.")
@click.option(
    "--from", "source", type=click.Path(path_type=Path), help="A folder or zip archive with the jars."
)
def spice(source: Path | None) -> None:
    """Take the jars of Stanford CoreNLP 3.6.0 from a folder or zip archive, and say whether SPICE can run.

    Without --from only says so. Exit code 3 where something is missing.
    """
    from ..metrics.spice import spice_needs
    from ..metrics.spice_jars import NEEDED, jar_folder, missing_jars, take_jars

    folder = jar_folder()
    if source is not None:
        for name in take_jars(source, folder):
            click.echo(f"took     {name}")
    missing = missing_jars(folder)
    for name in NEEDED:
        click.echo(f"{'missing ' if name in missing else 'there   '} {name}")
    needs = spice_needs()
    click.echo(f"SPICE {needs}." if needs else f"SPICE can run. Its jars are in {folder}.")
    if needs:
        raise SystemExit(3)
