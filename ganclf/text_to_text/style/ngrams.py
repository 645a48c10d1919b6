"""Which style a text has, by its words, pairs and triples of words: a linear model, so that an edit is a small sum."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse
import tensorflow as tf
from sklearn.linear_model import SGDClassifier

from ganclf.encoders.tokens import BEGIN, END, PAD

ORDER = 3  # of the longest n-grams
MIN_COUNT = 3  # occurrences from which an n-gram has a weight
PENALTY, EPOCHS = 3e-6, 8  # of the stochastic gradient descent
SMOOTHING = 2.0  # is added to the counts of a word in each style
UNSEEN = np.iinfo(np.int64).max


class StyleNgrams(tf.Module):
    """Weights of n-grams for each style.

    Args:
        keys: of the n-grams of length 1, 2, 3: sorted int64, shape [n-grams].
        weights: float32, shape [n-grams, styles], for each length.
        bias: float32, shape [styles].
        content: how much of a text's content each id carries, float32, shape [vocabulary]: rare ids that all styles
            have carry most.
    """

    def __init__(
        self, keys: Sequence[np.ndarray], weights: Sequence[np.ndarray], bias: np.ndarray, content: np.ndarray
    ) -> None:
        super().__init__(name="style_ngrams")
        self.vocabulary, self.styles = len(content), len(bias)
        nothing = np.zeros((1, self.styles), np.float32)

        def kept(values: np.ndarray, dtype: tf.DType) -> tf.Variable:
            return tf.Variable(tf.constant(values, dtype), trainable=False)

        self.keys = [kept(np.append(each, UNSEEN), tf.int64) for each in keys]
        self.weights = [kept(np.concatenate([each, nothing]), tf.float32) for each in weights]
        self.bias, self.content = kept(bias, tf.float32), kept(content, tf.float32)

    @classmethod
    def fit(
        cls, texts: Sequence[np.ndarray], styles: np.ndarray, count: int, vocabulary: int, seed: int
    ) -> StyleNgrams:
        """Learn the weights by logistic regression, one style against the others.

        Args:
            texts: ids of each text, END last.
            styles: number of the style of each text, int, shape [texts].
            count: of styles.
            vocabulary: number of ids.
            seed: of the order of the texts.
        """
        windows = np.concatenate([_windows(text) for text in texts])
        rows = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
        keys, columns = [], []
        for length in range(1, ORDER + 1):
            values = _keys(windows, length, vocabulary)
            found, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
            place = np.where(counts >= MIN_COUNT, np.cumsum(counts >= MIN_COUNT) - 1, -1)
            keys.append(found[counts >= MIN_COUNT])
            columns.append(place[inverse])
        sizes = [len(each) for each in keys]
        offsets = np.cumsum([0, *sizes[:-1]])
        row, column = (np.concatenate(parts) for parts in zip(*(
            (rows[each >= 0], each[each >= 0] + offset) for each, offset in zip(columns, offsets, strict=True)
        ), strict=True))  # fmt: skip
        matrix = scipy.sparse.csr_matrix((np.ones(len(row)), (row, column)), (len(texts), sum(sizes)))
        model = SGDClassifier(
            loss="log_loss", alpha=PENALTY, max_iter=EPOCHS, tol=None, random_state=seed, average=True
        )  # fmt: skip
        model.fit(matrix, styles)
        learned, bias = model.coef_, model.intercept_
        if count == 2:  # one row: of the second style against the first
            learned, bias = np.concatenate([-learned, learned]) / 2.0, np.concatenate([-bias, bias]) / 2.0
        weights = np.split(learned.T.astype(np.float32), np.cumsum(sizes)[:-1])
        return cls(keys, weights, bias.astype(np.float32), content_weights(texts, styles, count, vocabulary))

    def position_weights(self, ngrams: tf.Tensor) -> tf.Tensor:
        """Sum of the weights of the n-grams that end with the last column, int32 [n, 3] → float32 [n, styles]."""
        columns = tf.unstack(tf.cast(ngrams, tf.int64), axis=1)
        total = tf.zeros([tf.shape(ngrams)[0], self.styles])
        key = tf.zeros_like(columns[0])
        for length in range(1, ORDER + 1):
            key = columns[ORDER - length] * self.vocabulary ** (length - 1) + key
            keys = self.keys[length - 1]
            place = tf.searchsorted(keys, key)
            place = tf.where(tf.gather(keys, place) == key, place, tf.shape(keys)[0] - 1)
            total += tf.gather(self.weights[length - 1], place)
        return total

    def logits(self, tokens: tf.Tensor) -> tf.Tensor:
        """Of whole texts: int32 [batch, tokens], PAD after END → float32 [batch, styles]."""
        framed = tf.pad(tokens, [[0, 0], [ORDER - 1, 0]], constant_values=BEGIN)
        windows = tf.stack([framed[:, :-2], framed[:, 1:-1], framed[:, 2:]], axis=2)
        flat = self.position_weights(tf.reshape(windows, [-1, ORDER]))
        weights = tf.reshape(flat, [-1, tf.shape(tokens)[1], self.styles])
        return tf.reduce_sum(tf.where(tokens[:, :, tf.newaxis] != PAD, weights, 0.0), axis=1) + self.bias


def content_weights(texts: Sequence[np.ndarray], styles: np.ndarray, count: int, vocabulary: int) -> np.ndarray:
    """How much of a text's content each id carries, 0 to 1, float32, shape [vocabulary]."""
    by_style = np.zeros((count, vocabulary))
    for style in range(count):
        own = [np.unique(text) for text, number in zip(texts, styles, strict=True) if number == style]
        by_style[style] = np.bincount(np.concatenate(own), minlength=vocabulary) if own else 0.0
    sizes = np.maximum(np.bincount(styles, minlength=count), 1)
    rates = (by_style + SMOOTHING) / sizes[:, np.newaxis]
    shares = rates / rates.sum(axis=0)
    purity = (shares.max(axis=0) - 1.0 / count) / (1.0 - 1.0 / count)
    idf = np.log(len(texts) / np.maximum(by_style.sum(axis=0), 1.0)) / np.log(max(len(texts), 2))
    weights = (1.0 - purity) ** 2 * np.clip(1.5 * idf, 0.0, 1.0)
    weights[END] = weights[PAD] = weights[BEGIN] = 0.0
    return weights.astype(np.float32)


def _windows(text: np.ndarray) -> np.ndarray:
    """Each id with the two before it, int64, shape [ids, 3]."""
    framed = np.concatenate([[BEGIN] * (ORDER - 1), text]).astype(np.int64)
    return np.stack([framed[:-2], framed[1:-1], framed[2:]], axis=1)


def _keys(windows: np.ndarray, length: int, vocabulary: int) -> np.ndarray:
    """A number for the last ids of each window; the last id is the lowest digit."""
    key = np.zeros(len(windows), np.int64)
    for place in range(length):
        key += windows[:, ORDER - 1 - place] * vocabulary**place
    return key
