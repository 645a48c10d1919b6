"""Which words go together at which places of the lines of a text: rhymes, parallel lines, refrains.

A language model finds such ties late, for they are far apart and each is rare. Here every pair of places has a score
of its own for the words there. It is learned twice: first from real pairs and pairs whose words come from different
texts, which needs no samples (noise-contrastive estimation, Gutmann & Hyvärinen 2010: the optimum is the pointwise
mutual information); then, by how much each pair of places counts, from real texts and texts of the generator.
"""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from ganclf.adversarial.noise import Noise, dropout
from ganclf.encoders.tokens import END, PAD, padded
from ganclf.text_generation.batches import Corpus, by_length
from ganclf.text_generation.networks import without_spelling

LINES, LAST_WORDS = 16, 16  # lines of a text, and words of a line, counted from its end, that may have places
MAX_PLACES, MIN_SHARE = 64, 0.05  # places that are seen: the most frequent; share of the texts that have a word there
PLACED_TEXTS = 20_000  # by which they are chosen
RELATIONS, SIZE = 8, 8  # kinds of ties, and numbers of a word in each
BATCH = 512  # texts whose words are placed at once


def ends_of_lines(words: tuple[str, ...], vocabulary: int) -> np.ndarray:
    """Which ids end a line: all without letters and digits, bool, shape [vocabulary].

    Args:
        words: of the tokenizer; they have the last ids.
        vocabulary: number of ids.
    """
    ends = np.zeros(vocabulary, bool)
    ends[[PAD, END]] = True
    ends[vocabulary - len(words) :] = [not any(character.isalnum() for character in word) for word in words]
    return ends


def place_words(tokens: tf.Tensor, ends: tf.Tensor, places: tf.Tensor) -> tf.Tensor:
    """The words of texts by their places: line, and place in the line counted from its end.

    Lines are what punctuation marks and line breaks divide. Words of later lines, and ahead in long ones, have none.

    Args:
        tokens: int32, PAD after the end, shape [batch, tokens].
        ends: which ids end a line, bool, shape [vocabulary].
        places: line times LAST_WORDS plus words after it in its line, int32, shape [places].

    Returns:
        int32, PAD where nothing is, shape [batch, places].
    """
    tokens, is_word, kept, row, line = _lines(tokens, ends)
    rows = tf.shape(tokens)[0]
    until = tf.cumsum(_sizes(rows, row, line), axis=1)  # words before the end of each line
    number = tf.gather_nd(tf.cumsum(tf.cast(is_word, tf.int32), axis=1), kept)  # of a word in its text, from 1
    from_end = tf.gather(tf.reshape(until, [-1]), row * LINES + line) - number
    near = from_end < LAST_WORDS
    cells = tf.boolean_mask(tf.stack([row, line * LAST_WORDS + from_end], axis=1), near)
    words = tf.boolean_mask(tf.gather_nd(tokens, kept), near)
    return tf.gather(tf.scatter_nd(cells, words, [rows, LINES * LAST_WORDS]), places, axis=1)


def sizes_of_lines(tokens: tf.Tensor, ends: tf.Tensor) -> tf.Tensor:
    """How many words each line of texts has; arguments as of `place_words`; int32, shape [batch, LINES]."""
    tokens, _, _, row, line = _lines(tokens, ends)
    return _sizes(tf.shape(tokens)[0], row, line)


