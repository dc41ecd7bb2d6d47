"""A model's vectors: those of the book, in any company; and what is wrong with a folder."""

import json
import math
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from reviewhub.matching.bert import erf, gelu
from reviewhub.matching.encoder import TOGETHER, Encoder, digest
from reviewhub.matching.errors import MatchingError
from tests.matching.models import CONFIG, WORDS, multilingual, numbers, tiny

TEXTS = ("Herders and the border", "", "Housing law of a city: rent!", "rent")
REAL = os.environ.get("REVIEWHUB_TEST_EMBEDDINGS", "")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tiny(tmp_path / "tiny")


def by_the_book(words: list[str], *, first: bool = False) -> list[float]:
    """The vector of a text, number by number, in double precision."""
    held = {name: value.astype(float).tolist() for name, value in numbers(1).items()}

    def times(name: str, vector: list[float]) -> list[float]:
        rows = zip(held[f"{name}.weight"], held[f"{name}.bias"], strict=True)
        return [sum(map(float.__mul__, row, vector)) + bias for row, bias in rows]

    def norm(name: str, vector: list[float]) -> list[float]:
        mean = sum(vector) / len(vector)
        spread = math.sqrt(sum((one - mean) ** 2 for one in vector) / len(vector) + 1e-12)
        scale = zip(vector, held[f"{name}.weight"], held[f"{name}.bias"], strict=True)
        return [(one - mean) / spread * weight + bias for one, weight, bias in scale]

    def attend(name: str, state: list[list[float]]) -> list[list[float]]:
        asked, known, said = (
            [times(f"{name}.self.{part}", one) for one in state]
            for part in ("query", "key", "value")
        )
        seen: list[list[float]] = [[] for _ in state]
        for head in (slice(0, 4), slice(4, 8)):
            for at, question in enumerate(asked):
                looks = [
                    math.exp(sum(map(float.__mul__, question[head], key[head])) / math.sqrt(4))
                    for key in known
                ]
                for column in range(8)[head]:
                    told = sum(look * one[column] for look, one in zip(looks, said, strict=True))
                    seen[at].append(told / sum(looks))
        return [times(f"{name}.output.dense", one) for one in seen]

    state = []
    for place, word in enumerate(["[CLS]", *words, "[SEP]"]):
        parts = zip(
            held["embeddings.word_embeddings.weight"][WORDS.index(word)],
            held["embeddings.position_embeddings.weight"][place],
            held["embeddings.token_type_embeddings.weight"][0],
            strict=True,
        )
        state.append(norm("embeddings.LayerNorm", [sum(three) for three in parts]))
    for number in range(2):
        layer = f"encoder.layer.{number}"
        looked = attend(f"{layer}.attention", state)
        for at, one in enumerate(state):
            mixed = list(map(float.__add__, one, looked[at]))
            mixed = norm(f"{layer}.attention.output.LayerNorm", mixed)
            inner = times(f"{layer}.intermediate.dense", mixed)
            inner = [one / 2 * (1 + math.erf(one / math.sqrt(2))) for one in inner]
            mixed = list(map(float.__add__, mixed, times(f"{layer}.output.dense", inner)))
            state[at] = norm(f"{layer}.output.LayerNorm", mixed)
    vector = (
        state[0] if first else [sum(column) / len(state) for column in zip(*state, strict=True)]
    )
    length = math.sqrt(sum(one * one for one in vector))
    return [one / length for one in vector]


def test_vectors_are_those_of_the_book(folder: Path) -> None:
    found = Encoder.load(folder).vectors(TEXTS)
    split = (
        ["herd", "##ers", "and", "the", "border"],
        [],
        ["housing", "law", "of", "a", "city", "[UNK]", "rent", "[UNK]"],
        ["rent"],
    )
    assert found.dtype == np.float32
    for row, words in zip(found, split, strict=True):
        assert row == pytest.approx(by_the_book(words), abs=2e-6)


def test_the_first_token_stands_for_the_text_where_the_model_says_so(folder: Path) -> None:
    says(folder, "1_Pooling/config.json", pooling_mode_cls_token=True, word_embedding_dimension=8)
    found = Encoder.load(folder).vectors(["rent"])
    assert found[0] == pytest.approx(by_the_book(["rent"], first=True), abs=2e-6)


def test_the_tokenizer_of_a_multilingual_model_will_do(tmp_path: Path) -> None:
    found = Encoder.load(multilingual(tmp_path)).vectors(["housing law"])
    assert found[0] == pytest.approx(by_the_book(["housing", "law"]), abs=2e-6)


