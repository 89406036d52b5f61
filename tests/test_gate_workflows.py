"""The workflows of the documentation: YAML, and every rsbench command in them is one that rsbench takes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from rsbench.harness.cli import VERBS, root
from rsbench.harness.gate_config import parse_config
from rsbench.harness.verbs.gate import gate

DOCS = Path(__file__).parents[1] / "docs"
WORKFLOWS = sorted((DOCS / "ci").glob("*.yml"))
PAGE = DOCS / "gate.md"


def scripts(node: Any) -> Iterator[str]:
    """The shell text of every step: `run` on GitHub, `script` and `before_script` on GitLab."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("run", "script", "before_script"):
                yield from [value] if isinstance(value, str) else value
            else:
                yield from scripts(value)
    elif isinstance(node, list):
        for value in node:
            yield from scripts(value)


def commands(text: str) -> list[list[str]]:
    """The words of every rsbench command in a shell text; continued lines are one."""
    joined = re.sub(r"\\\n\s*", " ", text)
    lines = [line.strip().partition("  #")[0] for line in joined.splitlines()]
    return [shlex.split(line)[1:] for line in lines if line.startswith("rsbench ")]


def parse(words: list[str]) -> None:
    """Let click read a command; it raises where a verb, an option or a value does not exist."""
    assert words[0] in VERBS
    command = root.get_command(click.Context(root), words[0])
    assert command is not None
    rest = words[1:]
    while isinstance(command, click.Group) and rest:
        command = command.commands[rest[0]]
        rest = rest[1:]
    command.make_context(words[0], list(rest))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_command_of_a_workflow_parses(path: Path) -> None:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    texts = list(scripts(content))
    found = [words for text in texts for words in commands(text)]
    assert {"run", "gate", "report"} <= {words[0] for words in found}
    for words in found:
        parse(words)
    assert any("pip install rsbench" in text for text in texts)
    assert not any("rsbench[" in text for text in texts)  # the base install is enough
    judged = next(words for words in found if words[0] == "gate")
    assert judged[judged.index("--baseline") + 1] == "baseline" and "--junit" in judged


def test_a_command_that_does_not_exist_would_be_noticed() -> None:
    for wrong in ("rsbench gate --base x", "rsbench gate --baseline a --current b", "rsbench run --modle x"):
        with pytest.raises(click.UsageError):
            parse(commands(wrong)[0])


def test_the_workflows_keep_what_the_documentation_says() -> None:
    github, gitlab = (path.read_text(encoding="utf-8") for path in WORKFLOWS)
    steps = yaml.safe_load(github)["jobs"]["gate"]["steps"]
    used = [step.get("uses", "").partition("@")[0] for step in steps]
    assert (
        "actions/cache/restore" in used and "actions/cache/save" in used and "actions/upload-artifact" in used
    )
    job = yaml.safe_load(gitlab)["gate"]
    assert job["artifacts"]["reports"] == {"junit": "gate.xml"} and job["artifacts"]["when"] == "always"
    link = next(words for text in job["script"] for words in commands(text) if words[0] == "gate")[-1]
    assert "{run}" in link and "{id}" in link


def test_the_page_names_every_option_and_key_and_its_examples_are_valid() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for option in gate.params:
        assert f"`{option.opts[0]}" in text, option.opts
    for key in ("figures", "figure", "tasks", "points", "percent", "chance", "significance", "samples"):
        assert f"`{key}`" in text
    for key in ("unparsable", "missing", "paired", "resamples"):
        assert f"`{key}`" in text
    examples = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert examples
    for example in examples:
        parse_config(example, "gate.md")
    found = [
        words for line in re.findall(r"^    (rsbench .*)$", text, re.MULTILINE) for words in commands(line)
    ]
    assert len(found) >= 2
    for words in found:
        if words != ["gate", "--example"]:
            parse(words)
    for path in WORKFLOWS:
        assert f"](ci/{path.name})" in text
    for name in re.findall(r"\]\((?!http)([^)#]+)\)", text):
        assert (DOCS / name).exists(), name
