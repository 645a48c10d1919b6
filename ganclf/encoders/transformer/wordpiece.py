"""WordPiece in TensorFlow ops (Song et al. 2021): raw strings → token ids, in the served graph too."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf
import tensorflow_text

UNKNOWN, START, END, PAD = "[UNK]", "[CLS]", "[SEP]", "[PAD]"
CONTROL = (
    r"[^\P{C}\t\n\r]|\x{FFFD}"  # taken out without a gap: zero-width joiners, soft hyphens, the mark of a bad byte
)


class WordPieceTokenizer(tf.Module):
    """What BERT, DistilBERT and MiniLM read.

    A special token that is written out in a text, such as "[SEP]", is read as the letters that it consists of.

    Args:
        vocabulary: token of each id; has [UNK], [CLS] and [SEP].
        lowercase: whether capitals are made small.
        strip_accents: whether accents are taken off; None: where capitals are made small.
    Raises:
        ValueError: a special token is missing.
    """

    def __init__(self, vocabulary: Sequence[str], *, lowercase: bool = True, strip_accents: bool | None = None) -> None:
        super().__init__(name="wordpiece")
        missing = [token for token in (UNKNOWN, START, END) if token not in vocabulary]
        if missing:
            raise ValueError(f"the vocabulary has no {', '.join(missing)}")
        vocabulary = list(vocabulary)
        ids = {token: number for number, token in enumerate(vocabulary)}
        self.start, self.end, self.pad = ids[START], ids[END], ids.get(PAD, 0)
        self.lowercase = lowercase
        self.strip_accents = lowercase if strip_accents is None else strip_accents
        self._pieces = tensorflow_text.FastBertTokenizer(
            vocab=_buildable(vocabulary),
            token_out_type=tf.int32,
            unknown_token=UNKNOWN,
        )

    def tokenize(self, texts: tf.Tensor) -> tf.RaggedTensor:
        """UTF-8 strings, shape [batch] → ids without special tokens, int32, shape [batch, (tokens)]."""
        # not by the tokenizer's own lower-casing, which also makes "…" three points and "½" three characters
        texts = tf.strings.regex_replace(texts, CONTROL, "")
        if self.strip_accents:
            texts = tf.strings.regex_replace(tensorflow_text.normalize_utf8(texts, "NFD"), r"\p{Mn}", "")
        if self.lowercase:
            texts = tf.strings.lower(texts, encoding="utf-8")
        return self._pieces.tokenize(texts)


def _buildable(vocabulary: list[str]) -> list[str]:
    """Ids stay as they are: a token that is empty or stands there again later gets a name that no text can hold."""
    last = {token: number for number, token in enumerate(vocabulary)}
    return [
        token if token.strip() and last[token] == number else f"[no token {number}]"
        for number, token in enumerate(vocabulary)
    ]
