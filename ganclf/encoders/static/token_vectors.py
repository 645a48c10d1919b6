"""Model2Vec (Tulkens & van Dongen 2024) in the served graph: a text is the weighted mean of its tokens' vectors."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from ganclf.encoders.ngrams.hashing import read_beginning
from ganclf.encoders.static.tokenizer_json import read_tokenizer
from ganclf.encoders.transformer.sentence_files import first_line, read_json
from ganclf.errors import ConfigError

LAYOUTS = ("", "0_StaticEmbedding")  # folders that hold the weights and tokenizer.json
NAMES = ("embeddings", "embedding.weight")  # of the vectors, as Model2Vec and Sentence Transformers call them
WEIGHTS, TOKENIZER = "model.safetensors", "tokenizer.json"
MAX_TOKENS = 512  # that Model2Vec reads where config.json has no max_length
SUPPORTED = "the folder of a Model2Vec model, with model.safetensors, tokenizer.json and config.json"


@dataclass(frozen=True, eq=False)
class StaticFiles:
    """What a folder holds.

    Attributes:
        vectors: float16, float32 or int8, shape [rows, size].
        weights: of each token, float32, shape [tokens]; None: all 1.
        mapping: row of each token, int, shape [tokens]; None: its id.
        tokenizer: the content of tokenizer.json.
        max_tokens: that are read per text; None: all.
    """

    vectors: np.ndarray
    weights: np.ndarray | None
    mapping: np.ndarray | None
    tokenizer: dict[str, Any]
    max_tokens: int | None


class TokenVectors(tf.Module):
    """Texts → vectors, as the package `model2vec` makes them.

    Args:
        folder: of the model.
        max_characters: that are read per text.

    Raises:
        ConfigError: the folder is broken or not supported.
    """

    def __init__(self, folder: Path, max_characters: int) -> None:
        super().__init__(name="token_vectors")
        files = read_static_folder(folder)
        try:
            self._tokenizer, self._unknown = read_tokenizer(files.tokenizer)
        except (ValueError, KeyError, TypeError) as error:
            raise ConfigError(f"--preset {folder}: {first_line(error)}. Give {SUPPORTED}.") from error
        self._max_tokens = files.max_tokens
        self._max_characters = max_characters
        if files.max_tokens is not None:
            median = int(statistics.median(len(token) for token in _tokens(files.tokenizer)))
            self._max_characters = min(max_characters, files.max_tokens * median)  # as the package does
        self._vectors = tf.Variable(files.vectors, trainable=False, name="vectors")
        self._weights = _constant(files.weights, np.float32, "weights")
        self._mapping = _constant(files.mapping, np.int32, "mapping")

    def __call__(self, texts: tf.Tensor) -> tf.Tensor:
        """Strings, shape [batch] → float32 of unit length, zeros without a known token, shape [batch, size]."""
        ids = self._tokenizer.tokenize(read_beginning(texts, self._max_characters))
        if self._max_tokens is not None:
            ids = ids[:, : self._max_tokens]
        if self._unknown is not None:
            ids = tf.ragged.boolean_mask(ids, ids != self._unknown)
        # each token's row is weighted once per batch: a batch of long texts needs little more memory than the table
        tokens, places = tf.unique(ids.values)
        rows = tf.gather(self._vectors, tokens if self._mapping is None else tf.gather(self._mapping, tokens))
        rows = tf.cast(rows, tf.float32)
        if self._weights is not None:
            rows *= tf.gather(self._weights, tokens)[:, tf.newaxis]
        sums = tf.sparse.segment_sum(rows, places, ids.value_rowids(), num_segments=ids.nrows())
        return tf.math.l2_normalize(sums, axis=1)


def _constant(values: np.ndarray | None, dtype: type, name: str) -> tf.Variable | None:
    return None if values is None else tf.Variable(values.astype(dtype), trainable=False, name=name)


def is_static_folder(folder: Path) -> bool:
    """Whether the weights there are one table of vectors."""
    return any((folder / layout / WEIGHTS).is_file() for layout in LAYOUTS)


def read_static_folder(folder: Path) -> StaticFiles:
    """Read a folder of Model2Vec, or of a static Sentence Transformers model.

    Raises:
        ConfigError: a file is missing, broken, or of another kind of model.
    """
    place = next((folder / layout for layout in LAYOUTS if (folder / layout / WEIGHTS).is_file()), folder)
    for file in (WEIGHTS, TOKENIZER):
        if not (place / file).is_file():
            raise ConfigError(f"--preset {folder}: no {file} there. Give {SUPPORTED}.")
    tensors = _tensors(place / WEIGHTS)
    name = next((name for name in NAMES if name in tensors), None)
    if name is None or tensors[name].ndim != 2:
        raise ConfigError(
            f"--preset {folder}: no table of vectors in {WEIGHTS}; found {', '.join(sorted(tensors)[:4])}. "
            "For a transformer use --encoder pretrained."
        )
    config = read_json(folder / "config.json") if (folder / "config.json").is_file() else {}
    files = StaticFiles(
        tensors[name], tensors.get("weights"), tensors.get("mapping"), read_json(place / TOKENIZER),
        config.get("max_length", MAX_TOKENS),
    )  # fmt: skip
    _check_sizes(folder, files)
    return files


def _check_sizes(folder: Path, files: StaticFiles) -> None:
    """Every token has a row and a weight: on a CPU an index out of range ends a request, on a GPU it gives zeros."""
    tokens, rows = len(_tokens(files.tokenizer)), len(files.vectors)
    short = rows if files.mapping is None else len(files.mapping)
    if short < tokens or (files.weights is not None and len(files.weights) < tokens):
        raise ConfigError(f"--preset {folder}: {tokens:,} tokens and {short:,} vectors. Fetch the model anew.")
    if files.mapping is not None and not (files.mapping.min() >= 0 and files.mapping.max() < rows):
        raise ConfigError(f"--preset {folder}: its mapping names rows beyond the {rows:,} vectors. Fetch it anew.")
    if files.vectors.dtype.kind not in "fi" or not np.isfinite(files.vectors.astype(np.float32)).all():
        raise ConfigError(f"--preset {folder}: its vectors hold values that are no finite numbers. Fetch it anew.")


def _tokens(tokenizer: dict[str, Any]) -> list[str]:
    """The model's tokens, in any order."""
    vocabulary = tokenizer["model"]["vocab"]
    return list(vocabulary) if isinstance(vocabulary, dict) else [piece for piece, _ in vocabulary]


def _tensors(file: Path) -> dict[str, np.ndarray]:
    try:
        from safetensors import SafetensorError
        from safetensors.numpy import load_file
    except ImportError as error:
        raise ConfigError(
            "--encoder static: safetensors is not installed. Install it with: pip install 'ganclf[pretrained]'"
        ) from error
    try:
        return load_file(file)
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise ConfigError(f"--preset {file.parent}: {file.name} can't be read ({first_line(error)}).") from error
