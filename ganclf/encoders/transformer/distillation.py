"""Distillation: a transformer learns soft labels under dropout noise (Hinton et al. 2015; Xie et al. 2020)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import keras
import numpy as np
import tensorflow as tf

from ganclf.cli.progress import Advance
from ganclf.encoders.transformer.backbone import IDS, Transformer
from ganclf.encoders.transformer.contrastive import LinearWarmupDecay

BATCH_SIZE = 32
BUCKET_BATCHES = 16  # batches whose texts are sorted by length together: padding stays small
LEARNING_RATE, HEAD_LEARNING_RATE = 5e-5, 1e-2  # the highest, after warm-up; then they decay linearly to 0
SCALE = 12.0  # of the head's initial weights: vectors have unit length, and logits up to 1 would be too uncertain
FROZEN = "embedding"  # in a variable's path: half of MiniLM's weights, and a step is faster without


def distill(
    transformer: Transformer,
    texts: Sequence[str],
    soft_labels: np.ndarray,
    vectors: np.ndarray,
    *,
    steps: int,
    seed: int,
    advance: Advance = lambda done: None,
) -> None:
    """Train `transformer`, but for its embeddings, so that a linear head on it predicts the soft labels.

    The head is dropped afterwards. Dropout is the noise that the student has and its teachers had not.

    Args:
        transformer: is changed in place.
        texts: n texts.
        soft_labels: class probabilities, float, shape [n, classes].
        vectors: of the texts by `transformer` as it is, float32 of unit length, shape [n, size].
        steps: batches of BATCH_SIZE texts.
        seed: of batches and dropout.
        advance: receives the number of steps done.
    """
    body = [variable for variable in transformer.begin_training(seed) if FROZEN not in variable.path]
    head = [keras.Variable(_initial_head(vectors, soft_labels)), keras.Variable(np.zeros(soft_labels.shape[1], "f"))]
    optimizers = [
        (keras.optimizers.AdamW(LinearWarmupDecay(LEARNING_RATE, steps), weight_decay=0.01), body),
        (keras.optimizers.Adam(LinearWarmupDecay(HEAD_LEARNING_RATE, steps)), head),
    ]
    for optimizer, variables in optimizers:
        optimizer.build(variables)
    targets = tf.constant(soft_labels, tf.float32)

    @tf.function(autograph=False, input_signature=[IDS, tf.TensorSpec([None, soft_labels.shape[1]], tf.float32)])
    def train_step(batch: tf.RaggedTensor, target: tf.Tensor) -> None:
        with tf.GradientTape() as tape:
            logits = tf.matmul(transformer.embed(batch, training=True), head[0]) + head[1]
            loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(target, logits))
        gradients = [tf.convert_to_tensor(each) for each in tape.gradient(loss, body + head)]
        gradients = tf.clip_by_global_norm(gradients, 1.0)[0]
        for (optimizer, variables), part in zip(
            optimizers, (gradients[: len(body)], gradients[len(body) :]), strict=True
        ):
            optimizer.apply(part, variables)

    ids = transformer.ids(tf.constant(list(texts)))
    for rows in length_bucketed_batches(ids.row_lengths().numpy(), steps, seed):
        train_step(tf.gather(ids, rows), tf.gather(targets, rows))
        advance(1)


def _initial_head(vectors: np.ndarray, soft_labels: np.ndarray) -> np.ndarray:
    """Direction of each class's mean vector, float32, shape [size, classes]."""
    means = vectors.T @ soft_labels
    return (SCALE * means / np.maximum(np.linalg.norm(means, axis=0), 1e-6)).astype(np.float32)


def length_bucketed_batches(lengths: np.ndarray, steps: int, seed: int) -> Iterator[np.ndarray]:
    """Yield the row indices of `steps` batches, int, shape [BATCH_SIZE]; an epoch has every row once.

    Within BUCKET_BATCHES batches rows are sorted by length; then these batches are shuffled.

    Args:
        lengths: tokens per text, int, shape [n].
        steps: batches.
        seed: of the order.
    """
    generator = np.random.default_rng(seed)
    epochs = -(-steps * BATCH_SIZE // len(lengths))
    rows = np.concatenate([generator.permutation(len(lengths)) for _ in range(epochs)])
    for start in range(0, steps, BUCKET_BATCHES):
        count = min(BUCKET_BATCHES, steps - start)
        bucket = rows[start * BATCH_SIZE :][: count * BATCH_SIZE]
        batches = bucket[np.argsort(lengths[bucket], kind="stable")].reshape(count, BATCH_SIZE)
        yield from generator.permutation(batches)
