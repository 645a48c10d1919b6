"""SentencePiece in TensorFlow ops (Kudo & Richardson 2018): raw strings → token ids, in the served graph too."""

from __future__ import annotations

from dataclasses import dataclass

import tensorflow as tf
import tensorflow_text


@dataclass(frozen=True)
class Family:
    """How a family numbers its tokens, and what it does to a text first.

    Attributes:
        start, end, pad: special pieces, or their ids where the file's own numbers are not used.
        unknown: id of a piece that is not in the file; None: the file's own.
        offset: is added to the file's numbers.
        plain: capitals made small, accents taken off.
    """

    start: str | int
    end: str | int
    pad: str | int
    unknown: int | None = None
    offset: int = 0
    plain: bool = False


XLM_ROBERTA = Family(start=0, end=2, pad=1, unknown=3, offset=1)
CAMEMBERT = Family(start=5, end=6, pad=1, unknown=3, offset=4)
ALBERT = Family(start="[CLS]", end="[SEP]", pad="<pad>", plain=True)
ALBERT_CASED = Family(start="[CLS]", end="[SEP]", pad="<pad>")
DEBERTA_V3 = Family(start="[CLS]", end="[SEP]", pad="[PAD]")


class SentencePieceTokenizer(tf.Module):
    """What XLM-R, CamemBERT, ALBERT, DeBERTaV3 and the multilingual sentence encoders read.

    Args:
        proto: the serialized SentencePiece model.
        family: whose ids.
    """

    def __init__(self, proto: bytes, family: Family) -> None:
        super().__init__(name="sentencepiece")
        self._pieces = tensorflow_text.SentencepieceTokenizer(model=proto)
        self._family = family
        self._unknown = int(self._pieces.string_to_id(tf.constant("\u0000 no piece")))
        self.start, self.end, self.pad = (self._id(piece) for piece in (family.start, family.end, family.pad))

    def _id(self, piece: str | int) -> int:
        return piece if isinstance(piece, int) else int(self._pieces.string_to_id(tf.constant(piece)))

    def tokenize(self, texts: tf.Tensor) -> tf.RaggedTensor:
        """UTF-8 strings, shape [batch] → ids without special tokens, int32, shape [batch, (tokens)]."""
        if self._family.plain:
            texts = tf.strings.regex_replace(tensorflow_text.normalize_utf8(texts, "NFKD"), r"\p{Mn}", "")
            texts = tf.strings.lower(texts, encoding="utf-8")
        ids = self._pieces.tokenize(texts)
        if self._family.unknown is None:
            return ids
        return ids.with_values(
            tf.where(ids.values == self._unknown, self._family.unknown, ids.values + self._family.offset)
        )
