"""Texts as token ids, and the batches of a game: of texts of like length, in an order that the seed decides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import tensorflow as tf

from ganclf.adversarial.training import whole_segments
from ganclf.encoders.tokens import PAD, is_counted

SORTED_BATCHES = 20  # batches whose texts are sorted by length together: less padding, still a random order


@dataclass(frozen=True, eq=False)
class Corpus:
    """Texts as ids.

    Attributes:
        tokens: ids of each text, int32, END last.
        classes: of each text, int32, shape [texts].
        weights: of each text in the generator's loss, float32, shape [texts].
    """

    tokens: Sequence[np.ndarray]
    classes: np.ndarray
    weights: np.ndarray

    @classmethod
    def of(cls, tokens: Sequence[np.ndarray], classes: Sequence[int] | np.ndarray) -> Corpus:
        """All texts with weight 1."""
        return cls(tokens, np.asarray(classes, np.int32), np.ones(len(tokens), np.float32))

    def __len__(self) -> int:
        return len(self.tokens)

    def take(self, idx: np.ndarray) -> Corpus:
        """The texts of these indices."""
        return Corpus([self.tokens[index] for index in idx], self.classes[idx], self.weights[idx])

    def weighted(self, weights: np.ndarray) -> Corpus:
        """The same texts with other weights."""
        return replace(self, weights=np.asarray(weights, np.float32))

    def to_arrays(self) -> dict[str, np.ndarray]:
        """The same as arrays, for a file."""
        every = np.concatenate([np.zeros(0, np.int32), *self.tokens])
        return {"tokens": every, "lengths": self.lengths, "classes": self.classes, "weights": self.weights}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> Corpus:
        """The corpus whose `to_arrays` they are."""
        tokens = np.split(arrays["tokens"], np.cumsum(arrays["lengths"])[:-1])
        return cls(tokens, arrays["classes"], arrays["weights"])

    @property
    def lengths(self) -> np.ndarray:
        """Ids of each text, shape [texts]."""
        return np.array([len(text) for text in self.tokens], int)

    @property
    def counted(self) -> int:
        """Tokens of all texts, where a spelled word is one, and each end is one."""
        return int(sum(is_counted(text).sum() for text in self.tokens))


def by_length(corpus: Corpus, batch_size: int) -> Iterator[np.ndarray]:
    """Indices of texts of like length, at most `batch_size` at once; every text once."""
    order = np.argsort(corpus.lengths, kind="stable")
    for start in range(0, len(order), batch_size):
        yield order[start : start + batch_size]


def epoch_order(lengths: np.ndarray, batch_size: int, seed: int, epoch: int) -> np.ndarray:
    """Indices of the texts of each batch of an epoch, shape [batches, batch_size].

    Every text comes once; the last batches are filled up with texts of the first ones.
    """
    random = np.random.default_rng((seed, epoch))
    order = random.permutation(len(lengths))
    order = np.resize(order, steps_per_epoch(len(order), batch_size) * batch_size)
    for start in range(0, len(order), SORTED_BATCHES * batch_size):
        part = order[start : start + SORTED_BATCHES * batch_size]
        order[start : start + SORTED_BATCHES * batch_size] = part[np.argsort(lengths[part], kind="stable")]
    batches = order.reshape(-1, batch_size)
    return batches[random.permutation(len(batches))]


def game_batches(
    real: Corpus,
    samples: Corpus | None,
    *,
    epochs: int,
    batch_size: int,
    seed: int,
    first_step: int = 0,
    context: tf.distribute.InputContext | None = None,
) -> tf.data.Dataset:
    """Make the batches of a game, one per element; with several replicas, one per replica in turn.

    Args:
        real: texts of the user.
        samples: of the generator, if they are needed; as many epochs of them as batches of real texts ask for.
        epochs: over the real texts.
        batch_size: texts per step, all replicas together; as many samples.
        seed: of the order.
        first_step: with whose batch it begins.
        context: which replicas this pipeline feeds; default: the only one.

    Returns:
        Elements as TextGame takes them.
    """
    context = context or tf.distribute.InputContext()
    replicas = context.num_replicas_in_sync
    local_replicas = replicas // context.num_input_pipelines
    steps = epochs * steps_per_epoch(len(real), batch_size)
    sources = {"": real} | ({"sample_": samples} if samples is not None else {})
    orders = {
        prefix: _orders(corpus, steps, batch_size, seed + shift)
        for shift, (prefix, corpus) in enumerate(sources.items())
    }
    kept = {prefix: _tensors(corpus) for prefix, corpus in sources.items()}

    def element(index: tf.Tensor) -> dict[str, tf.Tensor]:
        step = index // local_replicas
        replica = context.input_pipeline_id * local_replicas + index % local_replicas
        batch: dict[str, tf.Tensor] = {}
        for prefix, (tokens, classes, weights) in kept.items():
            idx = tf.gather(orders[prefix], step)
            # padded before they are shared out: noise depends on the width, and is that of one replica then
            padded = tf.gather(tokens, idx).to_tensor(PAD)
            mine = tf.reshape(tf.range(batch_size), [replicas, -1])[replica]
            batch |= {
                f"{prefix}tokens": tf.gather(padded, mine),
                f"{prefix}classes": tf.gather(classes, tf.gather(idx, mine)),
                f"{prefix}weights": tf.gather(weights, tf.gather(idx, mine)),
            }
        return batch

    elements = tf.data.Dataset.range(first_step * local_replicas, steps * local_replicas)
    return elements.map(element, num_parallel_calls=1, deterministic=True).prefetch(4)


def steps_per_epoch(texts: int, batch_size: int) -> int:
    """Batches in which every text comes, in segments of one length."""
    return whole_segments(-(-texts // batch_size))


def _orders(corpus: Corpus, steps: int, batch_size: int, seed: int) -> tf.Tensor:
    """Indices of the texts of each step, int64, shape [steps, batch_size]."""
    epochs = -(-steps // steps_per_epoch(len(corpus), batch_size))
    lengths = corpus.lengths
    orders = [epoch_order(lengths, batch_size, seed, epoch) for epoch in range(epochs)]
    return tf.constant(np.concatenate(orders)[:steps], tf.int64)


def _tensors(corpus: Corpus) -> tuple[tf.RaggedTensor, tf.Tensor, tf.Tensor]:
    tokens = tf.RaggedTensor.from_row_lengths(tf.constant(np.concatenate(corpus.tokens)), corpus.lengths)
    return tokens, tf.constant(corpus.classes), tf.constant(corpus.weights)
