"""Vectors of texts, on a hub with a model (`REVIEWHUB_EMBEDDINGS`): made once for each text.

Only a worker comes here: numpy and the model are loaded inside the functions that need them. What
is kept for a row is the model's digest and, for each text, a digest of the text and its vector in
half precision. So a text that stays as it is stays encoded, and a change of model is noticed.
"""

import logging
from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from threading import Lock
from typing import Any

from reviewhub.core import config
from reviewhub.matching.errors import MatchingError

log = logging.getLogger(__name__)

_KEY = 8  # bytes of a digest

_loaded: tuple[str, Any] = ("", None)  # the worker's own: a model's digest, and the model
_broken: frozenset[str] = frozenset()  # digests of models that could not be loaded
_ready: dict[bytes, Any] = {}  # what `prepare` made or found: by model and text, in half precision
_said = ""  # the reason that was logged last: this is asked every minute
_loading = Lock()  # two threads of a worker do not load it twice


def model() -> str:
    """The digest of the hub's model; empty on a hub without one, or where it cannot be used: then
    the log has the reason, and texts are compared by words alone."""
    folder = config.current().embeddings
    if not folder:
        return ""
    try:
        found = _digest_of(Path(folder))
    except (MatchingError, OSError) as error:
        _say(error)
        return ""
    return "" if found in _broken else found


def prepare(texts: Iterable[str], held: Iterable[bytes | None]) -> int:
    """Encode, while nobody waits for it, what has no vector among those held; returns how many
    texts it was. This takes a tenth of a second for each."""
    global _ready
    digest = model()
    if not digest:
        return 0
    found: dict[bytes, Any] = {}
    for packed in held:
        found |= _known(packed, digest)
    missing = {key: text for text in texts if (key := _key(text, digest)) not in found}
    encoder = _encoder(digest) if missing else None
    if encoder is not None:
        vectors = encoder.vectors(list(missing.values())).astype("<f2")
        found |= zip(missing, vectors, strict=True)
    _ready = found
    return len(missing) if encoder is not None else 0


def pack(texts: Sequence[str], held: bytes | None) -> bytes | None:
    """The texts' vectors as a row keeps them, those that it holds among them. Without a model there
    are none; with one that cannot be used now, what is held stays for when it can be again."""
    digest = model()
    if not digest:
        return held if config.current().embeddings else None
    if not texts:
        return None
    vectors = _vectors(texts, digest, _known(held, digest))
    if vectors is None:
        return held
    return bytes.fromhex(digest) + b"".join(
        _key(text, digest)[_KEY:] + vector.tobytes()
        for text, vector in zip(texts, vectors, strict=True)
    )


def unpack(packed: bytes | None, number: int) -> Any:
    """The vectors of so many texts, a row each, in single precision; None of another model."""
    if packed is None or not (digest := model()) or packed[:_KEY].hex() != digest:
        return None
    import numpy as np  # noqa: PLC0415 -- the worker's alone

    rows = np.frombuffer(packed, np.uint8, offset=_KEY).reshape(number, -1)[:, _KEY:]
    return np.ascontiguousarray(rows).view("<f2").astype(np.float32)


class Source:
    """The present model as `matching.vectors` asks it."""

    def vectors(self, texts: Sequence[str]) -> Any:
        """One row per text. Raises MatchingError where there is no model any more."""
        import numpy as np  # noqa: PLC0415 -- the worker's alone

        found = _vectors(texts, model(), {})
        if found is None:
            raise MatchingError("the model is gone")
        return np.array(found, dtype=np.float32)


def _vectors(texts: Sequence[str], digest: str, known: dict[bytes, Any]) -> list[Any] | None:
    """The vector of each, from what is known or ready, else made now."""
    held = _ready | known
    keys = [_key(text, digest) for text in texts]
    missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in held}
    if missing:
        encoder = _encoder(digest)
        if encoder is None:
            return None
        held |= zip(missing, encoder.vectors(list(missing.values())).astype("<f2"), strict=True)
    return [held[key] for key in keys]


def _known(packed: bytes | None, digest: str) -> dict[bytes, Any]:
    """The vectors that a row holds, by model and text; none of another model."""
    if packed is None or packed[:_KEY].hex() != digest:
        return {}
    import numpy as np  # noqa: PLC0415 -- the worker's alone

    encoder = _encoder(digest)
    if encoder is None:
        return {}
    size = _KEY + 2 * encoder.dimensions
    parts = [packed[start : start + size] for start in range(_KEY, len(packed), size)]
    return {packed[:_KEY] + part[:_KEY]: np.frombuffer(part, "<f2", offset=_KEY) for part in parts}


def _key(text: str, digest: str) -> bytes:
    return bytes.fromhex(digest) + blake2b(text.encode(), digest_size=_KEY).digest()


def _encoder(digest: str) -> Any:
    """The model, loaded once; None where that fails, which is logged once."""
    global _loaded, _broken
    with _loading:
        if _loaded[0] == digest:
            return _loaded[1]
        if not digest or digest in _broken:
            return None
        from reviewhub.matching.encoder import Encoder  # noqa: PLC0415 -- the worker's alone

        try:
            _loaded = (digest, Encoder.load(Path(config.current().embeddings)))
        except (MatchingError, OSError) as error:
            _broken |= {digest}
            _say(error)
            return None
        return _loaded[1]


def _say(error: Exception) -> None:
    global _said
    if _said != str(error):
        _said = str(error)
        log.error("texts are compared by their words alone: %s", error)


def _digest_of(folder: Path) -> str:
    from reviewhub.matching.encoder import CONSULTED, NEEDED  # noqa: PLC0415 -- loads numpy

    states = (
        (name, state.st_size, state.st_mtime_ns)
        for name in (*NEEDED, *CONSULTED)
        if (folder / name).exists() and (state := (folder / name).stat())
    )
    return _digest(folder, tuple(states))


@lru_cache(maxsize=4)
def _digest(folder: Path, _states: tuple[Any, ...]) -> str:
    """Read whole only when a file has changed: this is 90 MB and more."""
    from reviewhub.matching.encoder import digest  # noqa: PLC0415 -- loads numpy

    return digest(folder)
