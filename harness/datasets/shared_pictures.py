"""Which pictures of a test set are in a training set, as a file that runs can be scored again with."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..contract import digest
from ..errors import DataError, disk_errors

if TYPE_CHECKING:
    from .overlap import Match, Prints

FORMAT = 1
_AGAIN = "Make it again with: rsbench data overlap TRAIN TEST --output FILE"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two sets as it was compared.

    `plain` of its `pictures` were compared by bytes and pixels alone, `broken` could not be read; `digest` is
    over the bytes of all that could.
    """

    name: str
    pictures: int
    plain: int
    broken: int
    digest: str


@dataclass(frozen=True, slots=True)
class ComparedPicture:
    """A picture of the test set, and the surest of what it equals in the training set.

    `kind` is None where it equals nothing, else file, pixels or near, `of` then being the name there and
    `distance` and `turned` as of overlap.Match. `sha256` is that of its bytes, None where it was not read.
    """

    name: str
    sha256: str | None
    plain: bool = False
    kind: str | None = None
    of: str | None = None
    distance: int = 0
    turned: str | None = None


@dataclass(frozen=True, slots=True)
class SharedPictures:
    """The whole comparison. `digest` is that of the file, by which a report says what it was scored with."""

    train: Side
    test: Side
    distance: int
    pictures: Mapping[str, ComparedPicture]
    digest: str = ""

    def write(self, path: Path) -> None:
        """Write it as JSON whose last key is the digest of all the others.

        Raises:
            DataError: it cannot be written.
        """
        row = {
            "format": FORMAT,
            "train": asdict(self.train),
            "test": asdict(self.test),
            "distance": self.distance,
            "pictures": [asdict(picture) for picture in self.pictures.values()],
        }
        with disk_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps({**row, "digest": digest(row)}, indent=1, ensure_ascii=False)
            path.write_text(text + "\n", encoding="utf-8")


def shared(
    names: tuple[str, str], train: Prints, test: Prints, found: Sequence[Match], distance: int
) -> SharedPictures:
    """What `matches(train, test, distance)` found, by the picture of the test set.

    Of equals the first counts; `names` are those of the two sets.
    """
    first: dict[int, Match] = {}
    for match in found:  # the surest come first
        first.setdefault(match.b, match)
    pictures: dict[str, ComparedPicture] = {}
    for place, name in enumerate(test.names):
        picture = _picture(place, first.get(place), train, test)
        known = pictures.get(name)
        if known is None or (known.kind is None and picture.kind):  # windows of one picture share its name
            pictures[name] = picture
    for problem in test.problems:
        pictures.setdefault(problem.item, ComparedPicture(problem.item, None))
    return SharedPictures(_side(names[0], train), _side(names[1], test), distance, pictures)


def read(path: Path) -> SharedPictures:
    """The comparison in a file.

    Raises:
        DataError: no such file, not one of this version, or one that was changed after it was written.
    """
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
        said = row.pop("digest")
        if row["format"] != FORMAT:
            raise ValueError(f"it has format {row['format']!r}, and this rsbench reads {FORMAT}")
        found = [ComparedPicture(**picture) for picture in row["pictures"]]
        pictures = {picture.name: picture for picture in found}
        read = SharedPictures(Side(**row["train"]), Side(**row["test"]), row["distance"], pictures, said)
    except (FileNotFoundError, IsADirectoryError) as error:
        raise DataError(f"There is no file {path}.", _AGAIN) from error
    except KeyError as error:
        raise DataError(f"{path} has no {error}: it is no list of shared pictures.", _AGAIN) from error
    except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise DataError(f"{path} cannot be read as a list of shared pictures: {error}.", _AGAIN) from error
    if digest(row) != said:
        raise DataError(f"{path} was changed after it was written: its digest differs.", _AGAIN)
    return read


def _side(name: str, prints: Prints) -> Side:
    content = sha256("\n".join(sorted(prints.files)).encode()).hexdigest()
    return Side(name, len(prints.names), sum(prints.plain), len(prints.problems), content)


def _picture(place: int, match: Match | None, train: Prints, test: Prints) -> ComparedPicture:
    found: dict[str, Any] = {}
    if match is not None:
        found = {"kind": match.kind, "of": train.names[match.a]}
        if match.kind == "near":
            found |= {"distance": match.distance, "turned": match.turned}
    return ComparedPicture(test.names[place], test.files[place], test.plain[place], **found)
