"""Tiny checkpoints with random weights, made on the spot: one function a family.

    folder = tiny_models.llava(tmp_path / "llava")

Each writes a folder as `save_pretrained` does, and returns it. The weights are drawn wide, so that answers to
different questions differ; nothing is downloaded. `FAMILIES` holds those that speak.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

hf: Any = importlib.import_module("transformers")  # Any: its versions differ in their types

CORPUS = (
    "There is a ship in the harbour. How many airplanes are in the image? Is there a bridge over the river?",
    "Answer with the name of one class and nothing else: airport, beach, bridge, forest, harbour, river.",
    "Find every airplane. Its label is its type. Describe this image in one sentence. yes no 0 1 2 3 4 5 6 7",
) * 4

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{% if message['content'] is string %}{{ message['content'] }}{% else %}"
    "{% for part in message['content'] %}{% if part['type'] == 'image' %}{{ PICTURE }}"
    "{% else %}{{ part['text'] }}{% endif %}{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
VICUNA = (
    "{% for message in messages %}{% if message['role'] == 'system' %}{{ message['content'][0]['text'] }} "
    "{% elif message['role'] == 'user' %}USER: {% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}<image>\n{% else %}{{ part['text'] }}{% endif %}{% endfor %} "
    "{% else %}ASSISTANT: {{ message['content'][0]['text'] }}</s>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}ASSISTANT:{% endif %}"
)
IDEFICS = (
    "<|im_start|>{% for message in messages %}{{ message['role'] | capitalize }}:"
    "{% for part in message['content'] %}{% if part['type'] == 'image' %}<image>{% else %} {{ part['text'] }}"
    "{% endif %}{% endfor %}<end_of_utterance>\n{% endfor %}"
    "{% if add_generation_prompt %}Assistant:{% endif %}"
)
TEXT = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4}


def llava(folder: Path) -> Path:
    """LLaVA-1.5: CLIP at 28 pixels (shortest side, then centre crop) and a LLaMA."""
    tokenizer = sentencepiece_like(("<image>", "<pad>"), bos="<s>", eos="</s>", pad="<pad>")
    text = hf.LlamaConfig(**TEXT, num_key_value_heads=2, vocab_size=len(tokenizer), **_ids(tokenizer))
    config = hf.LlavaConfig(
        vision_config=hf.CLIPVisionConfig(**TEXT, image_size=28, patch_size=7),
        text_config=text,
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
        image_seq_length=16,
    )
    pictures = hf.CLIPImageProcessor(size={"shortest_edge": 28}, crop_size={"height": 28, "width": 28})
    processor = hf.LlavaProcessor(
        image_processor=pictures,
        tokenizer=tokenizer,
        patch_size=7,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=VICUNA,
    )
    return _save(folder, hf.LlavaForConditionalGeneration, config, processor)


def qwen2_5_vl(folder: Path, **pictures: int) -> Path:
    """Qwen2.5-VL: any size, sides in multiples of 28; `pictures` may hold min_pixels and max_pixels."""
    vision = {"depth": 2, "hidden_size": 32, "intermediate_size": 48, "num_heads": 2, "out_hidden_size": 32}
    kinds = hf.Qwen2_5_VLConfig, hf.Qwen2_5_VLForConditionalGeneration, hf.Qwen2_5_VLProcessor
    return _qwen(folder, vision | {"fullatt_block_indexes": [1], "window_size": 112}, pictures, kinds)


def qwen2_vl(folder: Path, **pictures: int) -> Path:
    """Qwen2-VL: as Qwen2.5-VL, with the older eye."""
    vision = {"depth": 2, "embed_dim": 32, "hidden_size": 32, "num_heads": 2, "mlp_ratio": 2}
    kinds = hf.Qwen2VLConfig, hf.Qwen2VLForConditionalGeneration, hf.Qwen2VLProcessor
    return _qwen(folder, vision, pictures, kinds)


def internvl(folder: Path) -> Path:
    """InternVL in transformers' layout: squares of 28 pixels, up to four and an overview."""
    square = {"size": {"height": 28, "width": 28}}
    named = {
        "start_image_token": "<img>",
        "end_image_token": "</img>",
        "context_image_token": "<IMG_CONTEXT>",
        "video_token": "<video>",
    }
    tokenizer = byte_level((*named.values(), "<|im_start|>"), eos="<|im_end|>", pad="<|endoftext|>", **named)
    text = hf.Qwen2Config(**TEXT, num_key_value_heads=2, vocab_size=len(tokenizer), **_ids(tokenizer))
    config = hf.InternVLConfig(
        vision_config={**TEXT, "image_size": [28, 28], "patch_size": [7, 7]},
        text_config=text.to_dict(),
        image_token_id=tokenizer.convert_tokens_to_ids("<IMG_CONTEXT>"),
        image_seq_length=4,
        downsample_ratio=0.5,
    )
    processor = hf.InternVLProcessor(
        image_processor=hf.GotOcr2ImageProcessor(**square, crop_to_patches=True, max_patches=4),
        tokenizer=tokenizer,
        video_processor=hf.InternVLVideoProcessor(**square),
        image_seq_length=4,
        chat_template=CHATML.replace("PICTURE", "'<IMG_CONTEXT>\n'"),
    )
    return _save(folder, hf.InternVLForConditionalGeneration, config, processor)


