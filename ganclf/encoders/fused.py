"""Several encoders side by side: what one misses, another may see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import scipy.sparse
import tensorflow as tf

from ganclf.config import EncoderConfig
from ganclf.encoders.glyphs import GlyphEncoder
from ganclf.encoders.ngrams.encoder import NgramEncoder
from ganclf.encoders.transformer.encoder import PretrainedEncoder
from ganclf.encoders.transformer.top_layers import Front, UpperLayers

PARTS: dict[str, type[NgramEncoder] | type[PretrainedEncoder] | type[GlyphEncoder]] = {
    "ngram": NgramEncoder,
    "pretrained": PretrainedEncoder,
    "glyph": GlyphEncoder,
}


class FusedEncoder(tf.Module):
    """Joins vectors of unit length, all with the same weight, and makes the whole of unit length again.

    Args:
        config: `fuse` names the parts.
        seed: of every part.
    """

    def __init__(self, config: EncoderConfig, seed: int = 0) -> None:
        super().__init__(name="fused_encoder")
        self._tuning = config.tuning
        self.parts = [PARTS[name](config, seed) for name in config.parts]

    def fit(self, texts: Sequence[str], advance: Callable[[int], None] = lambda done: None) -> FusedEncoder:
        """Fit every part on `texts`; return self."""
        share = _Share(advance, len(self.parts))
        for part in self.parts:
            part.fit(texts, share)
        return self

    def tune(
        self, texts: Sequence[str], labels: np.ndarray, advance: Callable[[int], None] = lambda done: None
    ) -> None:
        """Tune the part that `--tune` is for; labels as in `PretrainedEncoder.tune`."""
        kind = GlyphEncoder if self._tuning in GlyphEncoder.tunings else PretrainedEncoder
        next(part for part in self.parts if isinstance(part, kind)).tune(texts, labels, advance)

    def distil(
        self, texts: Sequence[str], answers: np.ndarray, advance: Callable[[int], None] = lambda done: None
    ) -> None:
        """Let the pretrained part learn; answers as in `PretrainedEncoder.distil`."""
        self._pretrained().distil(texts, answers, advance)

    def upper(self) -> UpperLayers:
        """The last layers of the pretrained part."""
        return self._pretrained().upper()

    def adopt(self, front: Front) -> None:
        """Give the pretrained part layers that were trained."""
        self._pretrained().adopt(front)

    def _pretrained(self) -> PretrainedEncoder:
        return next(part for part in self.parts if isinstance(part, PretrainedEncoder))

    @property
    def missing_share(self) -> float:
        """Share of the training texts' characters that a part could not draw."""
        return max(part.missing_share for part in self.parts)

    def encode(self, texts: tf.Tensor) -> tf.Tensor:
        """Strings, shape [batch] → float32 of unit length, shape [batch, sum of the sizes]; in the served graph."""
        return tf.math.l2_normalize(tf.concat([part.encode(texts) for part in self.parts], axis=1), axis=1)

    def look(
        self,
        texts: Sequence[str],
        labels: np.ndarray | None = None,
        advance: Callable[[int], None] = lambda done: None,
    ) -> np.ndarray:
        """As `PretrainedEncoder.look`, which the pretrained part does; float32, shape [n, sum of the sizes]."""
        share = _Share(advance, len(self.parts))
        return _side_by_side(
            part.look(texts, labels, share) if isinstance(part, PretrainedEncoder) else part.transform(texts, share)
            for part in self.parts
        )

    def transform(self, texts: Sequence[str], advance: Callable[[int], None] = lambda done: None) -> np.ndarray:
        """Encode many texts; float32, shape [n, sum of the sizes]."""
        share = _Share(advance, len(self.parts))
        return _side_by_side(part.transform(texts, share) for part in self.parts)

    def tfidf(self, texts: Sequence[str]) -> scipy.sparse.csr_matrix:
        """Weigh n-grams, for linear baselines; float32, shape [n, words]."""
        return self.parts[0].tfidf(texts)


def _side_by_side(parts: Iterable[np.ndarray]) -> np.ndarray:
    rows = np.concatenate(list(parts), axis=1)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)


class _Share:
    """Tells of every text once when each of several parts tells of it."""

    def __init__(self, advance: Callable[[int], None], parts: int) -> None:
        self._advance, self._parts, self._done = advance, parts, 0

    def __call__(self, done: int) -> None:
        before = self._done // self._parts
        self._done += done
        self._advance(self._done // self._parts - before)
