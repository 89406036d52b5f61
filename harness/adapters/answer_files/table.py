"""The formats of answer files: what reads them, and which one a file is in."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any

from ...errors import DataError, unknown
from .own import FORMS
from .said import Answers, Content

# name -> (module, the dialect its texts are in); recognised in this order
FORMATS: Mapping[str, tuple[str, str | None]] = MappingProxyType(
    {
        "dota": ("dota", None),
        "coco": ("coco", None),
        "rscovlm": ("rscovlm", "rscovlm"),
        "lmms-eval": ("lmms_eval", None),
        "geochat": ("geochat", "geochat"),
        "vrsbench": ("vrsbench", None),
        "vlmevalkit": ("vlmevalkit", None),
        "earthdial": ("earthdial", None),
        "rsbench": ("own", None),
    }
)
_PICKLES = (".pkl", ".pickle", ".pth", ".pt")


def read_answers(content: Content, name: str | None) -> tuple[str, Answers]:
    """The format of a file, given or recognised from what it holds, and its answers.

    Raises:
        UsageError: no such format.
        DataError: a pickle, a form that is not known, or nothing in it that can be read.
    """
    if name is not None and name not in FORMATS:
        raise unknown("format of answers", name, FORMATS)
    _refuse_pickles(content)
    name = name or next((known for known in FORMATS if _reader(known).recognises(content)), "rsbench")
    if content.path.is_dir() and name != "dota":
        raise DataError(
            f"{content.path} is a folder that holds no answers.",
            "Give the file itself, or a folder with DOTA's Task1_<class>.txt.",
        )
    answers: Answers = _reader(name).read(content)
    if not answers.said and (answers.faults or not answers.complete):
        first = f" {answers.faults[0]}." if answers.faults else ""
        raise DataError(f"There is no answer in {content.path.name}.{first}", FORMS)
    return name, answers


def dialect_of(name: str) -> str | None:
    """The dialect in which the texts of a format are written; None where it has none of its own."""
    return FORMATS[name][1]


def _reader(name: str) -> Any:
    return import_module(f".{FORMATS[name][0]}", __package__)


def _refuse_pickles(content: Content) -> None:
    """A pickle is a program: reading one runs what its author, or anybody after him, put into it."""
    if content.path.suffix.lower() in _PICKLES or content.bytes[:1] == b"\x80":
        raise DataError(
            f"{content.path.name} is a pickle, and reading a pickle runs the code in it.",
            "Have the kit write JSON: MMDetection and MMRotate do with test_evaluator.format_only=True and "
            "outfile_prefix=NAME (NAME.bbox.json, or Task1_<class>.txt); VLMEvalKit with PRED_FORMAT=xlsx.",
        )