def idefics3(folder: Path) -> Path:
    """Idefics3, the family of SmolVLM: tiles of 28 pixels and an overview."""
    tiles = [f"<row_{i}_col_{j}>" for i in range(1, 7) for j in range(1, 7)]
    marks = ("<image>", "<fake_token_around_image>", "<global-img>", "<|im_start|>", *tiles)
    tokenizer = byte_level(marks, eos="<end_of_utterance>", pad="<pad>")
    text = hf.LlamaConfig(**TEXT, num_key_value_heads=2, vocab_size=len(tokenizer), **_ids(tokenizer))
    config = hf.Idefics3Config(
        vision_config={**TEXT, "image_size": 28, "patch_size": 7},
        text_config=text.to_dict(),
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
        scale_factor=2,
        pad_token_id=tokenizer.pad_token_id,
    )
    pictures = hf.Idefics3ImageProcessor(size={"longest_edge": 56}, max_image_size={"longest_edge": 28})
    processor = hf.Idefics3Processor(
        image_processor=pictures,
        tokenizer=tokenizer,
        image_seq_len=4,
        chat_template=IDEFICS,
    )
    return _save(folder, hf.Idefics3ForConditionalGeneration, config, processor)


def paligemma(folder: Path) -> Path:
    """PaliGemma: squares of 28 pixels, no chat template, location tokens."""
    tokenizer = sentencepiece_like(("<image>", "<pad>"), bos="<bos>", eos="<eos>", pad="<pad>")
    pictures = hf.SiglipImageProcessor(size={"height": 28, "width": 28})
    pictures.image_seq_length = 16
    processor = hf.PaliGemmaProcessor(image_processor=pictures, tokenizer=tokenizer)
    size = len(tokenizer)
    config = hf.PaliGemmaConfig(
        vision_config=hf.SiglipVisionConfig(**TEXT, image_size=28, patch_size=7, vision_use_head=False),
        text_config=hf.GemmaConfig(
            **TEXT, num_key_value_heads=1, head_dim=8, vocab_size=size, **_ids(tokenizer)
        ),
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
        projection_dim=32,
        hidden_size=32,
        vocab_size=size,
    )
    return _save(folder, hf.PaliGemmaForConditionalGeneration, config, processor)


def grounding_dino(folder: Path) -> Path:
    """GroundingDINO: pictures of any size, a BERT that knows the letters, 20 queries."""
    tokenizer = word_pieces()
    config = hf.GroundingDinoConfig(
        backbone_config=hf.SwinConfig(
            embed_dim=8, depths=[1, 1, 1, 1], num_heads=[1, 1, 2, 2], window_size=2, image_size=64,
            out_features=["stage2", "stage3", "stage4"],
        ),
        text_config=hf.BertConfig(**TEXT, vocab_size=len(tokenizer), max_position_embeddings=256),
        d_model=32, encoder_layers=1, decoder_layers=2, encoder_ffn_dim=48, decoder_ffn_dim=48,
        encoder_attention_heads=4, decoder_attention_heads=4, num_queries=20, disable_custom_kernels=True,
    )  # fmt: skip
    pictures = hf.GroundingDinoImageProcessor(size={"shortest_edge": 128, "longest_edge": 192})
    processor = hf.GroundingDinoProcessor(image_processor=pictures, tokenizer=tokenizer)
    return _save(folder, hf.GroundingDinoForObjectDetection, config, processor)


def clip(folder: Path) -> Path:
    """CLIP in transformers' layout, 28 pixels."""
    from tokenizers import processors

    begin, end = "<|startoftext|>", "<|endoftext|>"
    tokenizer = byte_level((begin,), eos=end, pad=end)
    tokenizer.backend_tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}",
        special_tokens=[(mark, tokenizer.convert_tokens_to_ids(mark)) for mark in (begin, end)],
    )
    text = {**TEXT, "vocab_size": len(tokenizer), "max_position_embeddings": 77, **_ids(tokenizer)}
    vision = {**TEXT, "image_size": 28, "patch_size": 7}
    config = hf.CLIPConfig(text_config=text, vision_config=vision, projection_dim=16)
    pictures = hf.CLIPImageProcessor(size={"shortest_edge": 28}, crop_size={"height": 28, "width": 28})
    return _save(
        folder, hf.CLIPModel, config, hf.CLIPProcessor(image_processor=pictures, tokenizer=tokenizer)
    )


