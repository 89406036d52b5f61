"""Requests as chat completions, and chat completions as responses (OpenAI's API reference, chat/create)."""

from __future__ import annotations

import codecs
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..contract import Request, Token
from .openai_endpoint import Passing, Refused
from .openai_options import Options
from .openai_pictures import Sent


@dataclass(frozen=True, slots=True)
class Completion:
    """What came back: `cut` where the bound on new tokens ended it; token counts are 0 where not told."""

    text: str
    tokens: tuple[Token, ...] = ()
    tokens_in: int = 0
    tokens_out: int = 0
    cut: bool = False


def body(request: Request, pictures: Sequence[Sent], options: Options) -> dict[str, Any]:
    """The body of a chat completion: the pictures stand before the first question of the conversation."""
    decoding = request.decoding
    asked: dict[str, Any] = {
        "model": options.name,
        "messages": _messages(request, pictures, options.detail),
        options.limit: decoding.max_new_tokens,
        "temperature": decoding.temperature,
        "stream": False,
    }
    if options.logprobs and decoding.logprobs:
        asked["logprobs"] = True
    asked |= options.body
    return {key: value for key, value in asked.items() if value is not None}


def completion(answer: Any) -> Completion:
    """The first choice of a chat completion.

    Raises:
        Passing: the answer is not whole.
        Refused: the endpoint withholds it.
    """
    if not isinstance(answer, dict):
        raise Passing("it answered with JSON that is no chat completion")
    choices = answer.get("choices")
    if not isinstance(choices, list) or not choices:
        error = answer.get("error")
        said = error.get("message") if isinstance(error, dict) else error
        raise Passing(f"it answered without choices{f': {str(said)[:300]}' if said else ''}")
    choice = choices[0] if isinstance(choices[0], dict) else {}
    reason, message = choice.get("finish_reason"), choice.get("message")
    if reason == "content_filter":
        raise Refused("the endpoint withholds the answer (content_filter)", 200)
    text = _text(message) if isinstance(message, dict) else None
    if text is None and reason == "length" and isinstance(message, dict):
        text = ""  # every token went into reasoning
    if text is None:
        raise Passing("it answered with a choice that holds no text")
    usage = answer.get("usage")
    counts = usage if isinstance(usage, dict) else {}
    return Completion(
        text,
        _tokens(choice.get("logprobs"), text),
        _count(counts.get("prompt_tokens")),
        _count(counts.get("completion_tokens")),
        reason == "length",
    )


def _messages(request: Request, pictures: Sequence[Sent], detail: str | None) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = []
    for picture in pictures:
        address = {"url": picture.url} | ({"detail": detail} if detail else {})
        shown.append({"type": "image_url", "image_url": address})
    messages: list[dict[str, Any]] = []
    if request.system is not None:
        messages.append({"role": "system", "content": request.system})
    for turn in request.turns:
        messages.append({"role": "user", "content": turn.question})
        messages.append({"role": "assistant", "content": turn.answer})
    messages.append({"role": "user", "content": request.prompt})
    if shown:
        first = next(message for message in messages if message["role"] == "user")
        first["content"] = [*shown, {"type": "text", "text": first["content"]}]
    return messages


def _text(message: Mapping[str, Any]) -> str | None:
    """The words of a message: a text, parts with text, or the model's own refusal."""
    content = message.get("content")
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, dict)]
        content = "".join(part for part in parts if isinstance(part, str)) if parts else None
    if not isinstance(content, str):
        content = message.get("refusal")
    return content if isinstance(content, str) else None


def _tokens(logprobs: Any, text: str) -> tuple[Token, ...]:
    """The tokens of the answer; none where together they are not its text.

    A token may be part of a character: its bytes count where they are told.
    """
    rows = logprobs.get("content") if isinstance(logprobs, dict) else None
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    tokens = []
    for row in rows if isinstance(rows, list) else ():
        if not isinstance(row, dict) or not _is_number(row.get("logprob")):
            return ()
        raw, piece = row.get("bytes"), row.get("token")
        if isinstance(raw, list) and all(isinstance(v, int) and 0 <= v < 256 for v in raw):
            piece = decoder.decode(bytes(raw))
        if not isinstance(piece, str):
            return ()
        tokens.append(Token(piece, float(row["logprob"])))
    while tokens and len("".join(token.text for token in tokens[:-1])) >= len(text):
        tokens.pop()  # the mark that ended the answer
    return tuple(tokens) if "".join(token.text for token in tokens) == text else ()


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
