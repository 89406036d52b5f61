"""The command: what it imports, and how a mistake is answered."""

from __future__ import annotations

import subprocess
import sys

import pytest

from rsbench.harness.cli import VERBS, main

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
    ("arguments", "code", "words"),
    [
        (["rum"], 2, "Did you mean run"),
        (["run", "--model", "oracle", "--tasks", "mar21", "--data", "mini"], 2, "Did you mean mar20"),
        (["run", "--model", "earthgtp", "--tasks", "clrs", "--data", "mini", "--limit", "1"], 2, "earthgpt"),
        (
            ["run", "--model", "oracle,colour=red", "--tasks", "clrs", "--data", "mini", "--limit", "1"],
            2,
            "colour",
        ),
        (["run", "--model", "oracle", "--tasks", "clrs"], 3, "--data mini"),
        (["score", "nowhere"], 3, "There is no ledger"),
        (["report", "nowhere"], 3, "There is no report"),
        (["data", "info", "mar2"], 2, "Did you mean mar20"),
    ],
)
def test_a_mistake_is_a_sentence_and_an_exit_code(
    arguments: list[str],
    code: int,
    words: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: object,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(str(tmp_path))
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
