"""How near the 7b preset comes to what a GPU can do: answers at batch 1, and training steps of stage `tune`.

    python benchmarks/gpu_figures.py

Random weights in bfloat16. Answering: the bytes of the weights a token reads over the seconds it takes, as a
part of the bandwidth of a large copy in the same run. Training: four times the weights times the tokens (one
product forward and one backward, as the weights are frozen), as a part of the rate of a large matrix product
in the same run. Without a CUDA device it says so.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import torch

from rsbench.reference_model.bias_tuning import Tuning, apply
from rsbench.reference_model.config import preset
from rsbench.reference_model.decoding import Decoder
from rsbench.reference_model.model import build_language

PROMPT, ANSWER = 64, 128  # tokens


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--preset", default="7b")
    parser.add_argument("--rows", type=int, default=8, help="sequences of a training step")
    parser.add_argument("--length", type=int, default=2048, help="tokens of a sequence")
    options = parser.parse_args()
    if not torch.cuda.is_available():
        print("No CUDA device is at hand: nothing was measured.")
        return
    device = torch.device("cuda")
    config = preset(options.preset)
    with torch.device(device):
        default = torch.get_default_dtype()
        torch.set_default_dtype(torch.bfloat16)
        try:
            language = build_language(config.language).eval()
        finally:
            torch.set_default_dtype(default)
    print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}, {options.preset}")
    answering(language, config.visual_tokens + 1, device)
    training(language, options.rows, options.length, device)


@torch.inference_mode()
def answering(language: Any, prefix: int, device: torch.device) -> None:
    """Print the share of the memory bandwidth at batch 1."""
    bandwidth = copied(device)
    decoder = Decoder(language)
    sights = decoder.prefixes(torch.randn(1, prefix, decoder.width, dtype=decoder.dtype, device=device))
    cache, logits = decoder.start(sights, [[5] * PROMPT])
    chosen = logits.argmax(-1)
    positions = torch.tensor([prefix + PROMPT], device=device)
    seconds = []
    for _ in range(ANSWER):
        began = time.perf_counter()
        logits = decoder.step(cache, chosen, positions)
        chosen, positions = logits.argmax(-1), positions + 1
        chosen.tolist()  # as the loop does, to see whether the answer is over
        seconds.append(time.perf_counter() - began)
    weights = [p for name, p in language.named_parameters() if "embed_tokens" not in name]
    size = sum(p.nbytes for p in weights)
    rate = size / median(seconds)
    print(f"a token takes {median(seconds) * 1e3:.2f} ms: {rate / 1e12:.2f} of {bandwidth / 1e12:.2f} TB/s, "
          f"{rate / bandwidth:.0%} of the limit")  # fmt: skip


def training(language: Any, rows: int, length: int, device: torch.device) -> None:
    """Print the share of the matrix rate of a step with scales and biases alone learning."""
    matrix = multiplied(device)
    apply(language, Tuning(), seed=0)
    for name, weight in language.named_parameters():
        weight.requires_grad_(name.endswith(("alpha", "beta", "scale")))
    learned = [p for p in language.parameters() if p.requires_grad]
    weights = sum(p.numel() for n, p in language.named_parameters() if p.ndim > 1 and "embed_tokens" not in n)
    optimiser = torch.optim.AdamW(learned, lr=2e-5, betas=(0.9, 0.95))
    language.train()
    language.gradient_checkpointing_disable()
    words = language.get_input_embeddings()
    ids = torch.randint(5, 1000, (rows, length), device=device)

    def step() -> None:
        embedded = words(ids).requires_grad_()  # gradients reach the projection's output, too
        language(inputs_embeds=embedded, labels=ids, use_cache=False).loss.backward()
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)

    seconds = timed(step)
    rate = 4 * weights * rows * length / seconds
    print(f"a step of {rows} x {length} tokens takes {seconds:.2f} s: {rate / 1e12:.0f} of "
          f"{matrix / 1e12:.0f} TFLOP/s, {rate / matrix:.0%} of the matrix rate")  # fmt: skip
    print(f"peak memory {torch.cuda.max_memory_allocated() / 2**30:.0f} GiB")


def copied(device: torch.device) -> float:
    """Bytes read and written a second by a large copy."""
    source = torch.empty(2**32, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    return 2 * source.nbytes / timed(lambda: target.copy_(source))


def multiplied(device: torch.device) -> float:
    """Operations a second of a large matrix product in bfloat16."""
    square = torch.randn(16384, 16384, dtype=torch.bfloat16, device=device)
    return 2 * 16384**3 / timed(lambda: square @ square)


def timed(work: Callable[[], object], repeats: int = 7) -> float:
    """Median seconds of a piece of work on the device, after two to warm up."""
    taken = []
    for repeat in range(repeats + 2):
        torch.cuda.synchronize()
        began = time.perf_counter()
        work()
        torch.cuda.synchronize()
        if repeat > 1:
            taken.append(time.perf_counter() - began)
    return median(taken)


if __name__ == "__main__":
    main()
