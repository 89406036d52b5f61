"""How long a run of a million questions takes to begin: read, fingerprint, key, look for earlier answers.

    python benchmarks/start_up.py --questions 1000000 --images 10000

Writes questions in the layout of RSVQA-HR (three JSON files; every picture a file of `--bytes` bytes), then
starts a run of them in a process of its own: first afresh, up to the moment where the model is handed its
first batch; then again, with every question answered, up to the last of them. Of both it says the seconds of
each phase, of the wall and of the processor, and the most memory held.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from rsbench.harness.contract import Request, Response, Runtime
from rsbench.harness.engines.serial import Serial
from rsbench.harness.ledger import Appender, Ledger, start
from rsbench.harness.plan import Plan, build_dialect, build_spec, plan, versions
from rsbench.harness.predict import predict, requests
from rsbench.harness.progress import Meter
from rsbench.harness.verbs.run import watch

NOUNS = (
    "residential building",
    "road",
    "water area",
    "grass area",
    "parking",
    "commercial building",
    "forest",
)
FORMS = (
    ("presence", "Is there a {0} in the image?", ("yes", "no")),
    ("comp", "Are there more {0}s than {1}s?", ("yes", "no")),
    ("count", "What is the number of {0}s next to a {1}?", tuple(map(str, range(40)))),
    ("area", "What is the area covered by {0}s?", tuple(f"{n}m2" for n in range(7000))),
)


class Stop(Exception):
    """The model was handed its first batch: the run has begun."""


class Silent:
    """A model that is asked and says nothing."""

    name = "silent"
    dialect: str | None = "plain"
    checkpoint: str | None = None

    def generate(self, requests: Sequence[Request]) -> Iterable[Response]:
        raise KeyboardInterrupt from Stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--questions", type=int, default=1_000_000)
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--bytes", type=int, default=20_000, help="of a picture; RSVQA-HR's have 786,000")
    parser.add_argument("--folder", type=Path, help="where the data is written, and found again")
    parser.add_argument("--phase", choices=("write", "fresh", "again"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.phase == "write":
        write(options.folder / "data", options.questions, options.images, options.bytes)
        return
    if options.phase:
        print(json.dumps(begin(options.folder, options.phase == "again")))
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        sizes = [f"--{name}={getattr(options, name)}" for name in ("questions", "images", "bytes")]
        for phase in ("write", "fresh", "again"):  # each a process: memory is counted from its parent's
            command = [sys.executable, __file__, "--phase", phase, "--folder", str(folder), *sizes]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            if done.stdout:
                print(f"{phase}:")
                show(json.loads(done.stdout.splitlines()[-1]))


def show(found: dict[str, list[float]]) -> None:
    for name, (wall, processor, megabytes) in found.items():
        print(f"  {name:<28}{wall:7.2f} s {processor:7.2f} s of the processor  {megabytes:6.0f} MB at most")


def begin(folder: Path, again: bool) -> dict[str, list[float]]:
    """The phases of a start, in seconds of the wall and of the processor, and megabytes."""
    found: dict[str, list[float]] = {}
    clock = Clock(found)
    planned = plan("rsvqa_hr", str(folder / "data"), None, None, 0, folder / "mini")
    clock.lap("data and fingerprints")
    dialect = build_dialect("plain")
    spec = build_spec(planned, Silent(), {}, "plain", dialect, Runtime())
    data = planned.dataset
    ledger = start(folder / "runs", spec, data.classes, planned.samples, data.problems, versions())
    clock.lap("ledger")
    ask = partial(requests, spec, planned.task, dialect, planned.samples, planned.images)
    with Meter("asking", len(planned.samples)) as meter:
        try:
            predict(ask, Silent(), Serial(), ledger, {}, 16, partial(watch, meter, dialect), meter.found)
        except KeyboardInterrupt:
            assert not again
    clock.lap("keys and earlier answers")
    clock.total()
    if not again:
        answer(ledger, ask, planned)
    return found


class Clock:
    """Seconds since the last lap and since the start of the process, beside the most memory held."""

    def __init__(self, found: dict[str, list[float]]) -> None:
        self._found, self._start = found, (time.perf_counter(), time.process_time())
        self._last = self._start

    def lap(self, name: str) -> None:
        self._note(name, self._last)
        self._last = time.perf_counter(), time.process_time()

    def total(self) -> None:
        self._note("in all", self._start)

    def _note(self, name: str, since: tuple[float, float]) -> None:
        megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        spent = time.perf_counter() - since[0], time.process_time() - since[1]
        self._found[name] = [*(round(s, 3) for s in spent), round(megabytes, 1)]


def answer(ledger: Ledger, ask: partial[Iterator[Request]], planned: Plan) -> None:
    """Answer every question, as a run would have."""
    with Appender(ledger, "responses.jsonl") as appender:
        for request, sample in zip(ask(), planned.samples, strict=True):
            appender.response(
                Response(
                    request.key,
                    request.sample_id,
                    sample.target.texts[0],
                    seconds=0.01,
                    tokens_in=40,
                    tokens_out=3,
                )
            )


def write(folder: Path, questions: int, images: int, size: int) -> None:
    """RSVQA-HR's files of the split that is reported, unless they are there."""
    if folder.exists():
        return
    (folder / "Data").mkdir(parents=True)
    rng = random.Random(0)
    for number in range(images):
        (folder / f"Data/{number}.tif").write_bytes(rng.randbytes(size))
    rows = list(asked(questions, images, rng))
    parts = {
        "questions": [
            {"id": i, "img_id": image, "type": kind, "question": words, "answers_ids": [i], "active": True}
            for i, (image, kind, words, _) in enumerate(rows)
        ],
        "answers": [
            {"id": i, "question_id": i, "answer": said, "active": True}
            for i, (_, _, _, said) in enumerate(rows)
        ],
        "images": [{"id": i, "questions_ids": [], "active": True} for i in range(images)],
    }
    for part, found in parts.items():
        (folder / f"USGS_split_test_phili_{part}.json").write_text(json.dumps({part: found}))


def asked(questions: int, images: int, rng: random.Random) -> Iterator[tuple[int, str, str, str]]:
    """The picture, kind, words and answer of every question, picture by picture as in the published files."""
    for number in range(questions):
        kind, form, answers = FORMS[number % len(FORMS)]
        first, second = rng.sample(NOUNS, 2)
        yield number * images // questions, kind, form.format(first, second), rng.choice(answers)


if __name__ == "__main__":
    main()
