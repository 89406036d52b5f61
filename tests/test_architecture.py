"""Who may import whom: every arrow points into the harness, and there down to the contract."""

from __future__ import annotations

import ast
import importlib
import re
import statistics
import sys
from pathlib import Path

import pytest

import rsbench
from rsbench.harness.registry import BUILT_IN

ROOT = Path(rsbench.__file__).parent
FOLDERS = ("harness", "tasks", "reference_model", "leaderboards")
FILES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))

# the right-hand side is all that files of the left-hand side may import from within rsbench
ALLOWED = {
    "harness.contract": {"frame"},
    "harness.frame": set(),
    "harness.roles": {"contract", "judgement"},
    "harness.judgement": set(),
    "harness.errors": set(),
    "harness.adapters": {
        "contract",
        "roles",
        "errors",
        "geometry",
        "adapters",
        "arguments",
        "registry",
        "records",
        "pictures",
    },
    "harness.engines": {"contract", "roles", "errors", "geometry", "engines"},
    "harness.records": {"errors"},
    "harness.text": {"text"},
    "harness.rules": {"contract", "errors", "answers", "rules"},
    "harness.metrics": {
        "contract",
        "judgement",
        "roles",
        "errors",
        "geometry",
        "rotated",
        "legacy_iou",
        "answers",
        "rules",
        "text",
        "metrics",
    },
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


def outside(path: Path) -> set[str]:
    """Top-level packages a file imports that are neither ours nor of the standard library."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").partition(".")[0])
    return found - set(sys.stdlib_module_names)


def test_the_base_install_is_what_the_base_imports() -> None:
    """Scoring, reporting and reading data need each package that setup.py asks for, and no other."""
    setup = Path(__file__).parents[1] / "setup.py"
    lists = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in ast.parse(setup.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id == "BASE"
    }
    asked = {re.split("[<>=]", item)[0] for item in lists["BASE"]}
    called = {"PIL": "pillow", "yaml": "pyyaml"}
    of_extras = (  # [models], [mmrotate], [semantic], [datasets], [plots]
        "reference_model",
        "harness/adapters/grounding_dino.py",
        "harness/adapters/hf.py",
        "harness/adapters/hugging_face",
        "harness/adapters/mmrotate.py",
        "harness/adapters/open_clip",
        "harness/datasets/hugging_face",
        "harness/datasets/overlap.py",
        "harness/metrics/similarity.py",
        "harness/plots.py",
    )
    base = [path for path in FILES if not path.relative_to(ROOT).as_posix().startswith(of_extras)]
    imported = {called.get(name, name) for path in base for name in outside(path)}
    by_duck = {"torch"}  # memory is handed back where torch is in use: looked up, not imported
    assert imported - by_duck == asked


FORBIDDEN = {
    "environ": "reads the environment",
    "getenv": "reads the environment",
    "eval": "runs text",
    "exec": "runs text",
    "pickle": "loads code with data",
    "unsafe_load": "loads code with data",
    "full_load": "loads code with data",
    "fromstring": "parses XML without a bound",
    "seed": "touches a global state of random numbers",
    "manual_seed": "touches a global state of random numbers",
}
ALLOWED_CALLS = {  # name -> below which folder or file it may be
    "manual_seed": "reference_model/",  # torch draws weights and batches from it
    "environ": "harness/adapters/openai.py",  # the one place a key comes from
}


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_nothing_unsafe_or_hidden(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        function = node.func if isinstance(node, ast.Call) else node
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        called = isinstance(node, ast.Call) or name in ("environ", "pickle")
        model_eval = name == "eval" and isinstance(function, ast.Attribute)  # torch: not in training
        if called and name in FORBIDDEN and not model_eval:
            place = path.relative_to(ROOT).as_posix()
            assert place.startswith(ALLOWED_CALLS.get(name, "nowhere")), (
                f"{name} in line {getattr(node, 'lineno', 0)}: {FORBIDDEN[name]}"
            )
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("xml."):
            assert not {alias.name for alias in node.names} & {
                "parse",
                "iterparse",
                "XMLParser",
                "make_parser",
            }
