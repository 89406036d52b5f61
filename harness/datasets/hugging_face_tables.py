"""Rows and columns of Hugging Face `datasets`, in a folder, a file or the hub; pictures are not decoded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from ..errors import DataError
from ..records import FIELDS

Row: TypeAlias = Mapping[str, Any]
_FILES = {".parquet": "parquet", ".arrow": "arrow"}


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one split; `said` is what a card says of the columns (hugging_face.read)."""

    split: str
    columns: tuple[str, ...]
    rows: Iterable[Row]
    said: Mapping[str, Any]
    folder: Path | None  # of data on this machine

    def image(self, row: Row) -> Row:
        """The picture of a row as {"bytes", "path"}.

        Raises:
            ValueError: no such column, or several pictures.
        """
        name = str(self.said.get("image", "image"))
        if name not in row:
            raise ValueError(f"there is no column {name!r}; there are {', '.join(self.columns)}")
        value = row[name]
        if isinstance(value, list):
            if len(value) != 1:
                raise ValueError(f"{len(value)} pictures")
            value = value[0]
        if isinstance(value, bytes):
            return {"bytes": value}
        if isinstance(value, str) and self.folder:
            path = (self.folder / value).resolve()
            return {"path": str(path)} if path.is_relative_to(self.folder.resolve()) else {}
        return value if isinstance(value, Mapping) else {}

    def items(self, row: Row) -> Iterator[Row]:
        """What a row lists, one by one with the rest of the row; the row itself where it is no list."""
        name = self.said.get("each")
        if name is None:
            yield row
            return
        listed = row.get(name) or []
        if isinstance(listed, Mapping):  # a structure of lists
            lists = {key: value for key, value in listed.items() if isinstance(value, (list, tuple))}
            length = max(map(len, lists.values()), default=0)
            listed = [{k: v[i] for k, v in lists.items() if i < len(v)} for i in range(length)]
        for item in listed:
            yield {**row, **item}

    def record(self, item: Row) -> dict[str, Any]:
        """An item with its parts under the names of FIELDS, as the card says."""
        record = dict(item)
        for role in FIELDS:
            if role in self.said:
                record[role] = _within(item, str(self.said[role]))
        if names := self.said.get("names"):
            record["label"] = _named_by(record.get("label"), names)
        return record


def table(where: str, said: Mapping[str, Any], split: str) -> Table:
    """The rows of a split of a folder (save_to_disk, parquet, arrow), a file, or a repository of the hub.

    Raises:
        DataError: nothing there, hub not reachable, no such split, `datasets` not installed.
    """
    library = _library()
    path = Path(where)
    with _reading(where):
        if not path.exists() and (where.startswith((".", "/", "~")) or where.count("/") != 1):
            raise DataError(f"There is no {where}.", "Give a folder, or the id of a repository: owner/name.")
        if (path / "dataset_dict.json").is_file():
            parts = library.load_from_disk(where)
            name = _split(where, said, split, list(parts))
            found = parts[name]
        elif (path / "state.json").is_file():
            name, found = split or "all", library.load_from_disk(where)
        elif path.is_file() and path.suffix in _FILES:
            kind = _FILES[path.suffix]
            name = split or "all"
            found = library.load_dataset(kind, data_files=where, split="train", streaming=True)
        else:
            config = said.get("config")
            name = _split(where, said, split, library.get_dataset_split_names(where, config))
            found = library.load_dataset(where, config, split=name, streaming=path.exists())
        features = found.features or {}
        for column, feature in features.items():
            if _is_image(feature):
                found = found.cast_column(column, _undecoded(library, feature))
        return Table(
            name, tuple(features), _rows(found, features, where), said, path if path.exists() else None
        )


def _library() -> Any:
    try:
        import datasets
    except ImportError:
        raise DataError(
            "datasets is not installed.", "Install it with: pip install 'rsbench[datasets]'"
        ) from None
    return datasets


@contextmanager
def _reading(where: str) -> Iterator[None]:
    """What `datasets` and the hub raise, as a DataError.

    Raises:
        DataError: in place of it.
    """
    from datasets.exceptions import DatasetsError

    try:
        yield
    except ConnectionError as error:
        raise DataError(
            f"The hub of Hugging Face cannot be reached for {where}: {error}",
            "Try again later, or give a folder on this machine: --data hf:DIR",
        ) from error
    except (OSError, ValueError, DatasetsError) as error:
        raise DataError(f"{where} cannot be read by datasets: {error}") from error


def _split(where: str, said: Mapping[str, Any], split: str, there: list[str]) -> str:
    """Their name of a split: as the card says, or ours; the only one where none is asked for."""
    wanted = said.get("splits", {}).get(split, split)
    if not split and len(there) == 1:
        return there[0]
    for name in (wanted, split):
        if name in there:
            return name
    raise DataError(
        f"{where} has no split {wanted!r}; it has {', '.join(there)}.",
        "Name one of them with --split, or say in the card under hugging_face: splits which is meant.",
    )


def _rows(found: Any, features: Mapping[str, Any], where: str) -> Iterator[Row]:
    with _reading(where):
        for row in found:
            yield {name: _spelled(value, features.get(name)) for name, value in row.items()}


def _spelled(value: Any, feature: Any) -> Any:
    """A value with the names of classes in place of their numbers, however deep they lie."""
    if value is None or feature is None:
        return value
    names = getattr(feature, "names", None)
    if isinstance(value, int) and names:
        return names[value] if 0 <= value < len(names) else None
    if isinstance(value, Mapping):
        inner = feature if isinstance(feature, Mapping) else getattr(feature, "feature", {})
        known = inner if isinstance(inner, Mapping) else {}
        return {key: _spelled(part, known.get(key)) for key, part in value.items()}
    if isinstance(value, list):
        return [_spelled(part, getattr(feature, "feature", feature)) for part in value]
    return value


def _is_image(feature: Any) -> bool:
    inner = getattr(feature, "feature", feature)
    return type(inner).__name__ == "Image"


def _undecoded(library: Any, feature: Any) -> Any:
    plain = library.Image(decode=False)
    return plain if type(feature).__name__ == "Image" else library.List(plain)


def _within(item: Row, name: str) -> Any:
    """The value under a name with dots; a structure of lists, or a list of structures, gives a list."""
    value: Any = item
    for step in name.split("."):
        if isinstance(value, list):
            value = [part.get(step) for part in value if isinstance(part, Mapping)]
        else:
            value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _named_by(value: Any, names: list[str]) -> Any:
    if isinstance(value, list):
        return [_named_by(part, names) for part in value]
    return names[value] if isinstance(value, int) and 0 <= value < len(names) else value
