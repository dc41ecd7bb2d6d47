"""A BERT encoder in numpy: the numbers of tokens in, a vector for each token out.

After Devlin et al., "BERT" (arXiv 1810.04805), with the norm after each half of a layer and the
exact GELU; names of weights as in the files of Hugging Face's transformers. It only ever reads, so
that no framework for training is needed, and a worker stays small.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reviewhub.matching.errors import MatchingError
from reviewhub.matching.likeness import Floats

_SLICE = 1 << 15  # numbers worked on at a time by GELU, so that they stay in the processor's cache
# erf(x) is x · P(x²) / Q(x²) in single precision, highest power first: the coefficients of Eigen's
# and XLA's vector mathematics. Beyond 4 it is 1 to the last digit.
_ABOVE = (
    *(-2.72614225801306e-10, 2.77068142495902e-08, -2.10102402082508e-06, -5.69250639462346e-05),
    *(-7.34990630326855e-04, -2.95459980854025e-03, -1.60960333262415e-02),
)
_BELOW = (
    *(-1.45660718464996e-05, -2.13374055278905e-04, -1.68282697438203e-03),
    *(-7.37332916720468e-03, -1.42647390514189e-02),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a model's config.json says of its layers."""

    layers: int
    heads: int
    size: int
    """The length of a token's vector."""
    inner: int
    vocabulary: int
    positions: int
    """The most tokens of a text."""
    epsilon: float

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> "Shape":
        """Raises MatchingError for another kind of model, and for a size that is missing."""
        kinds = (("model_type", "bert"), ("hidden_act", "gelu"))
        for name, wanted in (*kinds, ("position_embedding_type", "absolute")):
            if (found := config.get(name, wanted)) != wanted:
                raise MatchingError(f"{name} of the model is {found!r}; only {wanted!r} is known")
        try:
            shape = cls(
                layers=int(config["num_hidden_layers"]),
                heads=int(config["num_attention_heads"]),
                size=int(config["hidden_size"]),
                inner=int(config["intermediate_size"]),
                vocabulary=int(config["vocab_size"]),
                positions=int(config["max_position_embeddings"]),
                epsilon=float(config.get("layer_norm_eps", 1e-12)),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise MatchingError(f"config.json is not that of a BERT model: {error}") from error
        if shape.heads < 1 or shape.size % shape.heads:
            raise MatchingError("hidden_size has to be a multiple of num_attention_heads")
        return shape

    def weights(self) -> dict[str, tuple[int, ...]]:
        """The weights that are read, each with its dimensions."""
        found: dict[str, tuple[int, ...]] = {
            "embeddings.word_embeddings.weight": (self.vocabulary, self.size),
            "embeddings.position_embeddings.weight": (self.positions, self.size),
            **_vectors("embeddings.LayerNorm", self.size),
        }
        for number in range(self.layers):
            layer = f"encoder.layer.{number}"
            for name in ("self.query", "self.key", "self.value", "output.dense"):
                found |= _matrix(f"{layer}.attention.{name}", self.size, self.size)
            found |= _vectors(f"{layer}.attention.output.LayerNorm", self.size)
            found |= _matrix(f"{layer}.intermediate.dense", self.inner, self.size)
            found |= _matrix(f"{layer}.output.dense", self.size, self.inner)
            found |= _vectors(f"{layer}.output.LayerNorm", self.size)
        return found


@dataclass(frozen=True, eq=False)
class Bert:
    """A model's weights, ready to read with."""

    shape: Shape
    weights: Mapping[str, Floats]

    def __post_init__(self) -> None:
        """Raises MatchingError for weights that are missing or of other dimensions."""
        for name, wanted in self.shape.weights().items():
            found = self.weights.get(name)
            if found is None:
                raise MatchingError(f"the model has no weights {name!r}")
            if found.shape != wanted:
                raise MatchingError(f"{name!r} is of {found.shape}, not of {wanted}")

    def read(self, tokens: NDArray[np.int64], there: NDArray[np.bool_]) -> Floats:
        """A vector for each token of each text: `tokens` and `there` are texts × places, and where
        `there` is false nothing stands, nothing is looked at, and what comes out means nothing."""
        state: Floats = self.weights["embeddings.word_embeddings.weight"][tokens]
        state += self.weights["embeddings.position_embeddings.weight"][: tokens.shape[1]]
        # All tokens are of the first of two segments; models of one segment have no such weights.
        segments = self.weights.get("embeddings.token_type_embeddings.weight")
        if segments is not None:
            state += segments[0]
        state = self._norm("embeddings.LayerNorm", state)
        unseen = np.where(there, np.float32(0), np.float32(-np.inf))[:, None, None, :]
        for number in range(self.shape.layers):
            layer = f"encoder.layer.{number}"
            looked = self._attend(f"{layer}.attention", state, unseen)
            state = self._norm(f"{layer}.attention.output.LayerNorm", state + looked)
            inner = gelu(self._times(f"{layer}.intermediate.dense", state))
            state = state + self._times(f"{layer}.output.dense", inner)
            state = self._norm(f"{layer}.output.LayerNorm", state)
        return state

    def _attend(self, name: str, state: Floats, unseen: Floats) -> Floats:
        texts, places, size = state.shape
        heads = self.shape.heads

        def by_head(part: str) -> Floats:
            whole = self._times(f"{name}.self.{part}", state)
            parted: Floats = whole.reshape(texts, places, heads, size // heads)
            return parted.transpose(0, 2, 1, 3)

        looks: Floats = by_head("query") @ by_head("key").swapaxes(2, 3)
        looks *= np.float32(1 / sqrt(size // heads))
        looks += unseen
        looks -= looks.max(axis=-1, keepdims=True)
        np.exp(looks, out=looks)
        looks /= looks.sum(axis=-1, keepdims=True)
        seen: Floats = looks @ by_head("value")
        seen = seen.transpose(0, 2, 1, 3).reshape(texts, places, size)
        return self._times(f"{name}.output.dense", seen)

    def _times(self, name: str, state: Floats) -> Floats:
        product: Floats = state @ self.weights[f"{name}.weight"].T
        product += self.weights[f"{name}.bias"]
        return product

    def _norm(self, name: str, state: Floats) -> Floats:
        apart: Floats = state - state.mean(axis=-1, keepdims=True)
        spread = np.square(apart).mean(axis=-1, keepdims=True) + np.float32(self.shape.epsilon)
        apart /= np.sqrt(spread)
        apart *= self.weights[f"{name}.weight"]
        apart += self.weights[f"{name}.bias"]
        return apart


def gelu(values: Floats) -> Floats:
    """x/2 · (1 + erf(x/√2)), in place: `values` has to lie in one piece."""
    flat = values.reshape(-1)
    for start in range(0, len(flat), _SLICE):
        part = flat[start : start + _SLICE]
        part *= np.float32(0.5) * (erf(part * np.float32(sqrt(0.5))) + np.float32(1))
    whole: Floats = flat.reshape(values.shape)
    return whole


def erf(values: Floats) -> Floats:
    """The error function in single precision, to four parts in ten million."""
    values = np.clip(values, -4, 4)
    square = values * values
    found: Floats = values * _polynomial(_ABOVE, square) / _polynomial(_BELOW, square)
    return found


def _polynomial(coefficients: tuple[float, ...], values: Floats) -> Floats:
    found = np.full_like(values, coefficients[0])
    for coefficient in coefficients[1:]:
        found *= values
        found += np.float32(coefficient)
    return found


def _matrix(name: str, rows: int, columns: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (rows, columns), f"{name}.bias": (rows,)}


def _vectors(name: str, size: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (size,), f"{name}.bias": (size,)}
