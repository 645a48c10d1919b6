"""Contrastive fine-tuning: vectors of texts with the same label are pulled together, others pushed apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import keras
import numpy as np
import tensorflow as tf

from ganclf.cli.progress import Advance
from ganclf.encoders.transformer.backbone import IDS, Transformer

BATCH_SIZE = 32
MIN_PER_CLASS = 2  # texts per batch of a class that is drawn: each needs another one to be pulled to
LEARNING_RATE = 3e-5  # the highest, after warm-up; then it decays linearly to 0
TUNED_WEIGHT = 0.5  # of the fine-tuned weights in the mean with the pretrained ones: few labels overfit
WARMUP = 0.1  # share of the steps


def finetune_contrastive(
    transformer: Transformer,
    texts: Sequence[str],
    labels: np.ndarray,
    *,
    steps: int,
    seed: int,
    advance: Advance = lambda done: None,
) -> None:
    """Fine-tune on labeled texts, then take the mean with the weights before (Wortsman et al. 2022).

    Args:
        transformer: is changed in place.
        texts: n labeled texts.
        labels: int from 0 to classes - 1, shape [n].
        steps: batches of BATCH_SIZE texts.
        seed: of batches and dropout.
        advance: receives the number of steps done.
    """
    variables = transformer.begin_training(seed)
    optimizer = keras.optimizers.AdamW(LinearWarmupDecay(LEARNING_RATE, steps), weight_decay=0.01)
    optimizer.build(variables)
    ids = transformer.ids(tf.constant(list(texts)))

    @tf.function(autograph=False, input_signature=[IDS, tf.TensorSpec([None], tf.int64)])
    def train_step(batch: tf.RaggedTensor, classes: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = cosine_pair_loss(transformer.embed(batch, training=True), classes)
        gradients = [tf.convert_to_tensor(each) for each in tape.gradient(loss, variables)]
        optimizer.apply(tf.clip_by_global_norm(gradients, 1.0)[0], variables)
        return loss

    before = [weight.numpy() for weight in transformer.weights]
    for rows in balanced_batches(labels, steps, seed):
        train_step(tf.gather(ids, rows), tf.constant(labels[rows], tf.int64))
        advance(1)
    for weight, old in zip(transformer.weights, before, strict=True):
        weight.assign(TUNED_WEIGHT * weight + (1.0 - TUNED_WEIGHT) * old)


def cosine_pair_loss(vectors: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    """Pull cosines of pairs with the same label to 1, of others to 0, as in SetFit (Tunstall et al. 2022).

    All pairs of the batch count; those with the same label have half of the weight.

    Args:
        vectors: float32 of unit length, shape [batch, size].
        labels: int, shape [batch].

    Returns:
        A scalar.
    """
    cosines = tf.matmul(vectors, vectors, transpose_b=True)
    diagonal = tf.eye(tf.shape(vectors)[0])
    positive = tf.cast(labels[:, tf.newaxis] == labels, tf.float32) - diagonal
    negative = 1.0 - positive - diagonal
    return (_masked_mean(tf.square(1.0 - cosines), positive) + _masked_mean(tf.square(cosines), negative)) / 2.0


def _masked_mean(values: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(values * mask) / tf.maximum(tf.reduce_sum(mask), 1.0)


def balanced_batches(labels: np.ndarray, steps: int, seed: int) -> Iterator[np.ndarray]:
    """Yield row indices, int, shape [about BATCH_SIZE], with the same number of rows of each class that is drawn.

    A class with too few rows gives some of them twice: dropout makes two different vectors of them.
    """
    generator = np.random.default_rng(seed)
    classes = np.unique(labels)
    per_batch = min(len(classes), BATCH_SIZE // MIN_PER_CLASS)
    rows_of = {name: np.flatnonzero(labels == name) for name in classes}
    for _ in range(steps):
        drawn = generator.choice(classes, per_batch, replace=False)
        size = max(BATCH_SIZE // per_batch, MIN_PER_CLASS)
        yield np.concatenate([_draw(rows_of[name], size, generator) for name in drawn])


def _draw(rows: np.ndarray, size: int, generator: np.random.Generator) -> np.ndarray:
    permutations = [generator.permutation(rows) for _ in range(-(-size // len(rows)))]
    return np.concatenate(permutations)[:size]


class LinearWarmupDecay(keras.optimizers.schedules.LearningRateSchedule):
    """Rises linearly in the first WARMUP of the steps, then decays linearly to 0.

    Args:
        learning_rate: the highest.
        steps: of the whole training.
    """

    def __init__(self, learning_rate: float, steps: int) -> None:
        self.learning_rate, self.steps = learning_rate, steps

    def __call__(self, step: tf.Tensor) -> tf.Tensor:
        """Return the learning rate of a step, a scalar."""
        share = (tf.cast(step, tf.float32) + 1.0) / (self.steps + 1.0)
        return self.learning_rate * tf.minimum(share / WARMUP, (1.0 - share) / (1.0 - WARMUP))
