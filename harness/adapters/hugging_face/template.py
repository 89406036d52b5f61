"""A request as the literal prompt of a model: through its chat template, or as its family has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...contract import Request
from ...errors import ModelError

# families that were never given a chat template: the picture's mark, then the prompt as it is
_BARE = {"paligemma": "<image>"}
_HINT = (
    "Give one with template=FILE (Jinja, as chat_template.jinja of the model it was trained from). "
    f"Without one, hf speaks only to {', '.join(_BARE)}."
)
_PROBE = "rsbench"


class Template:
    """How conversations of one checkpoint are written."""

    def __init__(self, processor: Any, config: Mapping[str, Any], name: str, given: str | None) -> None:
        """`given` stands in for the checkpoint's own template.

        Raises:
            ModelError: there is none.
        """
        self._processor, self._name = processor, name
        self._bare = None if given else _BARE.get(str(config["model_type"]))
        self._jinja = given or _own(processor)
        if self._jinja is not None:
            self._bare = None
        elif self._bare is None:
            raise ModelError(f"{name} has no chat template.", _HINT)

    def prompt(self, request: Request) -> str:
        """The literal text, one mark a picture; pictures stand in the first question.

        Raises:
            ModelError: the template has no place for something that the dialect says.
        """
        if self._bare is not None:
            if request.turns or request.system:
                raise ModelError(
                    f"{self._name} takes one question at a time, without a system prompt.",
                    "Name another --dialect, or give a chat template with template=FILE.",
                )
            return self._bare * len(request.images) + request.prompt
        text = self._written(_messages(request))
        mark = getattr(self._processor, "image_token", None)
        if isinstance(mark, str) and request.images and mark not in text:
            raise ModelError(f"The chat template of {self._name} has no place for a picture.", _HINT)
        return text

    def end(self) -> str:
        """What stands behind an answer, empty where nothing does: its first token ends one."""
        if self._bare is not None:
            return ""
        messages = [_message("user", 0, _PROBE), _message("assistant", 0, _PROBE)]
        try:
            return self._written(messages, ask=False).rpartition(_PROBE)[2]
        except ModelError:
            return ""

    def adds_specials(self, prompt: str) -> bool:
        """Whether the tokenizer is to begin the prompt as any text: unless it has begun so already."""
        begin = self._processor.tokenizer.bos_token
        return not (begin and prompt.startswith(begin))

    def _written(self, messages: list[dict[str, Any]], ask: bool = True) -> str:
        from jinja2 import TemplateError

        try:
            text: str = self._processor.apply_chat_template(
                messages, chat_template=self._jinja, add_generation_prompt=ask, tokenize=False
            )
        except (TemplateError, TypeError, KeyError) as error:
            raise ModelError(
                f"The chat template of {self._name} cannot write this conversation: {error}",
                "A dialect without a system prompt may do, or another template=FILE.",
            ) from error
        return text


def _messages(request: Request) -> list[dict[str, Any]]:
    said = [] if request.system is None else [_message("system", 0, request.system)]
    pictures = len(request.images)
    for turn in request.turns:
        said += [_message("user", pictures, turn.question), _message("assistant", 0, turn.answer)]
        pictures = 0
    return [*said, _message("user", pictures, request.prompt)]


def _message(role: str, pictures: int, text: str) -> dict[str, Any]:
    return {"role": role, "content": [*[{"type": "image"}] * pictures, {"type": "text", "text": text}]}


def _own(processor: Any) -> str | None:
    """The processor's template, or the tokenizer's, where some trainers leave it."""
    for owner in (processor, processor.tokenizer):
        template = getattr(owner, "chat_template", None)
        if isinstance(template, Mapping):
            template = template.get("default")
        if isinstance(template, str) and template:
            return template
    return None
