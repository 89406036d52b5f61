"""One model through two doors, from the command: transformers in this process, and the same behind HTTP.

The endpoint is written with transformers alone, as `transformers serve` is: its own chat template, its own
reading of pictures, its own `generate`, one conversation at a time.
"""

from __future__ import annotations

import io
import json
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Any

import pytest

from rsbench.harness.cli import main

from .. import few_cards, tiny_models
from ..misbehaving_endpoint import Answer, Asked, serving

CARDS = ("clrs", "vqa", "grounding", "mar20")
Ledgers = dict[str, dict[str, dict[str, Any]]]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the miniatures lie that all tests share."""
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def tasks(place: Path) -> str:
    return few_cards.write(place, *CARDS)


@pytest.fixture(scope="module", params=["llava", "qwen2_5_vl"])
def model(request: pytest.FixtureRequest, place: Path) -> Path:
    return tiny_models.brief(tiny_models.FAMILIES[request.param](place / request.param))


def run(place: Path, model: str, tasks: str, *options: str) -> None:
    main(
        ["run", "--model", model, "--tasks", tasks, "--data", "mini", "--limit", "3", *options]
        + ["--output", str(place / "runs")]
    )


def answers(place: Path, **arguments: str) -> Ledgers:
    """By task and sample, of the runs whose model had these arguments."""
    found: Ledgers = {}
    for path in place.glob("runs/*/responses.jsonl"):
        spec = json.loads((path.parent / "spec.json").read_text(encoding="utf-8"))["spec"]
        if arguments.items() <= spec["arguments"].items():
            assert (path.parent / "report.md").exists()
            rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
            found[spec["task"]] = {row["sample_id"]: row for row in rows if "error" not in row}
    return found


def served(folder: Path) -> Callable[[Asked], Answer]:
    """Answers of a checkpoint to chat completions."""
    import torch
    from PIL import Image

    load = tiny_models.hf.AutoModelForImageTextToText.from_pretrained
    network, processor = load(folder), tiny_models.hf.AutoProcessor.from_pretrained(folder)
    alone = Lock()

    def part(shown: dict[str, Any]) -> dict[str, Any]:
        if shown["type"] == "text":
            return shown
        url = shown["image_url"]["url"]
        return {"type": "image", "image": Image.open(io.BytesIO(b64decode(url.partition(",")[2])))}

    def answer(asked: Asked) -> Answer:
        messages = [
            {"role": m["role"], "content": [part(p) for p in m["content"]]}
            if isinstance(m["content"], list)
            else {"role": m["role"], "content": [{"type": "text", "text": m["content"]}]}
            for m in asked.body["messages"]
        ]
        inputs = processor.apply_chat_template(
            messages, add_generation_prompt=True, tokenize=True, return_dict=True, return_tensors="pt"
        )
        read = inputs["input_ids"].shape[1]
        with alone, torch.no_grad():
            made = network.generate(**inputs, do_sample=False, max_new_tokens=asked.body["max_tokens"])
        ids = made[0, read:]
        message = {"role": "assistant", "content": processor.decode(ids, skip_special_tokens=True)}
        usage = {"prompt_tokens": read, "completion_tokens": len(ids)}
        return {"choices": [{"message": message, "finish_reason": "stop"}], "usage": usage}

    return answer


def test_an_endpoint_gives_the_answers_of_the_model_behind_it(
    model: Path, place: Path, tasks: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """In batches of two with padding here, one by one there; and an endpoint that dies costs nothing."""
    run(place, str(model), tasks, "--batch-size", "2")
    line = next(line for line in capsys.readouterr().err.splitlines() if "of transformers" in line)
    dialect = line.rpartition("--dialect ")[2]
    reply = served(model)

    def dying(asked: Asked) -> Answer:
        return reply(asked) if asked.number < 5 else 503

    def ask(url: str) -> None:
        address = f"openai,url={url},name={model.name},backoff=0.01,retries=1,concurrency=1"
        run(place, address, tasks, "--dialect", dialect)

    with serving(dying) as endpoint, pytest.raises(SystemExit) as stop:
        ask(endpoint.url)
    assert stop.value.code == 4 and "answers no more" in capsys.readouterr().err
    port = int(endpoint.url.rpartition(":")[2].partition("/")[0])
    with serving(reply, port=port) as again:
        ask(again.url)
    assert len(again.asked) == 3 * len(CARDS) - 5
    here, there = answers(place, checkpoint=model.name), answers(place, name=model.name)
    assert set(there) == set(here) == {f"{name}_few" for name in CARDS}
    for task, rows in here.items():
        assert len(rows) == len(there[task]) == 3
        for sample, row in rows.items():
            for key in ("text", "tokens_in", "tokens_out"):
                assert row[key] == there[task][sample][key], (task, sample)
