"""N-grams taught by sentence encoders: what a transformer sees in the pool, at the cost of n-grams when served.

A teacher encodes texts of the pool once. Ridge regression maps the n-gram vectors to the teacher's in closed form.
The map reproduces the teacher's vectors roughly, but it learns which directions of the n-grams mean something. What is
served is the n-gram vector and one matrix product per teacher; no teacher is in the graph.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse
import tensorflow as tf

from ganclf.cli.batching import NGRAM_BATCH, map_batches
from ganclf.cli.progress import Advance
from ganclf.config import EncoderConfig
from ganclf.data.rows import View
from ganclf.data.vectors import read_vectors, select_vectors
from ganclf.encoders.fit import split_columns
from ganclf.encoders.ngrams.cooccurrence import l2_normalized
from ganclf.encoders.ngrams.encoder import NgramEncoder
from ganclf.encoders.ngrams.onnx_teacher import OnnxTeacher, is_onnx_teacher
from ganclf.encoders.transformer.encoder import PretrainedEncoder
from ganclf.encoders.universal_sentence.encoder import UniversalSentenceEncoder
from ganclf.errors import ConfigError, EncoderError

RIDGE = 1.0  # strength, in terms of the mean variance of the n-grams' numbers: 0.01 and 0.1 teach less
USE = "use"  # the teacher that needs no folder


@dataclass(frozen=True, eq=False)
class Teacher:
    """A sentence encoder, or vectors that one made.

    Attributes:
        name: for reports.
        rows: texts that it encoded, as indices into the texts of the pool, int, ascending, shape [read].
        vectors: of these texts, float32 of unit length, shape [read, size].
        encode: further texts → the same space; None for vectors of a file.
    """

    name: str
    rows: np.ndarray
    vectors: np.ndarray
    encode: Callable[[Sequence[str]], np.ndarray] | None


class TaughtNgramEncoder(tf.Module):
    """Texts of any language → the n-gram vector and its image in the space of each teacher, together of unit length.

    Args:
        config: of the n-grams, and `teacher`, `teacher_vectors` and `teacher_texts`.
        seed: of the n-grams and of the texts that teachers read.
        vectors: those of `teacher_vectors` for the texts that `fit` gets, float32, shape [n, size]; default: the file
            is read, which must have one row per text.
    """

    knows_words = False  # whether names of classes can be encoded
    missing_share = 0.0  # of the characters that no font has: nothing is rendered here

    def __init__(self, config: EncoderConfig, seed: int = 0, vectors: np.ndarray | None = None) -> None:
        super().__init__(name="taught_ngram_encoder")
        self.config, self.seed, self._given = config, seed, vectors
        self.ngrams = NgramEncoder(config, seed)
        self._pool = _Pool(0, [])

    def fit(self, texts: Sequence[str], advance: Advance = lambda done: None) -> TaughtNgramEncoder:
        """Fit the n-grams on `texts`, let the teachers encode them, and learn the maps; return self.

        Raises:
            ConfigError: a teacher is missing, broken or not supported.
            DataError: the file of vectors does not have one row of finite numbers per text.
        """
        self.ngrams.fit(texts, (lambda done: None) if self.config.teacher else advance)
        self._pool = _Pool(len(texts), self._read_pool(texts, advance))
        needed = max((teacher.rows for teacher in self._pool.teachers), key=len)  # the rows of others are among them
        features = self.ngrams.transform([texts[row] for row in needed.tolist()])
        self.maps, self.shifts = [], []
        for teacher in self._pool.teachers:
            weights, shift = fit_ridge(features[np.searchsorted(needed, teacher.rows)], teacher.vectors)
            self.maps.append(tf.Variable(weights, trainable=False, name="taught"))
            self.shifts.append(tf.Variable(shift, trainable=False, name="taught_shift"))
        return self

    def _read_pool(self, texts: Sequence[str], advance: Advance) -> list[Teacher]:
        """Let each teacher encode as many texts as `teacher_texts` allows."""
        rows = np.arange(len(texts))
        if len(texts) > self.config.teacher_texts:
            drawn = np.random.default_rng(self.seed).choice(rows, self.config.teacher_texts, replace=False)
            rows = np.sort(drawn)
        chosen = [texts[row] for row in rows.tolist()]
        teachers: list[Teacher] = []
        for place, name in enumerate(map(str, self.config.teacher)):
            encoder = _load_teacher(name, self.config)
            vectors = encoder.transform(chosen, advance if place == 0 else lambda done: None)
            known = [teacher.name for teacher in teachers]
            teachers.append(Teacher(_short_name(name, known), rows, l2_normalized(vectors), encoder.transform))
        if self.config.teacher_vectors is not None:
            given = l2_normalized(self._vectors(len(texts)))
            name = _short_name(Path(self.config.teacher_vectors).stem, [teacher.name for teacher in teachers])
            teachers.append(Teacher(name, np.arange(len(texts)), given, None))
        return teachers

    def _vectors(self, texts: int) -> np.ndarray:
        if self._given is not None:
            return self._given
        path = Path(str(self.config.teacher_vectors))
        return select_vectors(read_vectors(path), path, texts, np.arange(texts), "the texts")

    def encode(self, texts: tf.Tensor) -> tf.Tensor:
        """Turn texts into feature vectors; part of the served graph.

        Args:
            texts: strings, shape [batch].

        Returns:
            float32 of unit length, shape [batch, size of the n-grams and of each teacher].

        Raises:
            EncoderError: the encoder was not fitted.
        """
        return self._add_taught(self.ngrams.encode(texts))

    def _add_taught(self, features: tf.Tensor) -> tf.Tensor:
        if not self._pool.teachers:
            raise EncoderError("The encoder was not fitted; call fit(texts) first.")
        taught = [
            tf.math.l2_normalize(features @ weights + shift, axis=1)
            for weights, shift in zip(self.maps, self.shifts, strict=True)
        ]
        return tf.math.l2_normalize(tf.concat([features, *taught], axis=1), axis=1)

    def transform(self, texts: Sequence[str], advance: Advance = lambda done: None) -> np.ndarray:
        """Encode many texts in batches; float32, shape [n, size]."""
        return map_batches(
            lambda batch: self._add_taught(self.ngrams.encode_buckets(self.ngrams.buckets(batch))),
            texts, NGRAM_BATCH, advance,
        )  # fmt: skip

    def views(self, features: np.ndarray, start: int = 0) -> tuple[View, ...]:
        """The n-grams, what each teacher made of them, and each teacher's own vectors where it encoded all texts.

        Args:
            features: served ones of texts that were encoded, float32, shape [n, size]. The teachers' vectors are those
                of the texts that the encoder was fitted on.
            start: the first column of this encoder.

        Returns:
            The views.
        """
        sizes = [self.config.size, *(teacher.vectors.shape[1] for teacher in self._pool.teachers)]
        names = ["ngram", *(f"ngram taught by {teacher.name}" for teacher in self._pool.teachers)]
        encoders = [None, *(teacher.encode for teacher in self._pool.teachers)]
        served = [
            View(name, features[:, columns], encode, columns)
            for name, columns, encode in zip(names, split_columns(sizes, start), encoders, strict=True)
        ]
        own = [
            View(teacher.name, teacher.vectors, teacher.encode)
            for teacher in self._pool.teachers
            if len(teacher.rows) == self._pool.texts
        ]
        return (*served, *own)

    def tfidf(self, texts: Sequence[str]) -> scipy.sparse.csr_matrix:
        """Return tf-idf of the n-grams, for linear baselines; float32, shape [n, words]."""
        return self.ngrams.tfidf(texts)


@dataclass(frozen=True, eq=False)
class _Pool:
    """What the encoder was fitted on; a plain object, so that no teacher is exported.

    Attributes:
        texts: their number.
        teachers: what the teachers made of them.
    """

    texts: int
    teachers: list[Teacher]


def fit_ridge(features: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fit ridge regression with an intercept, in closed form.

    Args:
        features: shape [n, size].
        targets: shape [n, outputs].

    Returns:
        Weights, float32, shape [size, outputs], and the intercept, float32, shape [outputs].
    """
    X, Y = features.astype(np.float64), targets.astype(np.float64)
    X_mean, Y_mean = X.mean(axis=0), Y.mean(axis=0)
    X -= X_mean
    gram = X.T @ X
    strength = RIDGE * max(float(np.trace(gram)) / len(gram), 1e-6)
    weights = np.linalg.solve(gram + strength * np.eye(len(gram)), X.T @ (Y - Y_mean))
    return weights.astype(np.float32), (Y_mean - X_mean @ weights).astype(np.float32)


def _load_teacher(name: str, config: EncoderConfig) -> Any:
    """Load the encoder that `--teacher` names.

    Raises:
        ConfigError: it is missing, broken or not supported.
    """
    alone: dict[str, Any] = {"fuse": EncoderConfig.fuse, "teacher": (), "teacher_vectors": None, "font": ()}
    alone |= {"tune": "none", "tune_steps": None}
    try:
        if name == USE:
            return UniversalSentenceEncoder(replace(config, **alone, encoder="use", preset=None, prefix=None)).fit([])
        if is_onnx_teacher(name):
            return OnnxTeacher(name, config)
        return PretrainedEncoder(replace(config, **alone, encoder="pretrained", preset=name, pooling="preset")).fit([])
    except ConfigError as error:
        option = str(error).replace("--preset", "--teacher").replace("--encoder use", f"--teacher {USE}")
        raise ConfigError(option) from error


def _short_name(name: str, known: Sequence[str]) -> str:
    """The last part of a path, with a number where it is known already."""
    short = Path(name).name or name
    return short if short not in known else f"{short} {len(known) + 1}"
