"""Stages by name."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from rsbench.harness.errors import UsageError
from rsbench.reference_model.trainer.stages import STAGES, run


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_leads_somewhere(stage: str) -> None:
    module, _, attribute = STAGES[stage].partition(":")
    assert callable(getattr(import_module(module), attribute))


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ({}, "r.yaml has no key 'stage'.\nIt is one of encoders, align, tune."),
        ({"stage": "algin"}, "There is no stage in r.yaml 'algin'.\nDid you mean align?"),
        ({"stage": "encoders"}, "r.yaml has no key 'batch'."),
        ({"stage": "encoders", "presett": 1}, "Did you mean preset or start?"),
    ],
)
def test_stages_that_are_none(raw: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        run(raw, "r.yaml", tmp_path, True, print)
    assert str(caught.value).startswith(said) or said in str(caught.value)
