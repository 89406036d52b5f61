"""What a picture costs that many questions are asked of: the whole adapter over the language model alone.

    python benchmarks/questions_per_image.py --questions 100 --batch 16

The adapter reads, hashes and decodes the file, runs the encoders and answers in batches, as in a run. The
other arm has the encoders' output at hand: the language model reads the picture once and answers the same
questions in the same batches. The arms take turns; the ratio is the median of paired ratios, with its range.
The last line says what it would be with the encoders run for every question. On a busy machine,
`--cpu-seconds` with one thread counts what the process is given.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import torch

from rsbench.harness.contract import Image, Request, Runtime, Text
from rsbench.harness.datasets.images import open_rgb
from rsbench.harness.plan import plan
from rsbench.reference_model.adapter import EarthGPTAdapter
from rsbench.reference_model.checkpoint import SHIPPED, load
from rsbench.reference_model.conversation import conversation
from rsbench.reference_model.generate import Asked, Generator
from rsbench.reference_model.model import Seen
from rsbench.reference_model.preprocess import normalised, square_pixels

NOUNS = ("ship", "harbor", "airplane", "vehicle", "bridge", "storage tank", "tennis court", "roundabout")
FORMS = (
    "Is there a {}? Answering the question using a single word or phrase",
    "How many objects like a {} are there? Answering the question using a single word or phrase",
    "Is a {} there, and where? Number {}",
    "Please provide the horizontal bounding box coordinate of the region which is described as:a {} "
    "in this remote sensing image",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--checkpoint", type=Path, default=SHIPPED)
    parser.add_argument("--cpu-seconds", action="store_true", help="of the process, in place of the wall's")
    options = parser.parse_args()
    clock = time.process_time if options.cpu_seconds else time.perf_counter
    asked = [_question(i) for i in range(options.questions)]
    with tempfile.TemporaryDirectory() as folder, torch.inference_mode():
        image = plan("mar20", "mini", None, 1, 0, Path(folder)).samples[0].images[0]
        measure(options.checkpoint, image, asked, options.batch, options.repeats, clock)


def measure(
    folder: Path, image: Image, texts: list[str], batch: int, repeats: int, clock: Callable[[], float]
) -> None:
    loaded = load(folder)
    generator = Generator(loaded.model, loaded.tokenizer)
    pixels = normalised([square_pixels(open_rgb(image), loaded.config.image_size)])
    seen = loaded.model.see(pixels)
    total, alone, encoders = [], [], []
    for repeat in range(repeats + 1):
        adapter = EarthGPTAdapter({"checkpoint": str(folder)}, Runtime())  # has looked at nothing yet
        began = clock()
        answers = whole(adapter, image, texts, batch)
        middle = clock()
        own = language(generator, seen, loaded.config.system_prompt, texts, batch)
        end = clock()
        loaded.model.see(pixels)
        if repeat:  # the first round warms up
            total.append(middle - began)
            alone.append(end - middle)
            encoders.append(clock() - end)
        assert answers == own
    ratios = [t / a for t, a in zip(total, alone, strict=True)]
    every = [(a + len(texts) * e) / a for a, e in zip(alone, encoders, strict=True)]
    print(f"{len(texts)} questions of one picture, batch {batch}, {torch.get_num_threads()} threads")
    print(f"adapter {median(total):.3f} s, language model alone {median(alone):.3f} s (medians)")
    print(f"adapter / language model = {median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})")
    print(f"with the encoders run for every question it would be {median(every):.2f}")


def whole(adapter: EarthGPTAdapter, image: Image, texts: list[str], batch: int) -> list[str | None]:
    requests = [Request(str(i), "", (image,), Text(text), text) for i, text in enumerate(texts)]
    parts = (requests[i : i + batch] for i in range(0, len(requests), batch))
    return [answer.text for part in parts for answer in adapter.generate(part)]


def language(generator: Generator, seen: Seen, system: str, texts: list[str], batch: int) -> list[str]:
    (sight,) = generator.sights(seen)
    asked = [Asked(conversation(system, (), text), 512) for text in texts]
    parts = (asked[i : i + batch] for i in range(0, len(asked), batch))
    return [answer.text for part in parts for answer in generator.answer([sight] * len(part), part)]


def _question(number: int) -> str:
    form, noun = FORMS[number % len(FORMS)], NOUNS[number // len(FORMS) % len(NOUNS)]
    return form.format(noun, number)


if __name__ == "__main__":
    main()
