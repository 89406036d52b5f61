"""A task rebuilt from its ledger asks exactly what the run asked."""

from __future__ import annotations

import json
from pathlib import Path

from rsbench.harness.contract import Runtime
from rsbench.harness.ledger import start
from rsbench.harness.plan import build_adapter, build_spec, plan, stored_task


def test_a_stored_task_asks_the_same(tmp_path: Path) -> None:
    content = {
        "images": [{"id": 1, "file_name": "a.jpg", "width": 9, "height": 9}],
        "categories": [{"id": 7, "name": "Ship"}, {"id": 9, "name": "StorageTank"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 9, "bbox": [1, 1, 5, 5]}],
    }
    (tmp_path / "data").mkdir()
    (tmp_path / "data/a.json").write_text(json.dumps(content))
    planned = plan("coco", str(tmp_path / "data"), None, None, 0, tmp_path)
    adapter, options = build_adapter("blank", Runtime())
    spec = build_spec(planned, adapter, options, None, None, Runtime())
    data = planned.dataset
    ledger = start(tmp_path, spec, data.classes, planned.samples, data.problems, {}, None, data.aliases)
    again = stored_task(ledger)
    assert again.request(ledger.samples()[0], ()) == planned.task.request(planned.samples[0], ())
    assert data.aliases == (("category_id 7", "ship"), ("category_id 9", "storage tank"))
