"""A walk along the proposals: what its steps show the language model (`pointers.Slots.walked`)."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional


class Step(nn.Module):
    """What a step onto a proposal adds to its token's embedding: the proposal, and how it fits the question.

    A language model of a few million weights does not find out for itself that the words of a question and a
    proposal are to be compared: after 60,000 phrases it has not begun to.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.shown = nn.Linear(width, width, bias=False)
        self.proposal, self.question = nn.Linear(width, width), nn.Linear(width, width)
        self.norm = nn.LayerNorm(width)
        self.fit = nn.Linear(width, width, bias=False)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """To begin with nothing is added."""
        nn.init.zeros_(self.shown.weight)
        nn.init.zeros_(self.fit.weight)

    def forward(self, proposals: Tensor, questions: Tensor) -> Tensor:
        """(steps, width) from visual tokens of proposals (steps, width) and the means of the embeddings of
        the text before the answers (steps, width)."""
        fitting = functional.silu(self.proposal(proposals)) * self.question(self.norm(questions))
        added: Tensor = self.shown(proposals) + self.fit(fitting)
        return added
