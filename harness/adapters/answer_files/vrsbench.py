"""VRSBench's answers: lines, or a list, of {image_id, question, ground_truth, answer, type, ...}.

lx709/VRSBench, eval_fianl/compute_metrics.ipynb, which reads these parts, and `size_group` and `is_unique` of
referring expressions, from the output of every model it compares. A picture has several questions: an answer
is of the sample with its picture and its question.
"""

from __future__ import annotations

from .said import Answers, Content, Said, faults_of, has, names, words


def recognises(content: Content) -> bool:
    """By image_id, question, ground_truth and answer, without a question_id of its own for each."""
    return has(content.first, "image_id", "question", "ground_truth", "answer")


def read(content: Content) -> Answers:
    """Every line that was answered."""
    faults = list(faults_of(content.rows))
    said = []
    for place, (where, row) in enumerate(content.rows.rows):
        answer = words(row.get("answer"))
        if answer is None:
            faults.append(f"{where} has no answer")
            continue
        question, truth = words(row.get("question")), words(row.get("ground_truth"))
        said.append(Said(where, {"text": answer}, None, names(row.get("image_id")), question, truth, place))
    return Answers(tuple(said), tuple(faults))
