"""The probability of texts by generator and n-grams together, and samples of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Protocol

import numpy as np
import tensorflow as tf

from ganclf.encoders.tokens import is_counted, padded, unpadded
from ganclf.text_generation.batches import Corpus, by_length
from ganclf.text_generation.decoding import Decoder, NextProbabilities
from ganclf.text_generation.game import token_losses
from ganclf.text_generation.networks import Discriminator, Generator, reversed_words

SCORE_BATCH, SAMPLE_BATCH = 64, 512  # texts at once
KEPT_GRAPHS = 8  # functions of networks that are kept: to make one takes a second
NGRAM_WEIGHTS = tuple(round(0.05 * step, 2) for step in range(20))  # among which one is chosen

LogProbs = list[np.ndarray]  # of each token of each text, natural logarithms, float32


class Ngrams(Protocol):
    """Fitted counts of n-grams."""

    def log_probabilities(self, sequences: Sequence[np.ndarray]) -> LogProbs:
        """Of each token of each text."""


def perplexity(log_probs: LogProbs, corpus: Corpus, total_gain: float = 0.0) -> float:
    """Of a word, the end of a text being one: exp of the mean negative log probability.

    A spelled word counts as the mark that begins it, as the unknown word does in models that know no spelling: figures
    compare with theirs.

    Args:
        log_probs: of each token.
        corpus: the texts.
        total_gain: is added to the log probability of all texts together.
    """
    total = sum(
        float(values[is_counted(text)].sum()) for values, text in zip(log_probs, corpus.tokens, strict=True)
    )  # fmt: skip
    return float(np.exp(-(total + total_gain) / max(corpus.counted, 1)))


def mix(first: LogProbs, second: LogProbs, weight: float) -> LogProbs:
    """Interpolate in probability space; `weight` is that of the second."""
    if not weight:
        return first
    low, high = np.log1p(-weight), np.log(weight)
    return [np.logaddexp(low + one, high + other) for one, other in zip(first, second, strict=True)]


def choose_ngram_weight(generator: LogProbs, ngrams: LogProbs, corpus: Corpus) -> float:
    """The weight of the n-grams with the lowest perplexity of held-out texts."""
    return min(NGRAM_WEIGHTS, key=lambda weight: perplexity(mix(generator, ngrams, weight), corpus))


@lru_cache(maxsize=KEPT_GRAPHS)
def score_generator(generator: Generator) -> Callable[[Corpus], LogProbs]:
    """Return a function that gives the log probability of each token of texts; it reads the weights at each call."""

    @tf.function(
        autograph=False, input_signature=[tf.TensorSpec([None, None], tf.int32), tf.TensorSpec([None], tf.int32)]
    )
    def log_probs(tokens: tf.Tensor, classes: tf.Tensor) -> tf.Tensor:
        return -token_losses(generator.logits(tokens, classes), tokens)

    def score(corpus: Corpus) -> LogProbs:
        found: LogProbs = [np.zeros(0, np.float32)] * len(corpus)
        for idx in by_length(corpus, SCORE_BATCH):
            part = corpus.take(idx)
            values = log_probs(padded(part.tokens), part.classes).numpy()
            for index, row, text in zip(idx, values, part.tokens, strict=True):
                found[index] = row[: len(text)]
        return found

    return score


@lru_cache(maxsize=KEPT_GRAPHS)
def score_discriminator(discriminator: Discriminator) -> Callable[[Corpus], np.ndarray]:
    """Return a function that scores texts, float32, shape [texts]; it reads the weights at each call."""

    @tf.function(
        autograph=False, input_signature=[tf.TensorSpec([None, None], tf.int32), tf.TensorSpec([None], tf.int32)]
    )
    def scores(tokens: tf.Tensor, classes: tf.Tensor) -> tf.Tensor:
        return discriminator(tokens, classes)

    def score(corpus: Corpus) -> np.ndarray:
        found = np.zeros(len(corpus), np.float32)
        for idx in by_length(corpus, SCORE_BATCH):
            part = corpus.take(idx)
            found[idx] = scores(padded(part.tokens), part.classes).numpy()
        return found

    return score


def log_probability_backwards(reader: Generator, tokens: tf.Tensor, classes: tf.Tensor) -> tf.Tensor:
    """Of the words of texts, from the last to the first, by a generator that learned them so; float32 [batch]."""
    words = reversed_words(tokens)
    return -tf.reduce_sum(token_losses(reader.logits(words, classes), words), axis=1)


def backwards(corpus: Corpus) -> Corpus:
    """The same texts as `reversed_words` gives them."""
    tokens: list[np.ndarray] = [np.zeros(0, np.int32)] * len(corpus)
    for idx in by_length(corpus, SAMPLE_BATCH):
        rows = unpadded(reversed_words(tf.constant(padded([corpus.tokens[index] for index in idx]))).numpy())
        for index, row in zip(idx, rows, strict=True):
            tokens[index] = row
    return Corpus(tokens, corpus.classes, corpus.weights)


class Sampler:
    """Writes many texts.

    Args:
        generator: trained.
        ngrams: counts in a graph, or None.
        ngram_weight: as of Decoder.
        max_tokens: likewise.
        priors: of the classes, which sum to 1, shape [classes].
    """

    def __init__(
        self, generator: Generator, ngrams: NextProbabilities | None, ngram_weight: float, max_tokens: int,
        priors: np.ndarray,
    ) -> None:  # fmt: skip
        self.decoder = Decoder(generator, ngrams, ngram_weight, max_tokens)
        self.priors = priors
        self._write = tf.function(self._write_batch, input_signature=[
            tf.TensorSpec([None], tf.int32), tf.TensorSpec([], tf.float32), tf.TensorSpec([2], tf.int64)
        ], autograph=False)  # fmt: skip

    def sample(
        self, count: int, seed: int, temperature: float = 1.0, advance: Callable[[int], None] = lambda done: None
    ) -> Corpus:
        """Write texts whose classes are drawn by their priors; the same seed gives the same texts."""
        return self.sample_scored(count, seed, temperature, advance)[0]

    def sample_scored(
        self, count: int, seed: int, temperature: float = 1.0, advance: Callable[[int], None] = lambda done: None
    ) -> tuple[Corpus, np.ndarray]:
        """The same, with the log probability of the words of each text, at temperature 1, float32, shape [count]."""
        classes = np.random.default_rng((seed, count)).choice(len(self.priors), count, p=self.priors).astype(np.int32)
        tokens: list[np.ndarray] = []
        words: list[np.ndarray] = [np.zeros(0, np.float32)]
        for start in range(0, count, SAMPLE_BATCH):
            part = classes[start : start + SAMPLE_BATCH]
            rows, log_probs = self._write(part, np.float32(temperature), np.array([seed, start], np.int64))
            tokens += unpadded(rows.numpy())
            words.append(log_probs.numpy()[:, 1])
            advance(len(part))
        return Corpus.of(tokens, classes), np.concatenate(words)

    def _write_batch(
        self, classes: tf.Tensor, temperature: tf.Tensor, seed: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:  # fmt: skip
        rows = tf.shape(classes)[0]
        uniform = tf.random.stateless_uniform([rows, self.decoder.max_tokens], seed)
        nothing = tf.zeros([rows, 0], tf.int32)
        return self.decoder.write(nothing, classes, tf.fill([rows], temperature), uniform)
