"""Where leaderboards lie: one folder a table, its published figures and its entries side by side."""

from __future__ import annotations

import re
from pathlib import Path

from ..errors import UsageError
from ..published import table_names

NAME = "leaderboards"
OVERVIEW = "README.md"


def boards_folder(given: Path | None) -> Path:
    """The folder given, or the leaderboards of the checkout one stands in.

    Those of the installed package are never meant: what is written there is in no repository.

    Raises:
        UsageError: no published table in the folder given, or no leaderboards here or above.
    """
    if given is not None:
        if not table_names(given):
            raise UsageError(
                f"{given} holds no leaderboard.",
                "Give the folder leaderboards/ of a checkout: it has table_8/published.yaml.",
            )
        return given
    here = Path.cwd()
    for folder in (here, *here.parents):
        if table_names(folder / NAME):
            return folder / NAME
    raise UsageError(
        "There are no leaderboards here or above.",
        "Stand in a checkout of rsbench, or give its folder leaderboards/: --to DIR.",
    )


def in_order(names: list[str]) -> list[str]:
    """Names of tables as a reader counts.

    >>> in_order(["table_10", "table_2"])
    ['table_2', 'table_10']
    """
    return sorted(names, key=lambda name: [(len(part), part) for part in re.split(r"(\d+)", name)])