def test_without_the_extra_it_says_what_to_install(folder: Path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(MatchingError, match=r"pip install reviewhub\[embeddings\]"):
        Encoder.load(folder)


def test_a_text_has_the_same_vector_in_any_company_and_order(folder: Path) -> None:
    encoder = Encoder.load(folder)
    many = [" ".join(WORDS[4 + at % 7 : 6 + at % 7 + at % 5]) for at in range(2 * TOGETHER + 3)]
    together = encoder.vectors(many)
    alone = np.concatenate([encoder.vectors([one]) for one in many])
    assert np.abs(together - alone).max() < 1e-6
    assert np.abs(encoder.vectors(many[::-1])[::-1] - together).max() < 1e-6
    assert np.linalg.norm(together, axis=1) == pytest.approx(1, abs=1e-6)
    assert encoder.vectors([]).shape == (0, 8)


def test_a_long_text_is_read_as_far_as_the_model_goes(folder: Path) -> None:
    encoder = Encoder.load(folder)
    longest = encoder.vectors([" ".join(["rent"] * 18)])
    assert np.array_equal(encoder.vectors([" ".join(["rent"] * 400)]), longest)
    says(folder, "sentence_bert_config.json", max_seq_length=6)
    shorter = Encoder.load(folder).vectors([" ".join(["rent"] * 400)])
    assert shorter[0] == pytest.approx(by_the_book(["rent"] * 4), abs=2e-6)


def test_weights_in_half_precision_and_with_a_prefix_are_read(folder: Path) -> None:
    whole = Encoder.load(folder).vectors(TEXTS)
    halves = {f"bert.{name}": value.astype(np.float16) for name, value in numbers(1).items()}
    save_file(halves, folder / "model.safetensors")
    assert np.abs(Encoder.load(folder).vectors(TEXTS) - whole).max() < 0.02


def test_the_error_function_and_gelu_are_exact_to_single_precision() -> None:
    values = np.linspace(-6, 6, 5001, dtype=np.float32)
    exact = np.array([math.erf(one) for one in values.tolist()])
    assert np.abs(erf(values) - exact).max() < 5e-7
    smooth = np.array([one / 2 * (1 + math.erf(one / math.sqrt(2))) for one in values.tolist()])
    many = np.tile(values, (20, 1))  # more than are worked on at a time
    assert np.abs(gelu(many) - smooth).max() < 2e-6


def test_the_digest_changes_with_whatever_makes_other_vectors(folder: Path) -> None:
    digests = [digest(folder), digest(tiny(folder.parent / "elsewhere"))]
    assert digests[0] == digests[1]
    save_file(numbers(2), folder / "model.safetensors")
    digests.append(digest(folder))
    says(folder, "1_Pooling/config.json", pooling_mode_cls_token=True)
    digests.append(digest(folder))
    assert len(set(digests)) == 3


def says(folder: Path, name: str, **content: object) -> None:
    """Let a file of the model say this."""
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(json.dumps(content))


def another_kind(folder: Path) -> None:
    says(folder, "config.json", **CONFIG | {"model_type": "mpnet"})


def another_act(folder: Path) -> None:
    says(folder, "config.json", **CONFIG | {"hidden_act": "relu"})


def no_config(folder: Path) -> None:
    says(folder, "config.json", model_type="bert")


def uneven_heads(folder: Path) -> None:
    says(folder, "config.json", **CONFIG | {"num_attention_heads": 3})


def too_few_words(folder: Path) -> None:
    says(folder, "config.json", **CONFIG | {"vocab_size": 5})


def another_part(folder: Path) -> None:
    kinds = ("models.Transformer", "models.Pooling", "models.Dense")
    parts = [{"type": f"sentence_transformers.{kind}"} for kind in kinds]
    (folder / "modules.json").write_text(json.dumps(parts))


def another_pooling(folder: Path) -> None:
    says(folder, "1_Pooling/config.json", pooling_mode_max_tokens=True)


def no_json(folder: Path) -> None:
    (folder / "config.json").write_text("{")


def broken_weights(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"not weights")


def fewer_weights(folder: Path) -> None:
    kept = {name: value for name, value in numbers(1).items() if "layer.1.output" not in name}
    save_file(kept, folder / "model.safetensors")


def other_weights(folder: Path) -> None:
    bias = {"encoder.layer.0.output.dense.bias": np.zeros(9, np.float32)}
    save_file(numbers(1) | bias, folder / "model.safetensors")


def broken_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").write_text("{}")


def no_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (another_kind, "model_type of the model is 'mpnet'; only 'bert' is known"),
        (another_act, "hidden_act"),
        (no_config, "config.json is not that of a BERT model"),
        (uneven_heads, "multiple"),
        (too_few_words, "more tokens than the model"),
        (another_part, "not known: Dense"),
        (another_pooling, "pooling_mode_max_tokens"),
        (no_json, "config.json is not JSON"),
        (broken_weights, "model.safetensors cannot be read"),
        (fewer_weights, "no weights 'encoder.layer.1.output"),
        (other_weights, r"is of \(9,\), not of \(8,\)"),
        (broken_tokenizer, "tokenizer.json cannot be read"),
        (no_tokenizer, "holds no model: tokenizer.json is not there"),
    ],
    ids=lambda one: getattr(one, "__name__", None),
)
def test_a_folder_that_is_none_is_told_in_a_sentence(folder: Path, spoil, sentence: str) -> None:
    Encoder.load(folder)
    spoil(folder)
    with pytest.raises(MatchingError, match=sentence):
        Encoder.load(folder)


@pytest.mark.slow
@pytest.mark.skipif(
    not REAL, reason="REVIEWHUB_TEST_EMBEDDINGS names no folder of all-MiniLM-L6-v2"
)
def test_the_real_model_says_what_is_known_of_it() -> None:
    """The cosines that sentence-transformers' documentation shows for all-MiniLM-L6-v2."""
    found = Encoder.load(Path(REAL)).vectors(
        [
            "A man is eating food.",
            "A man is eating a piece of bread.",
            "The new movie is awesome",
            "The new movie is so great",
        ]
    )
    assert float(found[0] @ found[1]) == pytest.approx(0.7553, abs=1e-4)
    assert float(found[2] @ found[3]) == pytest.approx(0.8939, abs=1e-4)
