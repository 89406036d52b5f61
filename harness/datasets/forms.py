"""Reader of benchmarks that are published in several forms: the first form that a folder holds is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..registry import load
from .card import Card, Dataset
from .layouts import other_layout
from .places import matched


def read(root: Path, card: Card, split: str | None = None) -> Dataset:
    """The samples of the form that lies in the folder, read by that form's layout.

    Card option `forms`: a list of {layout, sign, options of that layout ...}; `sign` is a pattern of paths by
    which the form is known. Options beside `forms` hold for every form.

    Raises:
        DataError: none of the forms lies there, or what its reader raises.
    """
    for form in card.options["forms"]:
        if root.is_dir() and matched(root, [form["sign"]])[1]:
            dataset: Dataset = load("layouts", form["layout"])(root, of_form(card, form), split)
            return dataset
    signs = ", ".join(form["sign"] for form in card.options["forms"])
    raise other_layout(root, card, f"there is none of {signs}")


def of_form(card: Card, form: Mapping[str, Any]) -> Card:
    """The card as if it were published in this form alone."""
    common = {key: value for key, value in card.options.items() if key != "forms"}
    own = {key: value for key, value in form.items() if key not in ("layout", "sign")}
    return replace(card, layout=str(form["layout"]), options={**common, **own})
