"""Several encoders side by side: their vectors are concatenated."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import numpy as np
import scipy.sparse
import tensorflow as tf

from ganclf.cli.progress import Advance
from ganclf.config import EncoderConfig
from ganclf.data.rows import View
from ganclf.encoders.fit import split_columns, view_name, views_of
from ganclf.encoders.glyphs import GlyphEncoder
from ganclf.encoders.ngrams.encoder import NgramEncoder
from ganclf.encoders.ngrams.taught import TaughtNgramEncoder
from ganclf.encoders.static.encoder import StaticEncoder
from ganclf.encoders.transformer.encoder import PretrainedEncoder
from ganclf.encoders.transformer.top_layers import SplitTransformer, TopLayers
from ganclf.encoders.universal_sentence.encoder import UniversalSentenceEncoder

Part = NgramEncoder | TaughtNgramEncoder | PretrainedEncoder | GlyphEncoder | UniversalSentenceEncoder | StaticEncoder
PARTS: dict[str, type[Part]] = {
    "ngram": NgramEncoder,
    "pretrained": PretrainedEncoder,
    "glyph": GlyphEncoder,
    "use": UniversalSentenceEncoder,
    "static": StaticEncoder,
}


def make_part(name: str, config: EncoderConfig, seed: int, teacher_vectors: np.ndarray | None = None) -> Part:
    """Make one encoder, not yet fitted: n-grams are taught where the configuration names teachers.

    Args:
        name: in PARTS.
        config: of all encoders.
        seed: of everything random in it.
        teacher_vectors: as in `TaughtNgramEncoder`.

    Returns:
        The encoder.
    """
    if name == "ngram" and config.has_teachers:
        return TaughtNgramEncoder(config, seed, teacher_vectors)
    return PARTS[name](config, seed)


class FusedEncoder(tf.Module):
    """Concatenates vectors of unit length, all with the same weight, and scales the result to unit length.

    Args:
        config: `fuse` names the parts.
        seed: of every part.
        teacher_vectors: as in `TaughtNgramEncoder`, for the n-grams if they have teachers.
    """

    def __init__(self, config: EncoderConfig, seed: int = 0, teacher_vectors: np.ndarray | None = None) -> None:
        super().__init__(name="fused_encoder")
        self._tuning = config.tuning
        self.parts = [make_part(name, config, seed, teacher_vectors) for name in config.parts]
        self._sizes: list[int] = []  # of the parts' vectors, once a text was encoded

    def fit(self, texts: Sequence[str], advance: Advance = lambda done: None) -> FusedEncoder:
        """Fit every part on `texts`; return self."""
        shared = _SharedProgress(advance, len(self.parts))
        for part in self.parts:
            part.fit(texts, shared)
        return self

    def tune(self, texts: Sequence[str], labels: np.ndarray, advance: Advance = lambda done: None) -> None:
        """Fine-tune the part that `--tune` is for; labels as in `PretrainedEncoder.tune`."""
        kind = GlyphEncoder if self._tuning in GlyphEncoder.tunings else PretrainedEncoder
        next(part for part in self.parts if isinstance(part, kind)).tune(texts, labels, advance)

    def distill(self, texts: Sequence[str], soft_labels: np.ndarray, advance: Advance = lambda done: None) -> None:
        """Distill into the pretrained part, as `PretrainedEncoder.distill`."""
        self._pretrained().distill(texts, soft_labels, advance)

    def split(self) -> SplitTransformer:
        """Return the pretrained part, split below its last layers."""
        return self._pretrained().split()

    def set_top_layers(self, top_layers: TopLayers) -> None:
        """Replace the last layers of the pretrained part by trained ones."""
        self._pretrained().set_top_layers(top_layers)

    def _pretrained(self) -> PretrainedEncoder:
        return next(part for part in self.parts if isinstance(part, PretrainedEncoder))

    @property
    def missing_share(self) -> float:
        """Share of the training texts' characters that no font has."""
        return max(part.missing_share for part in self.parts)

    def encode(self, texts: tf.Tensor) -> tf.Tensor:
        """Strings, shape [batch] → float32 of unit length, shape [batch, sum of the sizes]; in the served graph."""
        return tf.math.l2_normalize(tf.concat([part.encode(texts) for part in self.parts], axis=1), axis=1)

    def fit_transform(
        self, texts: Sequence[str], labels: np.ndarray | None = None, advance: Advance = lambda done: None
    ) -> np.ndarray:
        """As `PretrainedEncoder.fit_transform`, for the pretrained part; float32, shape [n, sum of the sizes]."""
        shared = _SharedProgress(advance, len(self.parts))
        return self._joined(
            part.fit_transform(texts, labels, shared)
            if isinstance(part, PretrainedEncoder)
            else part.transform(texts, shared)
            for part in self.parts
        )

    def transform(self, texts: Sequence[str], advance: Advance = lambda done: None) -> np.ndarray:
        """Encode many texts; float32, shape [n, sum of the sizes]."""
        shared = _SharedProgress(advance, len(self.parts))
        return self._joined(part.transform(texts, shared) for part in self.parts)

    def views(self, features: np.ndarray, start: int = 0) -> tuple[View, ...]:
        """The views of each part, whose columns begin at `start` in features of encoded texts, shape [n, size]."""
        blocks = zip(self.parts, split_columns(self._sizes, start), strict=True)
        return tuple(view for part, columns in blocks for view in views_of(part, features, columns))

    def leave_out(self, names: Collection[str], features: np.ndarray) -> np.ndarray:
        """Drop parts by their names in PARTS.

        Args:
            names: of some parts, not all.
            features: of encoded texts, float32, shape [n, size].

        Returns:
            What the parts that are left make of the same texts, float32 of unit length, shape [n, their sizes].
        """
        blocks = zip(self.parts, self._sizes, split_columns(self._sizes, 0), strict=True)
        kept = [block for block in blocks if view_name(block[0]) not in names]
        self.parts, self._sizes = [part for part, _, _ in kept], [size for _, size, _ in kept]
        return _concatenated([features[:, columns] for _, _, columns in kept])

    def _joined(self, parts: Iterable[np.ndarray]) -> np.ndarray:
        vectors = list(parts)
        self._sizes = [rows.shape[1] for rows in vectors]
        return _concatenated(vectors)

    def tfidf(self, texts: Sequence[str]) -> scipy.sparse.csr_matrix:
        """Return tf-idf of n-grams, for linear baselines; float32, shape [n, words]."""
        return self.parts[0].tfidf(texts)


def _concatenated(parts: Sequence[np.ndarray]) -> np.ndarray:
    rows = np.concatenate(parts, axis=1)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)


class _SharedProgress:
    """Reports every text once although each of several parts reports it."""

    def __init__(self, advance: Advance, parts: int) -> None:
        self._advance, self._parts, self._done = advance, parts, 0

    def __call__(self, done: int) -> None:
        before = self._done // self._parts
        self._done += done
        self._advance(self._done // self._parts - before)
