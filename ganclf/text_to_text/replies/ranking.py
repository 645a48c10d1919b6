"""What replies are ranked by, and how well: the place of the true reply among 100."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from ganclf.encoders.tokens import padded
from ganclf.text_to_text.batches import Columns
from ganclf.text_to_text.replies.discriminator import SKETCH_SIZE, PairDiscriminator
from ganclf.text_to_text.replies.neighbors import Nearest, Neighbors

CANDIDATES = 100  # the true reply and 99 of other pairs
MAX_ROWS = 3000  # pairs that are ranked


@dataclass(frozen=True, eq=False)
class Ranker:
    """The discriminator, and the replies of training pairs whose texts are like the text.

    Score: that of the discriminator + a · cos of the vectors + b · what is shared by n-grams, each between a reply and
    the weighted mean of the replies of the text's neighbors.

    Attributes:
        discriminator: trained.
        neighbors: training pairs; None: the discriminator alone ranks.
        weights: a and b.
    """

    discriminator: PairDiscriminator
    neighbors: Neighbors | None = None
    weights: tuple[float, float] = (0.0, 0.0)

    def text_features(self, ids: tf.Tensor, nearest: Nearest | None = None) -> tf.Tensor:
        """What the features of replies are multiplied by; float32, shape [batch, features].

        Args:
            ids: n-grams of the texts, int32, shape [batch, any].
            nearest: their neighbors, where they were looked up already.
        """
        features = self.discriminator.features(ids, 0)
        if self.neighbors is None or not any(self.weights):
            return features
        means = self.neighbors.mean_features(self.neighbors.nearest(ids) if nearest is None else nearest)
        return features + tf.concat([weight * mean for weight, mean in zip(self.weights, means, strict=True)], axis=1)

    def scores(self, texts: tf.Tensor, replies: tf.Tensor) -> tf.Tensor:
        """Score every reply for every text: ids [n, any] and [m, any] → float32 [n, m]."""
        return tf.matmul(self.text_features(texts), self.discriminator.features(replies, 1), transpose_b=True)

    def candidate_scores(self, text_features: tf.Tensor, replies: tf.Tensor, candidates: tf.Tensor) -> tf.Tensor:
        """Score the candidates of each text: features [n, any], ids [n * candidates, any] → float32 [n, candidates]."""
        size = self.discriminator.size + 2 * SKETCH_SIZE
        of_replies = tf.reshape(self.discriminator.features(replies, 1), [-1, candidates, size])
        return tf.matmul(of_replies, text_features[:, :, tf.newaxis])[:, :, 0]


@dataclass(frozen=True)
class Recall:
    """Share of the pairs whose true reply is the first, or among the first ten, of `candidates`."""

    at_1: float
    at_10: float
    rows: int
    candidates: int = CANDIDATES

    @property
    def mean(self) -> float:
        """Of both shares: what is chosen by."""
        return 0.5 * (self.at_1 + self.at_10)


def ranked_groups(rows: int, seed: int = 1) -> list[np.ndarray]:
    """Groups of pairs, each of which has the replies of its group as candidates; int, of CANDIDATES each."""
    order = np.random.default_rng(seed).permutation(rows)[:MAX_ROWS]
    size = min(CANDIDATES, len(order))
    return [order[start : start + size] for start in range(0, len(order) - size + 1, size)]


def recall(score: Callable[[np.ndarray], np.ndarray], numbers: np.ndarray) -> Recall:
    """Rank the replies of each group for each of its texts.

    Args:
        score: indices of pairs, shape [group] → scores of all their replies for all their texts, [group, group].
        numbers: of each pair, the same for the same reply: copies of the true reply are no wrong candidates.
    """
    ranks: list[np.ndarray] = []
    groups = ranked_groups(len(numbers))
    for group in groups:
        scores = score(group)
        other = numbers[group][:, np.newaxis] != numbers[group]
        own = np.diag(scores)[:, np.newaxis]
        ranks.append(((scores > own) & other).sum(axis=1) + 0.5 * ((scores == own) & other).sum(axis=1))
    found = np.concatenate(ranks)
    size = len(groups[0]) if groups else 0
    return Recall(float((found < 1).mean()), float((found < 10).mean()), len(found), size)


def recall_of(ranker: Ranker) -> Callable[[Columns], Recall]:
    """Return a function that gives the recall of a ranker; it reads the weights of the network at each call."""

    @tf.function(autograph=False, input_signature=[tf.TensorSpec([None, None], tf.int32)] * 2)
    def scores(texts: tf.Tensor, replies: tf.Tensor) -> tf.Tensor:
        return ranker.scores(texts, replies)

    def of(columns: Columns) -> Recall:
        texts, replies = columns.ids["text_ngrams"], columns.ids["reply_ngrams"]

        def score(group: np.ndarray) -> np.ndarray:
            return np.asarray(scores(dense_rows(texts, group), dense_rows(replies, group)))

        return recall(score, columns.numbers["reply_number"])

    return of


def dense_rows(ids: Sequence[np.ndarray], idx: np.ndarray) -> np.ndarray:
    """Some rows of ids as a matrix, int32, shape [rows, longest]."""
    return padded([ids[index] for index in idx])
