"""NAME,key=value and lists of names."""

from __future__ import annotations

from pathlib import Path

import pytest

from rsbench.harness.arguments import (
    name_list,
    named,
    number,
    portable,
    portable_value,
    whole,
    without_credentials,
)
from rsbench.harness.errors import UsageError


def test_a_name_alone_and_with_options() -> None:
    assert named("oracle") == ("oracle", {})
    assert named("replay,answers=a=b.json,dialect=plain") == (
        "replay",
        {"answers": "a=b.json", "dialect": "plain"},
    )


@pytest.mark.parametrize("text", ["", ",a=b", "x,a", "x,=b", "x,a=1,a=2", "x,", "x,a=1,", "x,a='1,2"])
def test_what_cannot_be_understood_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        named(text)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"1,2"', "1,2"),
        ("'python m.py --names \"a,b\"'", 'python m.py --names "a,b"'),
        ('"a ""quoted"" word, and more"', 'a "quoted" word, and more'),
        ("''", ""),
        ("python -c 'print(1)'", "python -c 'print(1)'"),  # quotes that do not begin the value
        ("it's", "it's"),
        ('"a"b', '"a"b'),  # no comma behind it: no quoting
        ("a=b=c", "a=b=c"),
        ('\'{"top_p": 1, "top_k": 2}\'', '{"top_p": 1, "top_k": 2}'),
    ],
)
def test_values_with_commas_are_quoted(text: str, value: str) -> None:
    assert named(f"x,a={text}") == ("x", {"a": value})
    assert named(f"x,b=1,a={text},c=2") == ("x", {"b": "1", "a": value, "c": "2"})


def test_lists_keep_order_and_drop_repeats() -> None:
    assert name_list("b, a,,b") == ["b", "a"]
    with pytest.raises(UsageError):
        name_list(" , ")


def test_numbers() -> None:
    assert number({"a": "0.5"}, "a", 1) == 0.5 and number({}, "a", 1) == 1
    assert whole({"a": "3"}, "a", 1) == 3 and whole({}, "a", 7) == 7
    for text in ("", "x", "-1", "nan", "inf"):
        with pytest.raises(UsageError):
            number({"a": text}, "a", 1)
    for text in ("1.5", "0", "x"):
        with pytest.raises(UsageError):
            whole({"a": text}, "a", 1)


def test_a_spec_never_holds_a_path() -> None:
    assert portable({"checkpoint": "/home/x/nano", "b": "c"}) == {"b": "c", "checkpoint": "nano"}
    assert portable_value("../runs/a.jsonl") == "a.jsonl"
    assert portable_value("C:\\data\\a.jsonl").endswith("a.jsonl")
    assert portable_value("runs/deep/a.jsonl") == "a.jsonl"


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/data/training/short/checkpoint", "short/checkpoint"),
        ("/data/training/short/checkpoint/", "short/checkpoint"),
        ("training/long/checkpoint-100", "long/checkpoint-100"),
        ("../long/model", "long/model"),
        ("work_dirs/rcnn/epoch_12.pth", "rcnn/epoch_12.pth"),
        ("/a/clip/Best.pt", "clip/Best.pt"),
        ("short/checkpoint", "short/checkpoint"),
        ("/data/short/checkpoint-tuned", "checkpoint-tuned"),  # which tells it from others
        ("/data/short/model.py", "model.py"),
        ("/data/run7/answers.jsonl", "answers.jsonl"),
        ("checkpoint", "checkpoint"),
        ("./checkpoint", "checkpoint"),
        ("../checkpoint", "checkpoint"),
        ("~/checkpoint", "checkpoint"),
        ("/checkpoint", "checkpoint"),
        ("/home/someone/checkpoint", "checkpoint"),
        ("/Users/someone/best.pth", "best.pth"),
        ("C:/checkpoint", "checkpoint"),
        ("--weights=/checkpoint", "checkpoint"),
    ],
)
def test_the_folder_of_a_training_tells_its_checkpoint_from_others(path: str, kept: str) -> None:
    """One folder at most, and never from the root of the machine or a user's own."""
    assert portable_value(path) == kept
    assert portable_value(kept) == kept  # what a page prints leads to the same name


def test_a_name_of_a_hub_is_no_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert portable_value("Qwen/Qwen2.5-VL-7B-Instruct") == "Qwen/Qwen2.5-VL-7B-Instruct"
    (tmp_path / "Qwen" / "Qwen2.5-VL-7B-Instruct").mkdir(parents=True)
    assert portable_value("Qwen/Qwen2.5-VL-7B-Instruct") == "Qwen2.5-VL-7B-Instruct"


def test_an_address_loses_its_secrets() -> None:
    assert without_credentials("http://me:p%40ss@host/v1?api-version=2&key=s#x") == "http://host/v1"
    assert portable({"url": "https://host:8443/v1"}) == {"url": "https://host:8443/v1"}
