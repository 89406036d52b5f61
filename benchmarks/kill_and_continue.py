"""Kill a run at random moments, continue it each time, and compare its report with an undisturbed one's.

    python benchmarks/kill_and_continue.py --model earthgpt --tasks clrs --limit 64

Exit code 0 where every continued run ends with the same bytes in report.json, report.md and evidence.jsonl.
"""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COMPARED = ("report.json", "report.md", "evidence.jsonl")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", default="earthgpt")
    parser.add_argument("--tasks", default="clrs")
    parser.add_argument("--limit", type=int, default=64)
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        failures = compare(options, Path(folder))
    print(f"{options.kills} kills, {failures} different reports")
    sys.exit(1 if failures else 0)


def compare(options: argparse.Namespace, folder: Path) -> int:
    """Run once undisturbed, then once per kill; the number of runs that ended differently."""
    chance = random.Random(options.seed)
    subprocess.run(command(options, folder / "whole"), check=True, capture_output=True)
    expected = results(folder / "whole")
    shutil.copytree(folder / "whole" / "mini", folder / "again" / "mini")
    started = time.monotonic()  # with the miniature drawn, as the runs to be killed find it
    subprocess.run(command(options, folder / "again"), check=True, capture_output=True)
    seconds = time.monotonic() - started
    same = results(folder / "again") == expected
    print(f"undisturbed: {seconds:.1f} s, {len(expected)} files, the same twice: {same}")
    failures = int(not same)
    for kill in range(options.kills):
        output = folder / f"killed-{kill}"
        shutil.copytree(folder / "whole" / "mini", output / "mini")
        moment = chance.uniform(0.02, 1.0) * seconds
        killed = kill_at(command(options, output), moment)
        answers = sum(len(p.read_bytes().splitlines()) for p in output.glob("*/responses.jsonl"))
        subprocess.run(command(options, output), check=True, capture_output=True)
        same = results(output) == expected
        failures += not same
        state = "killed" if killed else "had ended"
        print(f"at {moment:6.2f} s {state} with {answers} answers: {'identical' if same else 'DIFFERENT'}")
    return failures


def command(options: argparse.Namespace, output: Path) -> list[str]:
    """The command of a run."""
    words = [sys.executable, "-m", "rsbench", "run", "--data", "mini", "--output", str(output)]
    for name in ("model", "tasks", "limit", "batch_size"):
        words += [f"--{name.replace('_', '-')}", str(getattr(options, name))]
    return words


def kill_at(words: list[str], moment: float) -> bool:
    """Start a run and send it SIGKILL after some seconds; False where it had ended before."""
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.wait(timeout=moment)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return True
    return False


def results(output: Path) -> dict[str, bytes]:
    """The compared files of every run folder below `output`."""
    return {
        f"{path.parent.name}/{path.name}": path.read_bytes()
        for name in COMPARED
        for path in sorted(output.glob(f"*/{name}"))
    }


if __name__ == "__main__":
    main()