FAMILIES: Mapping[str, Callable[[Path], Path]] = MappingProxyType(
    {
        "llava": llava,
        "qwen2_5_vl": qwen2_5_vl,
        "qwen2_vl": qwen2_vl,
        "internvl": internvl,
        "idefics3": idefics3,
        "paligemma": paligemma,
    }
)


def brief(folder: Path) -> Path:
    """The same checkpoint, whose generation_config lets every twelfth token end an answer."""
    path = folder / "generation_config.json"
    config = json.loads(path.read_text())
    size = json.loads((folder / "config.json").read_text())["text_config"]["vocab_size"]
    config["eos_token_id"] = [config["eos_token_id"], *range(7, size, 12)]
    path.write_text(json.dumps(config))
    return folder


def byte_level(specials: Sequence[str], eos: str, pad: str, **named: str) -> Any:
    """A fast tokenizer like GPT-2's and Qwen's: a token may be a part of a character.

    `named` are special tokens that the tokenizer knows by an attribute.
    """
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=320, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    fast = hf.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token=eos, pad_token=pad, extra_special_tokens=dict(named)
    )
    fast.add_tokens(list(specials), special_tokens=True)
    return fast


def sentencepiece_like(specials: Sequence[str], bos: str, eos: str, pad: str) -> Any:
    """A fast tokenizer like LLaMA's: a space is part of the word behind it, unknown characters are bytes."""
    from tokenizers import Tokenizer, decoders, models, normalizers, processors, trainers

    learning = Tokenizer(models.BPE())
    trainer = trainers.BpeTrainer(vocab_size=160, show_progress=False)
    learning.train_from_iterator([f"▁{w}" for text in CORPUS for w in text.split(" ")], trainer)
    learnt = json.loads(learning.to_str())["model"]
    units = ["<unk>", bos, eos, *(f"<0x{i:02X}>" for i in range(256)), *learnt["vocab"]]
    vocabulary = {unit: i for i, unit in enumerate(units)}
    merges = [tuple(m) if isinstance(m, list) else tuple(m.split(" ")) for m in learnt["merges"]]
    tokenizer = Tokenizer(
        models.BPE(vocabulary, merges, unk_token="<unk>", byte_fallback=True, fuse_unk=True)
    )
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A", special_tokens=[(bos, vocabulary[bos])]
    )
    fast = hf.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token=bos, eos_token=eos, unk_token="<unk>", pad_token=pad
    )
    fast.add_tokens(list(specials), special_tokens=True)
    return fast


def word_pieces() -> Any:
    """A fast tokenizer like BERT's, lower case, whose words are spelt letter by letter."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    units = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *".,?-_/()", *letters, *(f"##{c}" for c in letters)]
    tokenizer = Tokenizer(models.WordPiece({u: i for i, u in enumerate(units)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return hf.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]",
        sep_token="[SEP]", model_max_length=256,
    )  # fmt: skip


def _qwen(folder: Path, vision: dict[str, Any], pictures: Mapping[str, int], kinds: tuple[Any, ...]) -> Path:
    configuration, model, processor = kinds
    marks = ("<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>", "<|im_start|>")
    tokenizer = byte_level(marks, eos="<|im_end|>", pad="<|endoftext|>")
    at = dict(zip(marks, tokenizer.convert_tokens_to_ids(list(marks)), strict=True))
    text = TEXT | {"num_key_value_heads": 2, "vocab_size": len(tokenizer), "max_position_embeddings": 4096}
    rope = {"rope_type": "default", "mrope_section": [2, 1, 1], "rope_theta": 10000.0}
    config = configuration(
        vision_config=vision | {"patch_size": 14},
        text_config={**text, "rope_scaling": rope, **_ids(tokenizer)},
        image_token_id=at["<|image_pad|>"],
        video_token_id=at["<|video_pad|>"],
        vision_start_token_id=at["<|vision_start|>"],
        vision_end_token_id=at["<|vision_end|>"],
    )
    bounds = {"min_pixels": 56 * 56, "max_pixels": 112 * 112} | dict(pictures)
    template = CHATML.replace("PICTURE", "'<|vision_start|><|image_pad|><|vision_end|>'")
    eyes = hf.Qwen2VLImageProcessor(**bounds), hf.Qwen2VLVideoProcessor(**bounds)
    made = processor(eyes[0], tokenizer, eyes[1], chat_template=template)
    return _save(folder, model, config, made)


def _ids(tokenizer: Any) -> dict[str, Any]:
    return {
        "pad_token_id": tokenizer.pad_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "bos_token_id": tokenizer.bos_token_id,
    }


def _save(folder: Path, kind: Any, config: Any, processor: Any, seed: int = 0) -> Path:
    model = randomised(kind, config, seed)
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def randomised(kind: Any, config: Any, seed: int = 0) -> Any:
    """A model in evaluation mode whose matrices are drawn wide: at their usual size all logits are equal."""
    import torch

    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(seed)
        model = kind(config).eval()
        for weight in model.parameters():
            if weight.ndim > 1:
                weight.normal_(0, 0.2)
    return model
