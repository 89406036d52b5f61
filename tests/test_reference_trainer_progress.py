"""What a training tells: every step on disk, a line now and then, TensorBoard where it is."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from rsbench.reference_model.trainer.progress import LOSSES, TIMES, Journal, Taken, board, seconds


def taken(step: int) -> Taken:
    return Taken(step, 1 / step, 1e-3, 0.5, 100)


def test_steps_are_written_as_they_come_and_cut_where_training_goes_on(tmp_path: Path) -> None:
    journal = Journal(tmp_path, 9, 0, None)
    for step in range(1, 6):
        journal.step(taken(step))
        assert len((tmp_path / LOSSES).read_text(encoding="utf-8").splitlines()) == step
    journal.close()
    with (tmp_path / LOSSES).open("a", encoding="utf-8") as file:
        file.write('{"step": 6, "lo')  # a kill
    journal = Journal(tmp_path, 9, 3, None)
    for step in range(4, 10):
        journal.step(taken(step))
    journal.close()
    rows = [json.loads(line) for line in (tmp_path / LOSSES).read_text(encoding="utf-8").splitlines()]
    assert [row["step"] for row in rows] == list(range(1, 10)) and rows[2]["loss"] == 1 / 3
    assert set(rows[0]) == {"step", "loss", "lr", "norm", "tokens"}  # nothing that differs between runs


def test_the_time_of_all_sessions_is_known(tmp_path: Path) -> None:
    assert seconds(tmp_path) is None
    for done, last in ((0, 4), (3, 6)):  # the first was killed after step 4, its checkpoint is of step 3
        journal = Journal(tmp_path, 9, done, None)
        for step in range(done + 1, last + 1):
            journal.step(taken(step))
        journal.close()
    rows = [json.loads(line) for line in (tmp_path / TIMES).read_text(encoding="utf-8").splitlines()]
    assert [row["step"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert seconds(tmp_path) == pytest.approx(sum(row["seconds"] for row in rows), abs=0.1)


def test_the_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    journal = Journal(tmp_path, 3, 0, None, every_seconds=1e9)
    for step in (1, 2, 3):
        journal.step(taken(step))
    journal.close()
    said = capsys.readouterr().err
    assert said.startswith("step 3/3, loss 0.3333, lr 1.00e-03, ") and said.count("\n") == 1
    assert "tokens/s, 0 s left" in said


def test_tensorboard(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    journal = Journal(tmp_path, 3, 0, board(tmp_path, True, 0, print))
    for step in (1, 2, 3):
        journal.step(taken(step))
    journal.close()
    events = EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    assert [e.value for e in events.Scalars("loss")] == pytest.approx([1, 1 / 2, 1 / 3])
    assert {"loss", "lr", "norm", "tokens per second"} <= set(events.Tags()["scalars"])


def test_tensorboard_is_optional(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    assert board(tmp_path, False, 0, said.append) is None and not said
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)  # as if it could not be imported
    assert board(tmp_path, True, 0, said.append) is None
    assert len(said) == 1 and "pip install tensorboard" in said[0]
