"""GeoChat's answers: lines of {question_id, image_id, answer}, and of the item's own parts for some tasks.

mbzuai-oryx/GeoChat, geochat/eval/batch_geochat_{vqa,scene,referring,grounding}.py: VQA has no truth, scenes
have `ground_truth` and the picture's path as question_id, region tasks `question`, `ground_truth`, `type`,
`obj_ids`, `size_group`; image_id is a file name, for region tasks without its suffix.
"""

from __future__ import annotations

from .said import Answers, Content, Said, faults_of, has, names, words


def recognises(content: Content) -> bool:
    """By question_id, image_id and answer."""
    return has(content.first, "question_id", "image_id", "answer")


def read(content: Content) -> Answers:
    """Every line that was answered."""
    faults = list(faults_of(content.rows))
    said = []
    for place, (where, row) in enumerate(content.rows.rows):
        answer, name = words(row.get("answer")), row.get("question_id")
        if answer is None:
            faults.append(f"{where} has no answer")
            continue
        pictures = names(row.get("image_id"), row.get("image"))
        question, truth = words(row.get("question")), words(row.get("ground_truth"))
        key = None if name is None else str(name)
        said.append(Said(where, {"text": answer}, key, pictures, question, truth, place))
    return Answers(tuple(said), tuple(faults))
