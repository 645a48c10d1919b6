"""Text → numbers: one file an encoder, all with fit(texts), encode(tensor), transform(texts) and tfidf(texts)."""

from ganclf.encoders.ngram import NgramEncoder
from ganclf.encoders.pretrained import PretrainedEncoder

Encoder = NgramEncoder | PretrainedEncoder
ENCODERS: dict[str, type[Encoder]] = {"ngram": NgramEncoder, "pretrained": PretrainedEncoder}

__all__ = ["ENCODERS", "Encoder", "NgramEncoder", "PretrainedEncoder"]
