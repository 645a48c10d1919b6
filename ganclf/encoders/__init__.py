"""Text → features: one folder per encoder, all with fit(texts), encode(tensor), transform(texts) and tfidf(texts)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ganclf.encoders.fused import FusedEncoder
from ganclf.encoders.glyphs import GlyphEncoder
from ganclf.encoders.ngrams.encoder import NgramEncoder
from ganclf.encoders.ngrams.taught import TaughtNgramEncoder
from ganclf.encoders.static.encoder import StaticEncoder
from ganclf.encoders.transformer.encoder import PretrainedEncoder
from ganclf.encoders.universal_sentence.encoder import UniversalSentenceEncoder

if TYPE_CHECKING:
    import numpy as np

    from ganclf.config import EncoderConfig

Encoder = (
    NgramEncoder
    | TaughtNgramEncoder
    | PretrainedEncoder
    | GlyphEncoder
    | UniversalSentenceEncoder
    | StaticEncoder
    | FusedEncoder
)
ENCODERS: dict[str, type[Encoder]] = {
    "ngram": NgramEncoder,
    "pretrained": PretrainedEncoder,
    "glyph": GlyphEncoder,
    "use": UniversalSentenceEncoder,
    "static": StaticEncoder,
    "fused": FusedEncoder,
}


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
    if config.has_teachers:
        return TaughtNgramEncoder(config, seed, teacher_vectors)
    return ENCODERS[config.encoder](config, seed)


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
