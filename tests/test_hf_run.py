"""Five cards of different families through `rsbench run` with tiny models, stopped and continued."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from rsbench.harness.adapters.hf import HuggingFace
from rsbench.harness.cli import main
from rsbench.harness.contract import Request, Response

from . import few_cards, tiny_models

CARDS = ("vqa", "clrs", "captions", "grounding", "mar20")


def run(model: Path, tasks: str, output: Path) -> None:
    main(
        ["run", "--model", str(model), "--tasks", tasks, "--data", "mini", "--limit", "3"]
        + ["--batch-size", "2", "--output", str(output)]
    )


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs of both models, so that miniatures are drawn once."""
    return tmp_path_factory.mktemp("runs")


def ledgers(output: Path, model: Path) -> dict[str, list[dict[str, object]]]:
    """The answers of every run of a model by its task."""
    found = {}
    for folder in output.iterdir():
        if (folder / "spec.json").exists():
            spec = json.loads((folder / "spec.json").read_text(encoding="utf-8"))["spec"]
            if spec["arguments"]["checkpoint"] == model.name:
                lines = (folder / "responses.jsonl").read_text(encoding="utf-8").splitlines()
                found[spec["task"]] = [json.loads(line) for line in lines]
    return found


@pytest.mark.parametrize("make", [tiny_models.llava, tiny_models.qwen2_5_vl])
def test_five_families_are_asked_and_an_interrupted_run_is_continued(
    make: Callable[[Path], Path],
    tmp_path: Path,
    output: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    model = tiny_models.brief(make(tmp_path / make.__name__))
    tasks = few_cards.write(tmp_path, *CARDS)
    generate, asked, most = HuggingFace.generate, list[str](), 4

    def counting(adapter: HuggingFace, requests: Sequence[Request]) -> list[Response]:
        if len(asked) >= most:
            raise KeyboardInterrupt
        asked.extend(request.key for request in requests)
        return generate(adapter, requests)

    monkeypatch.setattr(HuggingFace, "generate", counting)
    with pytest.raises(SystemExit) as stop:
        run(model, tasks, output)
    assert stop.value.code == 130 and "the same command continues" in capsys.readouterr().err
    before = ledgers(output, model)
    assert 0 < sum(map(len, before.values())) < 15

    most = 99
    run(model, tasks, output)
    after = ledgers(output, model)
    assert set(after) == {f"{name}_few" for name in CARDS}
    for task, rows in after.items():
        assert len(rows) == 3 and not any("error" in row for row in rows)
        assert all(row["text"] is not None and row["tokens"] and row["frame"] for row in rows)
        assert rows[: len(before.get(task, []))] == before.get(task, [])
        assert all((folder / "report.md").exists() for folder in output.glob(f"{task}-hf-*"))
    # batches of 2 and 1: nothing that was answered as a whole batch is asked again
    assert len(asked) == len(set(asked)) == 15
    run(model, tasks.partition(",")[0], output)
    assert len(asked) == 15 and ledgers(output, model) == after
