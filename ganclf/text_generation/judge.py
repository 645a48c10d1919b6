"""What discriminator, pairs of words and backwards reading find in whole texts: the features of the energy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import tensorflow as tf

from ganclf.encoders.tokens import is_counted, padded
from ganclf.text_generation.batches import Corpus, by_length
from ganclf.text_generation.forms import Forms
from ganclf.text_generation.language_model import SCORE_BATCH, LogProbs, log_probability_backwards
from ganclf.text_generation.networks import Discriminator, Generator, count_words
from ganclf.text_generation.pairs import Pairs

FEATURES = ("score", "backwards", "length", "pairs", "form", "label")  # by the names that the report has


@dataclass(frozen=True, eq=False)
class Judge:
    """The networks that see whole texts.

    Attributes:
        discriminator: scores them.
        reader: a generator that learned texts from the last word to the first; None: texts are not read so.
        pairs: score pairs of words; None: they are not seen.
        matcher: scores how well texts fit their labels; None: that is not seen.
        forms: compare the lengths of lines with those of real texts; None: they are not seen.
    """

    discriminator: Discriminator
    reader: Generator | None
    pairs: Pairs | None
    matcher: Discriminator | None = None
    forms: Forms | None = None

    @property
    def networks(self) -> list:
        """All of them."""
        every = (self.discriminator, self.reader, self.pairs, self.matcher)
        return [network for network in every if network is not None]

    def features(self, tokens: tf.Tensor, classes: tf.Tensor, word_log_probs: tf.Tensor) -> tf.Tensor:
        """See texts.

        Args:
            tokens: int32, PAD after the end, shape [batch, tokens].
            classes: of each text, int32, shape [batch].
            word_log_probs: log probability of the words of each text by the model that is corrected, shape [batch].

        Returns:
            The score, how much more probable the words are backwards, their number, the score of their pairs,
            how usual their form is, and how well they fit their labels; float32, shape [batch, FEATURES]; 0 for what
            no network sees.
        """
        score = self.discriminator(tokens, classes)
        gain = length = tied = formed = matched = tf.zeros_like(score)
        if self.reader is not None:
            gain = log_probability_backwards(self.reader, tokens, classes) - word_log_probs
            length = count_words(tokens)
        if self.pairs is not None:
            tied = self.pairs(tokens, classes)
        if self.forms is not None:
            formed = self.forms(tokens)
        if self.matcher is not None:
            matched = self.matcher(tokens, classes)
        return tf.stack([score, gain, length, tied, formed, matched], axis=1)

    @cached_property
    def _in_graph(self) -> Callable[..., tf.Tensor]:
        return tf.function(self.features, input_signature=[
            tf.TensorSpec([None, None], tf.int32), tf.TensorSpec([None], tf.int32), tf.TensorSpec([None], tf.float32)
        ], autograph=False)  # fmt: skip

    def of_corpus(self, corpus: Corpus, word_log_probs: np.ndarray) -> np.ndarray:
        """The same of many texts, float32, shape [texts, FEATURES]."""
        found = np.zeros((len(corpus), len(FEATURES)), np.float32)
        for idx in by_length(corpus, SCORE_BATCH):
            part = corpus.take(idx)
            found[idx] = self._in_graph(
                padded(part.tokens), part.classes, word_log_probs[idx].astype(np.float32)
            ).numpy()
        return found


def word_log_probs(log_probs: LogProbs, corpus: Corpus) -> np.ndarray:
    """Log probability of the words of each text, float32, shape [texts]."""
    pairs = zip(log_probs, corpus.tokens, strict=True)
    return np.array([values[is_counted(text)].sum() for values, text in pairs], np.float32)
