"""How pairs become ids: tokens for the generator, n-grams for the discriminator."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from ganclf.encoders.tokens import END, Tokenizer, padded
from ganclf.text_to_text.batches import Columns
from ganclf.text_to_text.replies.ngrams import PairNgrams
from ganclf.text_to_text.replies.pairs import Pairs

MAX_CHARACTERS = 4000  # of a text that are read, in training and by a server


class PairEncoding:
    """Both encodings, fitted on the training pairs.

    Args:
        tokenizer: fitted.
        ngrams: fitted.
        max_tokens: of a text, of which the end is read, and of a reply, whose end is cut.
    """

    def __init__(self, tokenizer: Tokenizer, ngrams: PairNgrams, max_tokens: int) -> None:
        self.tokenizer, self.ngrams, self.max_tokens = tokenizer, ngrams, max_tokens

    @classmethod
    def fit(cls, pairs: Pairs, max_words: int, max_ngrams: int, max_tokens: int) -> PairEncoding:
        """Learn both vocabularies."""
        texts = [text[:MAX_CHARACTERS] for text in (*pairs.texts, *pairs.replies)]
        return cls(Tokenizer.fit(texts, max_words), PairNgrams.fit(texts, max_ngrams), max_tokens)

    def columns(self, pairs: Pairs) -> Columns:
        """Encode pairs, as a game takes them."""
        numbers: dict[str, int] = {}
        texts, replies = ([text[:MAX_CHARACTERS] for text in side] for side in (pairs.texts, pairs.replies))
        return Columns(
            {
                "source": [row[-self.max_tokens :] for row in self.tokenizer.encode_all(texts, 10**9)],
                "reply": self.tokenizer.encode_all(replies, self.max_tokens),
                "text_ngrams": self.ngrams.encode_all(texts),
                "reply_ngrams": self.ngrams.encode_all(replies),
            },
            {
                "reply_number": np.array(
                    [numbers.setdefault(reply, len(numbers)) for reply in pairs.replies], np.int32
                )
            },
        )  # fmt: skip

    def source(self, texts: tf.Tensor) -> tf.Tensor:
        """Strings [batch] → tokens that the generator reads, int32, shape [batch, at most max_tokens]."""
        tokens = self.tokenizer.encode(texts)
        ends = tf.fill([tokens.nrows(), 1], END)
        return tf.concat([tokens, ends], axis=1)[:, -self.max_tokens :].to_tensor()

    def text_ngrams(self, texts: tf.Tensor) -> tf.Tensor:
        """Strings [batch] → ids of n-grams, int32, shape [batch, any]."""
        ids = self.ngrams.encode(texts).to_tensor()
        return tf.pad(ids, [[0, 0], [0, tf.maximum(1 - tf.shape(ids)[1], 0)]])

    def decode(self, tokens: Sequence[np.ndarray] | np.ndarray) -> list[str]:
        """Replies of ids, PAD after END."""
        return [text.decode() for text in self.tokenizer.decode(tf.constant(padded(list(tokens)))).numpy()]
