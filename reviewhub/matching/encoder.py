"""A model that turns texts into vectors: any folder that sentence-transformers would read as a BERT
with the mean, or the first, of its tokens.

    encoder = Encoder.load(Path("all-MiniLM-L6-v2"))
    VectorIndex.build(documents, encoder)

The folder holds config.json, tokenizer.json and model.safetensors; what else sentence-transformers
puts there is looked at where it matters. The packages that read them are the optional extra
`reviewhub[embeddings]`: they are loaded here, when a model is.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np

from reviewhub.matching.bert import Bert, Shape
from reviewhub.matching.errors import MatchingError
from reviewhub.matching.likeness import Floats

LONGEST = 256
"""Tokens of a text that are read, at most: a title and an abstract, and as many as MiniLM reads."""
TOGETHER = 16
"""Texts at a time: more is no faster without a graphics card, and takes more memory."""

NEEDED = ("config.json", "tokenizer.json", "model.safetensors")
CONSULTED = ("modules.json", "sentence_bert_config.json", "1_Pooling/config.json")
_WAYS = {"pooling_mode_mean_tokens": False, "pooling_mode_cls_token": True}
_READING = b"1"  # raised whenever the same model would give other vectors


@dataclass(frozen=True, eq=False, kw_only=True)
class Encoder:
    """A source of vectors for `vectors.VectorIndex`: the same texts get the same vectors, of length
    one; a text without a token gets zeros."""

    model: Bert = field(repr=False)
    tokenizer: Any = field(repr=False)
    by_first: bool
    """Whether the first token's vector stands for the text, or the mean over all."""

    @classmethod
    def load(cls, folder: Path) -> "Encoder":
        """Read the model in a folder. Raises MatchingError, with what is wrong, for a folder that
        holds none or one of another kind, and where the extra is not installed."""
        _all_there(folder)
        config = _json(folder / "config.json")
        shape, by_first = Shape.of(config), _by_first(folder)
        sentence = _json(folder / "sentence_bert_config.json")
        longest = min(LONGEST, shape.positions, int(sentence.get("max_seq_length") or LONGEST))
        try:
            import tokenizers  # noqa: PLC0415 -- an extra
            from safetensors import SafetensorError, numpy  # noqa: PLC0415 -- an extra
        except ImportError as error:
            raise MatchingError(
                "reading a model needs two packages more: pip install reviewhub[embeddings]"
            ) from error
        try:
            held = numpy.load_file(folder / "model.safetensors")
        except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
            raise MatchingError(f"model.safetensors cannot be read: {error}") from error
        try:
            tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:  # tokenizers raises nothing more exact
            raise MatchingError(f"tokenizer.json cannot be read: {error}") from error
        tokenizer.enable_truncation(longest)
        tokenizer.no_padding()
        if tokenizer.get_vocab_size() > shape.vocabulary:
            raise MatchingError("the tokenizer knows more tokens than the model")
        weights = {
            name.removeprefix("bert."): value.astype(np.float32, copy=False)
            for name, value in held.items()
            if value.dtype.kind == "f"
        }
        return cls(model=Bert(shape, weights), tokenizer=tokenizer, by_first=by_first)

    @property
    def dimensions(self) -> int:
        return self.model.shape.size

    def vectors(self, texts: Sequence[str]) -> Floats:
        """One row per text, in their order."""
        found = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        # One by one: many at once would start threads, which a process that forks cannot have.
        tokens = [self.tokenizer.encode(text).ids for text in texts]
        # Texts of like length together, so that little is filled up; those of none stay zeros.
        order = sorted((len(ids), place) for place, ids in enumerate(tokens) if ids)
        for start in range(0, len(order), TOGETHER):
            places = [place for _, place in order[start : start + TOGETHER]]
            found[places] = self._of([tokens[place] for place in places])
        lengths = np.linalg.norm(found, axis=1, keepdims=True)
        found /= np.where(lengths > 0, lengths, 1)
        return found

    def _of(self, texts: Sequence[Sequence[int]]) -> Floats:
        counts = np.array([len(ids) for ids in texts])
        there = np.arange(counts.max()) < counts[:, None]
        filled = np.zeros(there.shape, dtype=np.int64)
        filled[there] = np.concatenate([np.asarray(ids, dtype=np.int64) for ids in texts])
        state = self.model.read(filled, there)
        if self.by_first:
            return state[:, 0]
        mean: Floats = np.einsum("tpn,tp->tn", state, there.astype(np.float32))
        mean /= counts[:, None].astype(np.float32)
        return mean


def digest(folder: Path) -> str:
    """Sixteen letters that change whenever the model in the folder would give other vectors. Raises
    MatchingError where there is none."""
    _all_there(folder)
    found = blake2b(_READING, digest_size=8)
    for name in (*NEEDED, *CONSULTED):
        if (folder / name).exists():
            found.update(name.encode())
            with (folder / name).open("rb") as file:
                while part := file.read(1 << 20):
                    found.update(part)
    return found.hexdigest()


def _all_there(folder: Path) -> None:
    missing = [name for name in NEEDED if not (folder / name).is_file()]
    if missing:
        raise MatchingError(f"{folder} holds no model: {', '.join(missing)} is not there")


def _by_first(folder: Path) -> bool:
    """How the tokens of a text become one vector: what sentence-transformers' files say, and the
    mean where they say nothing."""
    modules = _json(folder / "modules.json") or []
    kinds = [str(one.get("type", "")).rpartition(".")[2] for one in modules]
    if unknown := set(kinds) - {"Transformer", "Pooling", "Normalize"}:
        raise MatchingError(f"the model has a part that is not known: {', '.join(sorted(unknown))}")
    pooling = _json(folder / "1_Pooling/config.json")
    ways = [name for name, value in pooling.items() if name.startswith("pooling_") and value]
    if not ways:
        return False
    if len(ways) > 1 or ways[0] not in _WAYS:
        raise MatchingError(f"a way of pooling that is not known: {', '.join(ways)}")
    return _WAYS[ways[0]]


def _json(file: Path) -> Any:
    """What the file holds; nothing where there is none."""
    try:
        return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    except ValueError as error:
        raise MatchingError(f"{file.name} is not JSON: {error}") from error
