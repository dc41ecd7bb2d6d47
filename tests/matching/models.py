"""A tiny model of random numbers, in a folder as sentence-transformers writes it."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from reviewhub.matching.bert import Shape

WORDS = (
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "pasture", "herd", "##er", "##ers", "border", "law"),
    *("city", "housing", "rent", "the", "of", "and", "a", "season", "##al", "agree", "##ment"),
)
CONFIG = {
    "model_type": "bert",
    "hidden_act": "gelu",
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "hidden_size": 8,
    "intermediate_size": 12,
    "vocab_size": len(WORDS),
    "max_position_embeddings": 20,
    "layer_norm_eps": 1e-12,
}


def tiny(folder: Path, *, seed: int = 1, **config: Any) -> Path:
    """Write such a model; `config` replaces what config.json says."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = CONFIG | config
    (folder / "config.json").write_text(json.dumps(whole))
    _tokenizer().save(str(folder / "tokenizer.json"))
    save_file(numbers(seed), folder / "model.safetensors")
    return folder


def numbers(seed: int) -> dict[str, np.ndarray]:
    """Random weights of the shape that CONFIG says, with segments, which models have too."""
    random = np.random.default_rng(seed)
    shapes = Shape.of(CONFIG).weights()
    shapes |= {"embeddings.token_type_embeddings.weight": (2, CONFIG["hidden_size"])}
    return {name: random.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


def multilingual(folder: Path) -> Path:
    """The same with a tokenizer as models of many languages have: Unigram, spaces as letters."""
    tiny(folder)
    vocabulary = [(f"\u2581{word}" if at > 3 else word, -1.0) for at, word in enumerate(WORDS)]
    held = Tokenizer(models.Unigram(vocabulary, unk_id=1))
    held.pre_tokenizer = pre_tokenizers.Metaspace()
    held.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    held.save(str(folder / "tokenizer.json"))
    return folder


def _tokenizer() -> Tokenizer:
    held = Tokenizer(
        models.WordPiece({word: at for at, word in enumerate(WORDS)}, unk_token="[UNK]")
    )
    held.normalizer = normalizers.BertNormalizer(lowercase=True)
    held.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    held.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    # As some models come: filled up to a fixed length, which would count as words if it stayed.
    held.enable_padding(length=16)
    return held
