"""Teaching a proposal head further names changes nothing of what it does with the old ones."""

from __future__ import annotations

import pytest
import torch

from rsbench.harness.errors import ModelError
from rsbench.reference_model.config import Config
from rsbench.reference_model.model import EarthGPT
from rsbench.reference_model.renamed import with_names


@torch.no_grad()
def test_old_names_keep_their_order_and_their_weights(tiny_proposals: Config) -> None:
    torch.manual_seed(3)
    model = EarthGPT(tiny_proposals).eval()
    assert tiny_proposals.proposals is not None and model.head is not None
    old = tiny_proposals.proposals.names
    wider = with_names(model, [old[0], "person", "bicycle"])
    assert wider.config.proposals is not None and wider.head is not None
    assert wider.config.proposals.names == (*old, "person", "bicycle")
    pixels = torch.randn(2, 3, model.config.image_size, model.config.image_size)
    before, after = model.head(model.encoders(pixels)), wider.head(wider.encoders(pixels))
    torch.testing.assert_close(before.names, after.names[..., : len(old)])
    torch.testing.assert_close(before.boxes, after.boxes)
    assert bool((after.names[..., len(old) :] == -10).all())
    seen, again = model.see(pixels), wider.see(pixels)
    torch.testing.assert_close(seen.tokens, again.tokens, atol=1e-3, rtol=1e-3)


def test_nothing_new_is_the_same_model(tiny_proposals: Config) -> None:
    model = EarthGPT(tiny_proposals)
    assert tiny_proposals.proposals is not None
    other = with_names(model, tiny_proposals.proposals.names)
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, other.state_dict()[name]), name


def test_a_model_that_writes_coordinates_has_no_names(tiny: Config) -> None:
    with pytest.raises(ModelError, match="no proposal head"):
        with_names(EarthGPT(tiny), ["person"])
