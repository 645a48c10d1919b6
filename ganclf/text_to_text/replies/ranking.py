"""How well pairs are ranked: the place of the true reply among 100."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from ganclf.encoders.tokens import padded
from ganclf.text_to_text.batches import Columns
from ganclf.text_to_text.replies.discriminator import PairDiscriminator

CANDIDATES = 100  # the true reply and 99 of other pairs
MAX_ROWS = 3000  # pairs that are ranked


@dataclass(frozen=True)
class Recall:
    """Share of the pairs whose true reply is the first, or among the first ten, of `candidates`."""

    at_1: float
    at_10: float
    rows: int
    candidates: int = CANDIDATES


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


def recall_of(discriminator: PairDiscriminator) -> Callable[[Columns], Recall]:
    """Return a function that gives the recall of a discriminator; it reads the weights at each call."""

    @tf.function(autograph=False, input_signature=[tf.TensorSpec([None, None], tf.int32)] * 2)
    def scores(texts: tf.Tensor, replies: tf.Tensor) -> tf.Tensor:
        return discriminator.scores(texts, replies)

    def of(columns: Columns) -> Recall:
        texts, replies = columns.ids["text_ngrams"], columns.ids["reply_ngrams"]

        def score(group: np.ndarray) -> np.ndarray:
            return np.asarray(scores(_rows(texts, group), _rows(replies, group)))

        return recall(score, columns.numbers["reply_number"])

    return of


def _rows(ids: Sequence[np.ndarray], idx: np.ndarray) -> np.ndarray:
    return padded([ids[index] for index in idx])
