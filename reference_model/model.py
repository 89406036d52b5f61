"""EarthGPT: two image encoders, the fused projection, and a LLaMA that reads the visual tokens (Fig. 2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from .config import Config, LanguageConfig
from .proposals import ProposalHead, Proposals, ProposalTokens, select
from .vision import Encoders, Features, Fusion, on_grid


@dataclass(frozen=True, slots=True)
class Seen:
    """What the language model is shown of a batch of pictures: tokens (batch, visual tokens, width)."""

    tokens: Tensor
    proposals: Proposals | None


class EarthGPT(nn.Module):
    """The whole model; `Config` says how large. Encoders are meant to stay frozen (V-A)."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        width = config.language.width
        self.encoders = Encoders(config)
        self.fusion = Fusion(config)
        self.start_img = nn.Parameter(torch.rand(1, 1, width))
        self.end_img = nn.Parameter(torch.rand(1, 1, width))
        self.language = build_language(config.language)
        self.head: ProposalHead | None = None
        self.region: ProposalTokens | None = None
        if config.proposals is not None:
            self.head = ProposalHead(config)
            self.region = ProposalTokens(config.proposals, width)

    def see(self, pixels: Tensor) -> Seen:
        """CLIP-normalised pixels (batch, 3, S, S) to what the language model is shown."""
        features: Features = self.encoders(pixels)
        proposals = None
        if self.head is not None and self.config.proposals is not None:
            proposals = select(self.head(features), self.config.proposals)
        maps = on_grid(features.stages, self.config.vit.grid)
        return Seen(self.prefix(features.vit, maps, proposals), proposals)

    def prefix(self, vit: Tensor, stages: tuple[Tensor, ...], proposals: Proposals | None) -> Tensor:
        """Start, fused tokens, proposals, end: (batch, `config.visual_tokens`, width)."""
        visual = self.fusion(vit, stages)
        parts = [self.start_img.expand(len(visual), -1, -1), visual]
        if self.region is not None and proposals is not None:
            parts.append(self.region(proposals.inputs))
        parts.append(self.end_img.expand(len(visual), -1, -1))
        return torch.cat(parts, dim=1)

    def proposal_tokens(self, visual: Tensor) -> Tensor:
        """Those for proposals, (batch, proposals, width), of (batch, `config.visual_tokens`, width)."""
        count = self.config.proposals.count if self.config.proposals else 0
        return visual[:, -1 - count : -1]

    def splice(self, prefix: Tensor, ids: Tensor) -> Tensor:
        """Equation 8: the visual tokens after the first text token (BOS). (batch, visual + text, width)."""
        words = self.language.get_input_embeddings()(ids)
        # a projection that learns in float32 may stand before a frozen bfloat16 language model
        return torch.cat([words[:, :1], prefix.to(words.dtype), words[:, 1:]], dim=1)

    def train(self, mode: bool = True) -> EarthGPT:
        """Training mode for the parts in which something learns; the frozen ones stay in evaluation mode."""
        super().train(mode)
        for part in (self.encoders, self.head):
            if part is not None and not any(p.requires_grad for p in part.parameters()):
                part.eval()
        return self

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> EarthGPT:
        """Keep the rotary frequencies in float32 when `to`, `half` or `bfloat16` converts the model.

        In bfloat16 they are off by up to 0.4 %, which at position 300 is more than a radian.
        """
        rotary = self.language.model.rotary_emb
        exact = dict(rotary.named_buffers())
        convert: Any = super()._apply  # nn.Module leaves it untyped
        convert(fn, recurse)
        for name, old in exact.items():
            new = getattr(rotary, name)
            if new.dtype != old.dtype and not old.is_meta:
                setattr(rotary, name, old.to(new.device))
        return self


def build_language(config: LanguageConfig) -> Any:
    """A transformers `LlamaForCausalLM`, randomly initialised."""
    from transformers import LlamaConfig, LlamaForCausalLM

    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=config.vocab_size,
            hidden_size=config.width,
            intermediate_size=config.hidden,
            num_hidden_layers=config.layers,
            num_attention_heads=config.heads,
            num_key_value_heads=config.kv_heads or config.heads,
            max_position_embeddings=config.positions,
            rms_norm_eps=config.norm_eps,
            tie_word_embeddings=config.tied,
            attention_bias=config.bias,
            mlp_bias=config.bias,
            pad_token_id=config.pad_id,
            bos_token_id=config.bos_id,
            eos_token_id=config.eos_id,
            # transformers 4 declares it; 5 reads it into `rope_parameters`
            rope_theta=config.rope_theta,  # type: ignore[call-arg]
            rope_scaling=_rope_scaling(config),
            # read by the base class, which does not declare it
            attn_implementation="sdpa",
        )
    )


def _rope_scaling(config: LanguageConfig) -> dict[str, Any] | None:
    if config.rope_factor == 1:
        return None
    return {"rope_type": "linear", "factor": config.rope_factor, "rope_theta": config.rope_theta}


def checkpointed_activations(language: Any) -> None:
    """Keep no activations within a decoder layer in training: they are computed again for the gradients.

    Not the reentrant kind, which sees nothing to train where the inputs of a layer are frozen, as in bias
    tuning.
    """
    keywords = {"use_reentrant": False}
    if hasattr(language, "activation_checkpointing_enable"):  # the name in transformers 5.23 and later
        language.activation_checkpointing_enable(keywords)
    else:
        language.gradient_checkpointing_enable(keywords)
