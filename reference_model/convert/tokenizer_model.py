"""LLaMA's SentencePiece `tokenizer.model` as a `tokenizer.json`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...harness.errors import ModelError, missing_extra
from ..tokenizer import FILE, SPACE, Tokenizer

SENTENCEPIECE = "tokenizer.model"
# both sides must agree on these before anything is written; they tell kinds of SentencePiece apart
_PROBES = (
    "",
    " ",
    "A ship, 12 ships; [0.12,0.34,0.56,0.78].",
    "### Human: What is it?\n### Assistant:",
    "  two spaces  and\ttabs\r\n",
    "\u8239 \U0001f6f0\ufe0f \u00e9 e\u0301 \ufb01 \uff21",  # normalising would change some of these
    "<s></s><unk>",
)


def find_tokenizer(path: Path) -> Tokenizer | None:
    """The tokenizer of a folder, `tokenizer.json` before `tokenizer.model`, or of either file; None without.

    Raises:
        ModelError: there is one and it cannot be used.
    """
    if path.is_file():
        return Tokenizer.read(path.parent, path.name) if path.suffix == ".json" else read_sentencepiece(path)
    if (path / FILE).is_file():
        return Tokenizer.read(path)
    return read_sentencepiece(path / SENTENCEPIECE) if (path / SENTENCEPIECE).is_file() else None


def read_sentencepiece(path: Path) -> Tokenizer:
    """The same vocabulary, and the same numbers for every text.

    Raises:
        ModelError: sentencepiece is not installed, the file is none of its models, or one that splits text
            otherwise than LLaMA's (unigrams, normalisation, no byte fallback).
    """
    try:
        from sentencepiece import SentencePieceProcessor
    except ImportError as error:
        raise missing_extra("sentencepiece", "models") from error

    theirs: Any = SentencePieceProcessor()
    try:
        theirs.Load(str(path))
    except (RuntimeError, OSError) as error:
        raise ModelError(f"{path} is no SentencePiece model: {error}") from error
    ours = Tokenizer(_inner(theirs))
    for probe in _PROBES:
        ids = list(theirs.EncodeAsIds(probe))
        if ours.encode(probe) != ids or ours.decode(ids) != theirs.DecodeIds(ids):
            raise ModelError(
                f"{path} is not SentencePiece of LLaMA's kind: it reads {probe!r} otherwise.",
                "Only byte-pair models with byte fallback and no normalisation are understood.",
            )
    return ours


def _inner(theirs: Any) -> Any:
    from tokenizers import Tokenizer as Inner
    from tokenizers import decoders, models, normalizers, processors

    pieces = [theirs.IdToPiece(number) for number in range(theirs.GetPieceSize())]
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    inner = Inner(
        models.BPE(
            vocab=vocabulary,
            merges=_merges(theirs, vocabulary),
            unk_token=pieces[theirs.unk_id()],
            fuse_unk=True,
            byte_fallback=True,
        )
    )
    inner.normalizer = normalizers.Sequence(
        [normalizers.Prepend(SPACE), normalizers.Replace(" ", SPACE)],
    )
    inner.decoder = decoders.Sequence(
        [
            decoders.Replace(SPACE, " "),
            decoders.ByteFallback(),
            decoders.Fuse(),
            decoders.Strip(content=" ", left=1),
        ]
    )
    start = pieces[theirs.bos_id()]
    # for those who ask for special tokens; ours never does
    inner.post_processor = processors.TemplateProcessing(
        single=f"{start} $A", pair=f"{start} $A {start} $B", special_tokens=[(start, theirs.bos_id())]
    )
    return inner


def _merges(theirs: Any, vocabulary: dict[str, int]) -> list[tuple[str, str]]:
    """Every way to put a piece together from two, those of better pieces first.

    SentencePiece stores pieces with scores and no merges; a piece's score is the rank of its merge.
    """
    made = []
    for piece, number in vocabulary.items():
        if theirs.IsControl(number) or theirs.IsUnknown(number) or theirs.IsByte(number):
            continue
        cuts = [(piece[:at], piece[at:]) for at in range(1, len(piece))]
        known = [cut for cut in cuts if cut[0] in vocabulary and cut[1] in vocabulary]
        known.sort(key=lambda cut: (vocabulary[cut[0]], vocabulary[cut[1]]))
        made += [(-theirs.GetScore(number), cut) for cut in known]
    return [cut for _, cut in sorted(made, key=lambda scored: scored[0])]
