"""Text → features: one folder per encoder, all with fit(texts), encode(tensor), transform(texts) and tfidf(texts)."""

from ganclf.encoders.fused import FusedEncoder
from ganclf.encoders.glyphs import GlyphEncoder
from ganclf.encoders.ngrams.encoder import NgramEncoder
from ganclf.encoders.transformer.encoder import PretrainedEncoder
from ganclf.encoders.universal_sentence.encoder import UniversalSentenceEncoder

Encoder = NgramEncoder | PretrainedEncoder | GlyphEncoder | UniversalSentenceEncoder | FusedEncoder
ENCODERS: dict[str, type[Encoder]] = {
    "ngram": NgramEncoder,
    "pretrained": PretrainedEncoder,
    "glyph": GlyphEncoder,
    "use": UniversalSentenceEncoder,
    "fused": FusedEncoder,
}

__all__ = [
    "ENCODERS",
    "Encoder",
    "FusedEncoder",
    "GlyphEncoder",
    "NgramEncoder",
    "PretrainedEncoder",
    "UniversalSentenceEncoder",
]
