"""A model whose proposal head learns further names: the old ones keep their weights and their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from ..harness.errors import ModelError
from .model import EarthGPT
from .proposals import input_size


def with_names(model: EarthGPT, names: Sequence[str]) -> EarthGPT:
    """A copy of the model that also tells `names` apart; what is new starts at zero and says nothing yet.

    A new name begins far less likely than the old ones, so that the copy proposes what the model did.

    Raises:
        ModelError: the model has no proposal head (`localisation: text`).
    """
    head = model.config.proposals
    if head is None or model.head is None:
        raise ModelError(
            f"The model {model.config.name!r} has no proposal head to teach names.",
            "Fine-tune it with the stage tune: it writes coordinates as text.",
        )
    new = tuple(name for name in names if name not in head.names)
    wider = replace(head, names=(*head.names, *new))
    other = EarthGPT(replace(model.config, proposals=wider))
    state = model.state_dict()
    shapes = {name: tensor.shape for name, tensor in other.state_dict().items()}
    rows, columns = len(new), input_size(wider) - input_size(head)
    if new:
        for name in ("head.names.weight", "head.names.bias"):
            state[name] = nn.functional.pad(state[name], _after(state[name], rows))
        state["head.names.bias"][-rows:] = -10.0
        place = head.width + len(head.names)  # `proposals.select` joins features, names, types, score, box
        weight = state["region.proj.weight"]
        state["region.proj.weight"] = torch.cat(
            [weight[:, :place], weight.new_zeros(len(weight), columns), weight[:, place:]], dim=1
        )
    assert all(state[name].shape == shape for name, shape in shapes.items())
    other.load_state_dict(state)
    return other.train(model.training)


def _after(tensor: Tensor, rows: int) -> tuple[int, ...]:
    """Padding that appends rows to a tensor of any rank."""
    return (0, 0) * (tensor.ndim - 1) + (0, rows)
