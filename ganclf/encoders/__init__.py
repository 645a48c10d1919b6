"""Text → numbers: one file an encoder, one small protocol."""

from ganclf.encoders.ngram import NgramEncoder

__all__ = ["NgramEncoder"]
