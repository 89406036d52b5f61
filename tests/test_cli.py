"""The command: what it imports, and how a mistake is answered."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from rsbench.harness.cli import VERBS, main
from rsbench.harness.datasets.card import read_card
from rsbench.harness.registry import BUILT_IN
from rsbench.harness.verbs.listing import listing

HEAVY = {"numpy", "torch", "PIL", "scipy", "rich", "tabulate", "transformers", "jinja2", "defusedxml"}


def imported(*arguments: str) -> set[str]:
    """The top-level modules that a fresh interpreter has after running the command."""
    code = (
        "import sys\nfrom rsbench.harness.cli import main\n"
        f"try:\n    main({list(arguments)!r})\nexcept SystemExit:\n    pass\n"
        "print(' '.join(sorted({m.partition('.')[0] for m in sys.modules})), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def test_help_imports_the_standard_library_and_click_only() -> None:
    bare = subprocess.run(
        [sys.executable, "-c", "import sys; print(*{m.partition('.')[0] for m in sys.modules})"],
        capture_output=True,
        text=True,
        check=True,
    )
    allowed = set(sys.stdlib_module_names) | {"click", "rsbench"} | set(bare.stdout.split())
    assert imported("--help") - allowed == set()


@pytest.mark.parametrize("kind", ["tasks", "models", "dialects", "metrics", "data"])
def test_listing_imports_nothing_heavier_than_a_yaml_reader(kind: str) -> None:
    modules = imported("list", kind)
    assert modules & HEAVY == set()


@pytest.mark.parametrize(
    ("kind", "table"), [("models", "adapters"), ("dialects", "dialects"), ("metrics", "metrics")]
)
def test_listing_says_what_each_name_is(kind: str, table: str) -> None:
    lines = CliRunner().invoke(listing, [kind]).output.splitlines()
    assert [line.split()[0] for line in lines] == list(BUILT_IN[table])
    assert all(len(line.split()) > 1 and "rsbench." not in line for line in lines)


ORACLE = ["run", "--model", "oracle", "--tasks", "nasc_tg2", "--data", "mini"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["rum"], 2, "Did you mean run"),
        (["run", "--model", "oracle", "--tasks", "mar21", "--data", "mini"], 2, "Did you mean mar20"),
        (
            ["run", "--model", "earthgtp", "--tasks", "nasc_tg2", "--data", "mini", "--limit", "1"],
            2,
            "earthgpt",
        ),
        (
            ["run", "--model", "oracle,colour=red", "--tasks", "nasc_tg2", "--data", "mini", "--limit", "1"],
            2,
            "colour",
        ),
        (["run", "--model", "oracle", "--tasks", "clrs"], 3, "--data mini"),
        (["score", "nowhere"], 3, "There is no ledger"),
        (["report", "nowhere"], 3, "There is no report"),
        (["data", "info", "mar2"], 2, "Did you mean mar20"),
        (
            ["run", "--model", "oracl", "--tasks", "nasc_tg2", "--data", "mini"],
            2,
            "There is no model 'oracl'",
        ),
        ([*ORACLE, "--dialect", "earthgpt,colour=red"], 2, "no option of the dialect earthgpt 'colour'"),
        ([*ORACLE, "--dialect", "earthgpt,decimals=9"], 2, "decimals=9"),
        ([*ORACLE, "--split", "tset"], 2, "Did you mean test"),
        ([*ORACLE, "--limit", "0"], 2, "--limit"),
        ([*ORACLE, "--output", "a file/runs"], 3, "Cannot write"),
        (["run", "--model", "oracle", "--tasks", ",", "--data", "mini"], 2, "No name was given"),
        (["run", "--model", "oracle,x", "--tasks", "nasc_tg2", "--data", "mini"], 2, "is not key=value"),
        (["run", "--model", "oracle", "--tasks", "clrs", "--data", "a file"], 3, "a folder is expected"),
        (["run", "--model", "oracle", "--tasks", "clrs", "--data", "gone"], 3, "There is no folder gone"),
        (["run", "--model", "replay", "--tasks", "nasc_tg2", "--data", "mini"], 2, "answers=FILE"),
        (
            ["run", "--model", "replay,answers=gone", "--tasks", "nasc_tg2", "--data", "mini"],
            3,
            "no file gone",
        ),
        (["data", "mini", "clrs", "--output", "a file/x", "--count", "1"], 3, "Cannot write"),
        (["data", "verify", "clrs"], 2, "--data"),
        (["list", "colours"], 2, "colours"),
    ],
)
def test_a_mistake_is_a_sentence_and_an_exit_code(
    arguments: list[str],
    code: int,
    words: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a file").write_text("x")
    small = replace(
        read_card("nasc_tg2"), mini={**read_card("nasc_tg2").mini, "side": 64, "count": {"test": 1}}
    )
    monkeypatch.setattr(
        "rsbench.harness.plan.read_card", lambda n: small if n == "nasc_tg2" else read_card(n)
    )
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    printed = capsys.readouterr().err
    assert caught.value.code == code, printed
    assert words in printed
    assert "Traceback" not in printed


def test_every_verb_can_be_called_for_help(capsys: pytest.CaptureFixture[str]) -> None:
    for verb in VERBS:
        main([verb, "--help"])
        assert "Usage: rsbench" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (KeyboardInterrupt(), 130, "the same command continues"),
        (PermissionError(13, "Permission denied", "secret.xml"), 3, "Permission denied (secret.xml)"),
    ],
)
def test_what_interrupts_a_run_is_a_sentence_too(
    error: BaseException,
    code: int,
    words: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stop(*_: object) -> None:
        raise error

    monkeypatch.setattr("rsbench.harness.verbs.run.plan", stop)
    with pytest.raises(SystemExit) as caught:
        main(["run", "--model", "oracle", "--tasks", "nasc_tg2", "--data", "mini"])
    assert caught.value.code == code
    assert words in capsys.readouterr().err
