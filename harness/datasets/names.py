"""Class names in the spellings of folders, annotations and people, matched to the one that is shown."""

from __future__ import annotations

import re

from .card import Card


def class_key(name: str) -> str:
    """What is compared of a class name: letters and digits alone, in lower case.

    >>> class_key("BareLand") == class_key("bare_land") == class_key("bare land")
    True
    """
    return "".join(c for c in name.casefold() if c.isalnum())


def words(name: str) -> str:
    """A class name as words for a question; abbreviations keep their capitals.

    >>> words("OtherVehicle"), words("small-vehicle"), words("A1"), words("SAR_ship")
    ('other vehicle', 'small vehicle', 'A1', 'SAR ship')
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", re.sub(r"[\s_\-]+", " ", name)).strip()
    return " ".join(w.lower() if w[1:].islower() else w for w in spaced.split(" ")) or name


class ClassNames:
    """The classes of a data set under the names shown to a model, and every other spelling of them.

    Those of the card come first; a card without classes, or with the option `open_classes`, takes each new
    name as it is met.
    """

    def __init__(self, card: Card) -> None:
        self.open = bool(card.options.get("open_classes", not card.classes))
        self._shown: dict[str, str] = {}  # key of a spelling -> the name shown
        self._order: list[str] = []
        for name in card.classes:
            self._add(name, shown(card, name))
        for name, spellings in card.names.items():
            for spelling in spellings:
                self._shown.setdefault(class_key(spelling), shown(card, name))

    @property
    def classes(self) -> tuple[str, ...]:
        """The names shown, the card's first, then new ones in the order they were met."""
        return tuple(self._order)

    def find(self, spelling: str) -> str | None:
        """The name shown for any spelling; None for a stranger to a closed list.

        Case, spaces, `_`, `-` and camel case make no difference.
        """
        found = self._shown.get(class_key(spelling))
        if found is None and self.open and spelling.strip():
            found = self._add(spelling, words(spelling))
        return found

    def _add(self, spelling: str, name: str) -> str:
        self._shown[class_key(spelling)] = name
        self._shown.setdefault(class_key(name), name)
        self._order.append(name)
        return name


def shown(card: Card, name: str) -> str:
    """The name a model is shown for a class of a card: the card's first word for it, or its words."""
    spellings = card.names.get(name, ())
    return spellings[0] if spellings else words(name)


def aliases(card: Card, classes: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """(other spelling, name shown) pairs of a card: its own spelling where that differs, and its synonyms.

    A spelling that is itself a class shown is no alias.
    """
    pairs = {}
    for name in card.names.keys() | set(card.classes):
        target = shown(card, name)
        for spelling in (name, *card.names.get(name, ())):
            if target in classes and spelling not in classes:
                pairs[spelling] = target
    return tuple(sorted(pairs.items()))
