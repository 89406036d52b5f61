"""The one configuration every part of an EarthGPT is built from, and its presets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from ..harness.errors import ModelError, unknown

SYSTEM_PROMPT = (
    "A chat between a curious human and an artificial intelligence assistant. "
    "The assistant gives helpful, detailed, and polite answers to the human's questions."
)

_STAGES = 4  # of a ConvNeXt


@dataclass(frozen=True, slots=True)
class ViTConfig:
    """The DINOv2 branch. `layers` (1-based) are the blocks whose outputs are read (equations 1-3)."""

    image_size: int = 224  # pixels this branch sees
    patch_size: int = 14  # pixels
    width: int = 1024
    depth: int = 24
    heads: int = 16
    layers: tuple[int, ...] = (6, 12, 18, 24)
    position_size: int = 518  # pixels the position embedding is stored for
    swiglu: bool = False  # the feed-forward of DINOv2 ViT-g

    def __post_init__(self) -> None:
        _counted("vit.layers", self.layers, self.depth)

    @property
    def grid(self) -> int:
        """Patches per side: the grid of the visual tokens."""
        return self.image_size // self.patch_size


@dataclass(frozen=True, slots=True)
class CNNConfig:
    """The CLIP ConvNeXt branch. `stages` (1-based) are read (equations 4-6).

    Each stage is brought to `channels` channels; None leaves the stages as they are, as SPHINX does.
    """

    timm_model: str = "convnext_large"
    stages: tuple[int, ...] = (1, 2, 3, 4)
    channels: int | None = 256

    def __post_init__(self) -> None:
        _counted("cnn.stages", self.stages, _STAGES)


@dataclass(frozen=True, slots=True)
class ClipConfig:
    """What makes the CNN a CLIP: the shared space, the text tower, and the size of the pictures it scores."""

    embed_dim: int = 768
    projection: str = "mlp"  # open_clip's timm_proj
    image_size: int = 320  # pixels of a crop
    context_length: int = 77
    vocab_size: int = 49408
    width: int = 768
    heads: int = 12
    layers: int = 16
    eos_id: int | None = (
        None  # where the text is read; None: at the largest id, as OpenAI's vocabulary has it
    )
    scores: bool = True  # False: the image trunk alone, which is all that a SPHINX checkpoint stores


@dataclass(frozen=True, slots=True)
class LanguageConfig:
    """The LLaMA. Defaults are LLaMA-2-7B."""

    vocab_size: int = 32000
    width: int = 4096
    layers: int = 32
    heads: int = 32
    hidden: int = 11008
    positions: int = 4096  # tokens, visual ones included
    norm_eps: float = 1e-5
    rope_theta: float = 10000.0
    tied: bool = False
    pad_id: int = 0
    bos_id: int = 1
    eos_id: int = 2
    bias: bool = False  # on every linear layer of the decoder: what a folded bias tuning leaves
    kv_heads: int | None = None  # of grouped-query attention; None: as many as `heads`
    rope_factor: float = 1.0  # what positions are divided by (linear scaling)


@dataclass(frozen=True, slots=True)
class ProposalConfig:
    """The dense head of `localisation: proposals`. `names` and `types` are what it tells apart."""

    width: int = 96
    count: int = 32  # proposals shown to the language model
    threshold: float = 0.1  # least objectness
    listed: float = 0.0  # least objectness of one that detection lists; phrases may mean weaker ones
    overlap: float = 0.5  # IoU above which the weaker proposal goes
    names: tuple[str, ...] = ()
    types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Config:
    """An EarthGPT.

    `localisation` is how coordinates get into an answer. "text": the language model writes the digits, as in
    the paper. "proposals": it writes a pointer to one of the proposals it is shown, which is printed as that
    proposal's digits: the text a user sees has the same notation.
    """

    name: str
    image_size: int = 512  # pixels of the padded square
    vit: ViTConfig = field(default_factory=ViTConfig)
    cnn: CNNConfig = field(default_factory=CNNConfig)
    clip: ClipConfig = field(default_factory=ClipConfig)
    language: LanguageConfig = field(default_factory=LanguageConfig)
    localisation: str = "text"
    proposals: ProposalConfig | None = None
    system_prompt: str = SYSTEM_PROMPT

    def __post_init__(self) -> None:
        if self.localisation not in ("text", "proposals"):
            raise unknown("localisation", self.localisation, ("text", "proposals"))
        if (self.localisation == "proposals") != (self.proposals is not None):
            raise ModelError(
                f"localisation is {self.localisation!r} and the section `proposals` "
                f"is {'missing' if self.proposals is None else 'there'}.",
                'Give `proposals` with localisation "proposals", and only then.',
            )

    @property
    def visual_tokens(self) -> int:
        """Tokens between the learned start and end of an image, both included, proposals too."""
        return 3 + self.vit.grid**2 + (self.proposals.count if self.proposals else 0)

    def to_dict(self) -> dict[str, Any]:
        """JSON-able; `from_dict` reads it back."""
        return asdict(self)


_SECTIONS: Mapping[str, type] = {
    "vit": ViTConfig,
    "cnn": CNNConfig,
    "clip": ClipConfig,
    "language": LanguageConfig,
    "proposals": ProposalConfig,
}


def from_dict(raw: Mapping[str, Any]) -> Config:
    """The configuration a `config.json` or a recipe holds.

    Raises:
        UsageError: an unknown key (with the nearest), or an unknown localisation.
        ModelError: a section is not a mapping, or `name` is missing.
    """
    values = _checked("configuration", Config, raw)
    for key, section in _SECTIONS.items():
        if values.get(key) is not None:
            values[key] = section(**_checked(f"section {key}", section, values[key]))
    if "name" not in values:
        raise ModelError("The configuration has no `name`.", "Name the preset or the model it describes.")
    return Config(**values)


def _checked(owner: str, kind: type, raw: Any) -> dict[str, Any]:
    if not isinstance(raw, Mapping):
        raise ModelError(f"The {owner} is not a mapping.", "See `Config` in reference_model/config.py.")
    types = {f.name: str(f.type) for f in fields(kind)}
    values = {k: tuple(v) if isinstance(v, list) else v for k, v in raw.items()}
    for key, value in values.items():
        if key not in types:
            raise unknown(f"key of the {owner}", key, types)
        # the types are written in this file, "int | None" for one; sections are checked in their turn
        kinds = types[key].split("[")[0].split(" | ")
        if key not in _SECTIONS and not any(_is(value, kind) for kind in kinds):
            raise ModelError(f"`{key}` of the {owner} is {value!r}.", f"Give it as {types[key]}.")
    return values


def _is(value: Any, kind: str) -> bool:
    if kind in ("int", "float") and type(value) is int:
        return True
    return type(value).__name__ == kind or (kind == "None" and value is None)


def _counted(name: str, chosen: tuple[int, ...], depth: int) -> None:
    """Layers are counted from 1 and read in order, each once."""
    if not chosen or list(chosen) != [n for n in range(1, depth + 1) if n in chosen]:
        raise ModelError(
            f"`{name}` is {list(chosen)}.", f"Name some of 1 to {depth}, each once, the first first."
        )


def preset(name: str) -> Config:
    """A configuration by name.

    `7b` is the paper's: DINOv2 ViT-L/14, CLIP ConvNeXt-L, LLaMA-2-7B; what the paper leaves open (layers
    read, sizes, common channels) is as LLaMA2-Accessory's `llama_ens_light` or, where that has no answer,
    ours. `13b` has LLaMA-2-13B, SPHINX's usual size; the paper names none. `sphinx_light` reads the last
    layers only, so that checkpoints of that shape fit. `nano` has the same parts at a laptop's size; its
    vocabulary and names come with its weights.

    Raises:
        UsageError: no such preset.
    """
    paper = Config(name="7b")
    presets = {
        "7b": paper,
        "13b": replace(paper, name="13b", language=LanguageConfig(32000, 5120, 40, 40, 13824)),
        "sphinx_light": replace(
            paper,
            name="sphinx_light",
            vit=replace(paper.vit, layers=(24,)),
            cnn=replace(paper.cnn, stages=(4,), channels=None),
        ),
        "nano": Config(
            name="nano",
            image_size=192,
            vit=ViTConfig(112, 14, 128, 6, 4, (2, 4, 6), 112),
            cnn=CNNConfig("convnext_zepto_rms", (1, 2, 3, 4), 64),
            clip=ClipConfig(128, "linear", 64, 24, 1536, 128, 4, 2, eos_id=2),
            language=LanguageConfig(1536, 192, 4, 6, 512, 1024, tied=True),
            localisation="proposals",
            proposals=ProposalConfig(threshold=0.12, listed=0.22),
            system_prompt="",
        ),
    }
    if name not in presets:
        raise unknown("preset", name, presets)
    return presets[name]
