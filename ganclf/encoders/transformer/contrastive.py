"""Tuning by contrast: texts of one label are pulled together, others pushed apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import keras
import numpy as np
import tensorflow as tf

from ganclf.encoders.transformer.backbone import IDS, Transformer

ROWS_A_STEP = 32
ROWS_A_CLASS = 2  # of a step, at the least: one has to have another to be pulled to
LEARNING_RATE = 3e-5  # the highest; it rises, then falls to 0 in a line
TUNED_SHARE = 0.5  # of the weights; the rest stays as pretrained, else few labels are learned by heart
WARM_UP = 0.1  # share of the steps in which the rate rises


def tune_by_contrast(
    transformer: Transformer,
    texts: Sequence[str],
    labels: np.ndarray,
    *,
    steps: int,
    seed: int,
    advance: Callable[[int], None] = lambda done: None,
) -> None:
    """Change the weights of `transformer` so that labelled texts of a class lie together.

    What comes out is the mean of the weights before and after (Wortsman et al. 2022).

    Args:
        transformer: is changed in place.
        texts: n labelled texts.
        labels: int from 0 to classes - 1, shape [n].
        steps: batches of ROWS_A_STEP texts.
        seed: of batches and dropout.
        advance: is told how many steps were done.
    """
    variables = transformer.begin_training(seed)
    optimizer = keras.optimizers.AdamW(Line(LEARNING_RATE, steps), weight_decay=0.01)
    optimizer.build(variables)
    ids = transformer.ids(tf.constant(list(texts)))

    @tf.function(input_signature=[IDS, tf.TensorSpec([None], tf.int64)])
    def step(batch: tf.RaggedTensor, classes: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = cosine_pair_loss(transformer.embed(batch, training=True), classes)
        gradients = [tf.convert_to_tensor(each) for each in tape.gradient(loss, variables)]
        optimizer.apply(tf.clip_by_global_norm(gradients, 1.0)[0], variables)
        return loss

    before = [weight.numpy() for weight in transformer.weights]
    for rows in balanced_batches(labels, steps, seed):
        step(tf.gather(ids, rows), tf.constant(labels[rows], tf.int64))
        advance(1)
    for weight, old in zip(transformer.weights, before, strict=True):
        weight.assign(TUNED_SHARE * weight + (1.0 - TUNED_SHARE) * old)


def cosine_pair_loss(vectors: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    """Cosines of pairs with one label go to 1, of others to 0, as in SetFit (Tunstall et al. 2022).

    All pairs of the batch count; those of one label together as much as all others.

    Args:
        vectors: float32 of unit length, shape [batch, size].
        labels: int, shape [batch].
    Returns:
        A scalar.
    """
    cosines = tf.matmul(vectors, vectors, transpose_b=True)
    itself = tf.eye(tf.shape(vectors)[0])
    alike = tf.cast(labels[:, tf.newaxis] == labels, tf.float32) - itself
    other = 1.0 - alike - itself
    return (_mean(tf.square(1.0 - cosines), alike) + _mean(tf.square(cosines), other)) / 2.0


def _mean(values: tf.Tensor, chosen: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(values * chosen) / tf.maximum(tf.reduce_sum(chosen), 1.0)


def balanced_batches(labels: np.ndarray, steps: int, seed: int) -> Iterator[np.ndarray]:
    """Yield places in `labels`, int, shape [about ROWS_A_STEP], the same number of every class that is drawn.

    A class with too few rows gives some of them twice: dropout makes two different vectors of them.
    """
    generator = np.random.default_rng(seed)
    classes = np.unique(labels)
    drawn = min(len(classes), ROWS_A_STEP // ROWS_A_CLASS)
    places = {name: np.flatnonzero(labels == name) for name in classes}
    for _ in range(steps):
        chosen = generator.choice(classes, drawn, replace=False)
        size = max(ROWS_A_STEP // drawn, ROWS_A_CLASS)
        yield np.concatenate([_draw(places[name], size, generator) for name in chosen])


def _draw(places: np.ndarray, size: int, generator: np.random.Generator) -> np.ndarray:
    rounds = [generator.permutation(places) for _ in range(-(-size // len(places)))]
    return np.concatenate(rounds)[:size]


class Line(keras.optimizers.schedules.LearningRateSchedule):
    """Rises in the first WARM_UP of the steps, then falls to 0."""

    def __init__(self, rate: float, steps: int) -> None:
        self.rate, self.steps = rate, steps

    def __call__(self, step: tf.Tensor) -> tf.Tensor:
        share = (tf.cast(step, tf.float32) + 1.0) / (self.steps + 1.0)
        return self.rate * tf.minimum(share / WARM_UP, (1.0 - share) / (1.0 - WARM_UP))
