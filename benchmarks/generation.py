"""How fast the reference model answers in batches, beside one at a time and beside transformers' `generate`.

    python benchmarks/generation.py --tasks mar20,clrs --batch 32 --repeats 7

For each task, the pictures and prompts of its miniature. Answering begins with what the encoders saw: the
language model reads BOS, picture and prompt and writes greedily until EOS, in all arms with the same weights.
`transformers` is `LlamaForCausalLM.generate` on left padded `inputs_embeds`; `from pixels` has the encoders,
too. The arms take turns; times are medians, ratios are medians of paired ratios, with their range. The tokens
of all arms are compared. On a busy machine, `--cpu-seconds` with one thread counts what a process is given.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import torch
from torch import Tensor

from rsbench.harness.contract import Request
from rsbench.harness.datasets.images import open_rgb
from rsbench.harness.plan import build_dialect, plan
from rsbench.reference_model.checkpoint import SHIPPED, load
from rsbench.reference_model.conversation import conversation
from rsbench.reference_model.generate import Asked, Generator
from rsbench.reference_model.model import Seen
from rsbench.reference_model.preprocess import normalised, square_pixels

LIMIT = 512  # tokens of an answer, as in a run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--tasks", default="mar20,mar20_obb,clrs")
    parser.add_argument("--checkpoint", type=Path, default=SHIPPED)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--threads", type=int, help="of torch")
    parser.add_argument("--cpu-seconds", action="store_true", help="of the process, in place of the wall's")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    bench = Bench(options.checkpoint, time.process_time if options.cpu_seconds else time.perf_counter)
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, batch {options.batch}")
    for task in options.tasks.split(","):
        bench.measure(task, options.batch, options.repeats)


class Bench:
    """One loaded model and its arms."""

    def __init__(self, folder: Path, clock: Callable[[], float]) -> None:
        self.clock = clock
        loaded = load(folder)
        self.model, self.tokenizer, self.config = loaded.model, loaded.tokenizer, loaded.config
        self.generator = Generator(self.model, self.tokenizer, marks=())  # EOS alone, as `generate` has it

    @torch.inference_mode()
    def measure(self, task: str, batch: int, repeats: int) -> None:
        pixels, prompts = self.questions(task, batch)
        seen = self.model.see(pixels)
        arms: dict[str, Callable[[], list[list[int]]]] = {
            f"ours, batch {batch}": lambda: self.ours(seen, prompts, batch),
            "ours, batch 1": lambda: self.ours(seen, prompts, 1),
            f"transformers, batch {batch}": lambda: self.theirs(seen, prompts, batch),
            "transformers, batch 1": lambda: self.theirs(seen, prompts, 1),
            f"from pixels, batch {batch}": lambda: self.whole(pixels, prompts, batch),
            "from pixels, batch 1": lambda: self.whole(pixels, prompts, 1),
        }
        times: dict[str, list[float]] = {name: [] for name in arms}
        answers = {}
        for repeat in range(repeats + 1):
            for name in list(arms) if repeat % 2 else reversed(list(arms)):
                began = self.clock()
                answers[name] = arms[name]()
                if repeat:  # the first round warms up
                    times[name].append(self.clock() - began)
        first, alone, theirs, theirs_alone, whole, whole_alone = times
        lengths = [len(ids) for ids in answers[first]]
        print(f"\n{task}: {len(prompts)} answers of {min(lengths)} to {max(lengths)} tokens, mean "
              f"{sum(lengths) / len(lengths):.1f}")  # fmt: skip
        for name, taken in times.items():
            print(f"  {name:26} {len(prompts) / median(taken):8.1f} images/s")
        pairs = ((first, alone), (first, theirs), (alone, theirs_alone), (theirs, theirs_alone))
        for fast, slow in (*pairs, (first, theirs_alone), (whole, whole_alone)):
            ratios = [s / f for f, s in zip(times[fast], times[slow], strict=True)]
            print(f"  {fast} / {slow} = {median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")
        for name in arms:
            same = sum(a == b for a, b in zip(answers[first], answers[name], strict=True))
            print(f"  the same tokens as {name}: {same} of {len(prompts)}")

    def questions(self, task: str, count: int) -> tuple[Tensor, list[str]]:
        """Pixels and conversations of the first samples of a miniature."""
        with tempfile.TemporaryDirectory() as folder:
            planned = plan(task, "mini", None, count, 0, Path(folder))
            asked = [planned.task.request(sample, ()) for sample in planned.samples]
            dialect = build_dialect("earthgpt")
            assert dialect is not None
            pictures = [open_rgb(sample.images[0]) for sample in planned.samples]
        prompts = [dialect.render(Request("", "", (), wants)) for wants in asked if wants is not None]
        squares = [square_pixels(picture, self.config.image_size) for picture in pictures]
        return normalised(squares), [conversation(self.config.system_prompt, (), p) for p in prompts]

    def ours(self, seen: Seen, prompts: Sequence[str], batch: int) -> list[list[int]]:
        found: list[list[int]] = []
        for i in range(0, len(prompts), batch):
            sights = self.generator.sights(Seen(seen.tokens[i : i + batch], None))
            answers = self.generator.answer(sights, [Asked(p, LIMIT) for p in prompts[i : i + batch]])
            found += [list(answer.ids) for answer in answers]
        return found

    def whole(self, pixels: Tensor, prompts: Sequence[str], batch: int) -> list[list[int]]:
        found: list[list[int]] = []
        for i in range(0, len(prompts), batch):
            sights = self.generator.see(pixels[i : i + batch])
            answers = self.generator.answer(sights, [Asked(p, LIMIT) for p in prompts[i : i + batch]])
            found += [list(answer.ids) for answer in answers]
        return found

    def theirs(self, seen: Seen, prompts: Sequence[str], batch: int) -> list[list[int]]:
        language, special = self.model.language, self.config.language
        words = language.get_input_embeddings()
        bos = words(torch.tensor([special.bos_id]))
        found: list[list[int]] = []
        for i in range(0, len(prompts), batch):
            ids = [self.tokenizer.encode(prompt) for prompt in prompts[i : i + batch]]
            width = max(map(len, ids))
            rows, mask = [], torch.ones(len(ids), width + 1 + seen.tokens.shape[1], dtype=torch.long)
            for row, numbers in enumerate(ids):
                gap = width - len(numbers)
                mask[row, :gap] = 0
                padding = words(torch.full((gap,), special.pad_id))
                rows.append(torch.cat([padding, bos, seen.tokens[i + row], words(torch.tensor(numbers))]))
            out: Any = language.generate(
                inputs_embeds=torch.stack(rows), attention_mask=mask, max_new_tokens=LIMIT, do_sample=False
            )
            for numbers in out.tolist():
                end = numbers.index(special.eos_id) + 1 if special.eos_id in numbers else len(numbers)
                found.append(numbers[:end])
        return found


if __name__ == "__main__":
    main()
