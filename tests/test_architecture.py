"""Who may import whom: every arrow points into the harness, and there down to the contract."""

from __future__ import annotations

import ast
import importlib
import statistics
from pathlib import Path

import pytest

import rsbench
from rsbench.harness.registry import BUILT_IN

ROOT = Path(rsbench.__file__).parent
FOLDERS = ("harness", "tasks", "reference_model", "leaderboards")
FILES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))

# the right-hand side is all that files of the left-hand side may import from within rsbench
ALLOWED = {
    "harness.contract": set(),
    "harness.roles": {"contract"},
    "harness.errors": set(),
    "harness.adapters": {"contract", "roles", "errors", "geometry", "adapters", "arguments", "registry"},
    "harness.engines": {"contract", "roles", "errors", "geometry", "engines"},
    "harness.metrics": {"contract", "roles", "errors", "geometry", "metrics"},
    "harness.dialects": {"contract", "roles", "errors", "geometry", "answers", "dialects"},
}
APART = ("predict", "confidence", "score", "report")


def imports(path: Path) -> set[str]:
    """Dotted names inside rsbench that a file imports, seen from the root."""
    found = set()
    here = path.relative_to(ROOT).with_suffix("").parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = here[: len(here) - node.level]
            parts = [*base, *(node.module or "").split(".")] if node.module else list(base)
            found |= {".".join(parts)} if node.module else {".".join([*parts, a.name]) for a in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("rsbench"):
            pytest.fail(f"{path.name} imports {node.module} absolutely; use a relative import")
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_arrows_point_down(path: Path) -> None:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    arrows = imports(path)
    if name.startswith("harness."):
        assert not {a for a in arrows if a.startswith(("tasks", "reference_model", "leaderboards"))}
    if name.startswith("tasks."):
        assert not {a for a in arrows if a.startswith("reference_model")}
    for prefix, allowed in ALLOWED.items():
        if name == prefix or name.startswith(prefix + "."):
            inside = {a.split(".")[1] for a in arrows if a.startswith("harness.")}
            assert inside <= allowed, f"{name} imports {inside - allowed}"
    for stage in APART:
        if name == f"harness.{stage}":
            assert not arrows & {f"harness.{other}" for other in APART if other != stage}


def test_files_and_functions_are_small() -> None:
    lengths = [len(path.read_text(encoding="utf-8").splitlines()) for path in FILES]
    assert max(lengths) <= 400
    assert statistics.median(lengths) < 150
    functions = sorted(
        node.end_lineno - node.lineno + 1
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.end_lineno
    )
    assert functions[int(0.95 * len(functions))] < 50


@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind, table in BUILT_IN.items() for name in table]
)
def test_every_name_in_the_registry_leads_somewhere(kind: str, name: str) -> None:
    module, _, attribute = BUILT_IN[kind][name].partition(":")
    assert hasattr(importlib.import_module(module), attribute)
