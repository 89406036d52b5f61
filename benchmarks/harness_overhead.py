"""What the harness costs: a whole run of answering, over a bare loop of the same model calls.

    python benchmarks/harness_overhead.py --model earthgpt --tasks clrs --limit 128

Both arms decode the same images and call the same `generate` on the same batches of the same process; which
goes first alternates, and the median of the paired ratios is printed beside the ratio inside the harness arm
(its whole time over the time spent in `generate`), which does not depend on how quiet the machine is.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from statistics import median

from rsbench.harness.contract import Request, Response, Runtime
from rsbench.harness.engines.serial import Serial
from rsbench.harness.ledger import start
from rsbench.harness.plan import Plan, build_adapter, build_dialect, build_spec, plan, versions
from rsbench.harness.predict import predict, requests
from rsbench.harness.progress import Meter
from rsbench.harness.roles import Adapter
from rsbench.harness.verbs.run import watch


class Timed:
    """An adapter that counts the seconds spent in the model."""

    def __init__(self, adapter: Adapter) -> None:
        self.name, self.dialect, self.checkpoint = adapter.name, adapter.dialect, adapter.checkpoint
        self._adapter, self.seconds = adapter, 0.0

    def generate(self, requests: Sequence[Request]) -> Iterable[Response]:
        began = time.perf_counter()
        responses = list(self._adapter.generate(requests))
        self.seconds += time.perf_counter() - began
        return responses


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", default="earthgpt")
    parser.add_argument("--tasks", default="clrs")
    parser.add_argument("--limit", type=int, default=128)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--repeats", type=int, default=8)
    options = parser.parse_args()
    runtime = Runtime(batch_size=options.batch_size)
    adapter, arguments = build_adapter(options.model, runtime)
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder) / "mini"
        plan(options.tasks, "mini", None, options.limit, 0, cache)  # drawn before any clock runs
        arms: dict[str, list[float]] = {"bare": [], "harness": [], "inside": []}
        asked: list[Request] = []
        for repeat in range(options.repeats + 1):
            timed = Timed(adapter)
            # the first round warms caches and gives the requests
            bare = bare_loop(adapter, asked, runtime.batch_size) if repeat % 2 else 0.0
            began = time.perf_counter()
            planned = plan(options.tasks, "mini", None, options.limit, 0, cache)
            asked = answer(planned, timed, arguments, runtime, Path(folder) / str(repeat))
            harness = time.perf_counter() - began
            bare = bare or bare_loop(adapter, asked, runtime.batch_size)
            if repeat:
                for name, seconds in (("bare", bare), ("harness", harness), ("inside", timed.seconds)):
                    arms[name].append(seconds)
    paired = [h / b for h, b in zip(arms["harness"], arms["bare"], strict=True)]
    inside = median(h / i for h, i in zip(arms["harness"], arms["inside"], strict=True))
    print(f"{options.tasks}, {len(asked)} samples, batch {runtime.batch_size}, {options.repeats} pairs")
    print(f"bare loop {median(arms['bare']):.2f} s, harness {median(arms['harness']):.2f} s (medians)")
    print(f"harness / bare loop = {median(paired):.4f} ({min(paired):.4f} to {max(paired):.4f})")
    print(f"harness / time in the model = {inside:.4f}")


def answer(
    planned: Plan, adapter: Timed, arguments: dict[str, str], runtime: Runtime, output: Path
) -> list[Request]:
    """The harness arm: keys, ledger, progress, everything up to the last answer."""
    dialect = build_dialect(adapter.dialect)
    spec = build_spec(planned, adapter, arguments, adapter.dialect, dialect, runtime)
    ledger = start(
        output, spec, planned.dataset.classes, planned.samples, planned.dataset.problems, versions()
    )
    ask = partial(requests, spec, planned.task, dialect, planned.samples, planned.images)
    targets = {sample.id: sample.target for sample in planned.samples}
    with Meter("harness", len(planned.samples), every_seconds=1e9) as meter:
        seen = partial(watch, meter, dialect)
        return predict(ask, adapter, Serial(), ledger, targets, runtime.batch_size, seen)


def bare_loop(adapter: Adapter, asked: Sequence[Request], size: int) -> float:
    """Seconds of the model calls alone."""
    began = time.perf_counter()
    for i in range(0, len(asked), size):
        list(adapter.generate(asked[i : i + size]))
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
