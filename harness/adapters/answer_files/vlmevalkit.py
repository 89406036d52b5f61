"""VLMEvalKit's tables: MODEL_DATASET.xlsx (or tsv, csv, json) with index, question, answer, prediction, ...

open-compass/VLMEvalKit, vlmeval/inference.py (infer_data_job): the table of the data set without pictures,
with a column `prediction`; what an endpoint did not answer reads "Failed to obtain answer via API.". The
index is a row of its own table: an id of ours only where the questions agree.
"""

from __future__ import annotations

from ...errors import DataError
from .said import Answers, Content, Said, names
from .sheet import Row, read_sheet

FAILED = "Failed to obtain answer"
SUFFIXES = (".xlsx", ".tsv", ".csv")


def recognises(content: Content) -> bool:
    """By the columns index and prediction."""
    if content.path.suffix.lower() in SUFFIXES:
        return True
    return {"index", "prediction"} <= content.first.keys()


def read(content: Content) -> Answers:
    """Every row; one without a prediction, or with a failure for one, is an error.

    Raises:
        DataError: the table cannot be read, or has no column `prediction`.
    """
    rows = read_sheet(content)
    if rows and not any("prediction" in row for row in rows):
        columns = ", ".join(rows[0])
        raise DataError(f"{content.path.name} has no column prediction; it has {columns}.")
    return Answers(tuple(_said(number, row) for number, row in enumerate(rows)))


def _said(number: int, row: Row) -> Said:
    text = row.get("prediction")
    failed = text is None or text.startswith(FAILED)
    where = f"row {number + 2}"
    payload = {"error": f"{where} has no prediction" if text is None else text} if failed else {"text": text}
    pictures = names(row.get("image_path"), row.get("image_name"), row.get("image_id"))
    return Said(where, payload, row.get("index"), pictures, row.get("question"), row.get("answer"), number)