def _lines(tokens: tf.Tensor, ends: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
    """Texts without spelling; where words are, bool; places [words, 2] of those of the first lines; row and line."""
    tokens = tf.pad(without_spelling(tokens), [[0, 0], [1, 1]], constant_values=PAD)
    is_word = ~tf.gather(ends, tokens)
    begins = is_word[:, 1:] & ~is_word[:, :-1]
    tokens, is_word = tokens[:, 1:], is_word[:, 1:]
    line = tf.maximum(tf.cumsum(tf.cast(begins, tf.int32), axis=1) - 1, 0)
    kept = tf.where(is_word & (line < LINES))
    return tokens, is_word, kept, tf.cast(kept[:, 0], tf.int32), tf.gather_nd(line, kept)


def _sizes(rows: tf.Tensor, row: tf.Tensor, line: tf.Tensor) -> tf.Tensor:
    """Words of each line, int32 [rows, LINES]."""
    sizes = tf.math.unsorted_segment_sum(tf.ones_like(line), row * LINES + line, rows * LINES)
    return tf.reshape(sizes, [rows, LINES])


def common_places(corpus: Corpus, ends: np.ndarray) -> np.ndarray:
    """The places where texts most often have a word, in order; int32, shape [places], at most MAX_PLACES."""
    first = corpus.take(np.arange(min(len(corpus), PLACED_TEXTS)))
    every = placed(first, ends, np.arange(LINES * LAST_WORDS, dtype=np.int32))
    shares = np.mean([row != PAD for row in every.tokens], axis=0)
    most = np.argsort(-shares, kind="stable")[:MAX_PLACES]
    return np.sort(most[shares[most] >= MIN_SHARE]).astype(np.int32)


class Pairs(keras.Model):
    """Scores the words of texts in pairs.

    Args:
        vocabulary: number of ids.
        ends: which ids end a line, bool, shape [vocabulary].
        places: that are seen, as of `place_words`.
        rate: of dropout.
        seed: of the initial weights.
    """

    def __init__(self, vocabulary: int, ends: np.ndarray, places: np.ndarray, rate: float, seed: int) -> None:
        super().__init__(name="pairs")
        self.ends, self.places, self.rate = ends, places, rate
        normal = keras.initializers.RandomNormal(stddev=0.3, seed=seed)
        self.embedding = self.add_weight(shape=(vocabulary, RELATIONS * SIZE), initializer=normal, name="embedding")
        normal = keras.initializers.RandomNormal(stddev=0.1, seed=seed + 1)
        square = (len(places), len(places))
        self.ties = self.add_weight(shape=(RELATIONS, *square), initializer=normal, name="ties")
        self.biases = self.add_weight(shape=square, initializer="zeros", name="biases")
        self.importance = self.add_weight(shape=square, initializer="zeros", name="importance")
        self.bias = self.add_weight(shape=(), initializer="zeros", name="bias")
        self._before = np.triu(np.ones(square, np.float32), 1)  # each pair once
        self.built = True

    @property
    def tie_weights(self) -> list[keras.Variable]:
        """Those of the ties alone."""
        return [self.embedding, self.ties, self.biases]

    def tie_scores(self, placed: tf.Tensor, noise: Noise | None = None) -> tuple[tf.Tensor, tf.Tensor]:
        """How much more likely the words of each pair of places go together than come from different texts.

        Args:
            placed: words by their places, int32, shape [batch, places].
            noise: of this step, for dropout in training; None: without.

        Returns:
            Log of the odds, and 1 where both places have a word and the first is before the second; both float32,
            shape [batch, places, places].
        """
        values, is_there = self._embed(placed, noise)
        tied = tf.einsum("bird,bjrd->brij", values, values)
        scores = tf.einsum("brij,rij->bij", tied, self.ties) + self.biases
        return scores, is_there[:, :, tf.newaxis] * is_there[:, tf.newaxis] * self._before

    def call(
        self, tokens: tf.Tensor, classes: tf.Tensor, training: bool = False, noise: Noise | None = None
    ) -> tf.Tensor:
        """Log of the odds that texts are real rather than generated, by their pairs.

        Args:
            tokens: int32, PAD after the end, shape [batch, tokens].
            classes: of each text; pairs have none of their own.
            training: with dropout.
            noise: of this step, for dropout.

        Returns:
            float32, shape [batch].
        """
        values, is_there = self._embed(
            place_words(tokens, tf.constant(self.ends), tf.constant(self.places)), noise if training else None
        )  # fmt: skip
        importance = self.importance * self._before
        mixed = tf.einsum("bird,rij->bjrd", values, self.ties * importance)  # no score per pair: less memory
        biases = tf.reduce_sum(tf.matmul(is_there, importance * self.biases) * is_there, axis=1)
        return tf.reduce_sum(mixed * values, axis=[1, 2, 3]) + biases + self.bias

    def _embed(self, placed: tf.Tensor, noise: Noise | None) -> tuple[tf.Tensor, tf.Tensor]:
        """Words as numbers, [batch, places, RELATIONS, SIZE], 0 where there are none; and where there are, float32."""
        is_there = tf.cast(placed != PAD, tf.float32)
        values = tf.reshape(tf.gather(self.embedding, placed), [-1, len(self.places), RELATIONS, SIZE])
        return dropout(values, self.rate, noise is not None, noise) * is_there[:, :, tf.newaxis, tf.newaxis], is_there


def placed(corpus: Corpus, ends: np.ndarray, places: np.ndarray) -> Corpus:
    """The same texts as `place_words` gives them: each has an id for each place, PAD where nothing is."""
    rows: list[np.ndarray] = [np.zeros(0, np.int32)] * len(corpus)
    for idx in by_length(corpus, BATCH):
        words = place_words(tf.constant(padded([corpus.tokens[index] for index in idx])), ends, places).numpy()
        for index, row in zip(idx, words, strict=True):
            rows[index] = row
    return Corpus(rows, corpus.classes, corpus.weights)


def shuffled(corpus: Corpus, count: int, seed: int) -> Corpus:
    """Placed texts whose words come from different texts: each place has the words that it has in all together.

    Args:
        corpus: placed texts.
        count: of texts; they have the forms of those of the corpus in turn.
        seed: of the order.
    """
    random, words = np.random.default_rng(seed), np.stack(corpus.tokens)
    parts = []
    for _ in range(-(-count // len(words))):
        mixed = words.copy()
        for column in mixed.T:  # a view: the words of one place
            here = column != PAD
            column[here] = random.permutation(column[here])
        parts.append(mixed)
    return Corpus.of(list(np.concatenate(parts)[:count]), np.resize(corpus.classes, count))


def tie_losses(scores: tf.Tensor, is_pair: tf.Tensor, real: bool) -> tf.Tensor:
    """Cross-entropy of together or not, summed over the pairs of each text; float32, shape [batch]."""
    return tf.reduce_sum(tf.nn.softplus(-scores if real else scores) * is_pair, axis=[1, 2])


def score_ties(real: Corpus, others: Corpus) -> Callable[[Pairs], float]:
    """Return a function that gives the mean cross-entropy of pairs, of texts and of shuffled ones; log 2 is chance.

    Args:
        real: placed texts.
        others: shuffled ones.
    """
    parts = [(np.stack(corpus.tokens), is_real) for corpus, is_real in ((real, True), (others, False))]

    def score(pairs: Pairs) -> float:
        total = count = 0.0
        for words, is_real in parts:
            for start in range(0, len(words), BATCH):
                scores, is_pair = pairs.tie_scores(tf.constant(words[start : start + BATCH]))
                total += float(tf.reduce_sum(tie_losses(scores, is_pair, is_real)))
                count += float(tf.reduce_sum(is_pair))
        return total / max(count, 1.0)

    return score
