"""Files of answers to yes-or-no questions with their truths inside, and the runs that `rsbench score` makes.

made_answers.run(folder, right=240)  ->  the folder of a run in which 240 of 300 answers are right
"""

from __future__ import annotations

import json
from pathlib import Path

from rsbench.harness.cli import main

QUESTIONS = 300  # two to a picture


def run(folder: Path, right: int, garbled: int = 0, other_truths: int = 0) -> Path:
    """A run below `folder`: the first answers are right, so many; the last `garbled` say nothing.

    With `other_truths`, so many truths are those of another copy of the data.
    """
    rows = []
    for i in range(QUESTIONS):
        truth, other = ("yes", "no") if (i % 2 == 0) != (i < other_truths) else ("no", "yes")
        said = truth if i < right else other
        rows.append(
            {
                "id": str(i),
                "image": f"{i // 2}.png",
                "question": f"Is there a ship at berth {i}?",
                "annotation": truth,
                "answer": "" if i >= QUESTIONS - garbled else said,
                "vqa_type": "presence",
            }
        )
    folder.mkdir(parents=True, exist_ok=True)
    answers = folder / "answers.jsonl"
    answers.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    main(["score", str(answers), "--task", "vqa", "--output", str(folder), "--resamples", "20"])
    answers.unlink()
    (made,) = folder.glob("vqa-replay-*")
    return made
