"""Text → features: one folder per encoder, all with fit(texts), encode(tensor), transform(texts) and tfidf(texts)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ganclf.encoders.fused import PARTS, FusedEncoder, Part, make_part
from ganclf.encoders.glyphs import GlyphEncoder
from ganclf.encoders.ngrams.encoder import NgramEncoder
from ganclf.encoders.ngrams.taught import TaughtNgramEncoder
from ganclf.encoders.static.encoder import StaticEncoder
from ganclf.encoders.transformer.encoder import PretrainedEncoder
from ganclf.encoders.universal_sentence.encoder import UniversalSentenceEncoder

if TYPE_CHECKING:
    import numpy as np

    from ganclf.config import EncoderConfig

Encoder = Part | FusedEncoder
ENCODERS: dict[str, type[Encoder]] = {**PARTS, "fused": FusedEncoder}


def make_encoder(config: EncoderConfig, seed: int, teacher_vectors: np.ndarray | None = None) -> Encoder:
    """Make the encoder that a configuration names, not yet fitted.

    Args:
        config: of the encoder.
        seed: of everything random in it.
        teacher_vectors: as in `TaughtNgramEncoder`.

    Returns:
        The encoder.
    """
    if config.encoder == "fused":
        return FusedEncoder(config, seed, teacher_vectors)
    return make_part(config.encoder, config, seed, teacher_vectors)


__all__ = [
    "ENCODERS",
    "Encoder",
    "FusedEncoder",
    "GlyphEncoder",
    "NgramEncoder",
    "PretrainedEncoder",
    "StaticEncoder",
    "TaughtNgramEncoder",
    "UniversalSentenceEncoder",
    "make_encoder",
]
