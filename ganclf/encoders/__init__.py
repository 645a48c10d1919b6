"""Text → numbers: one file an encoder, all with fit(texts), encode(tensor) and transform(texts)."""

from ganclf.encoders.ngram import NgramEncoder

ENCODERS = {"ngram": NgramEncoder}

__all__ = ["ENCODERS", "NgramEncoder"]
