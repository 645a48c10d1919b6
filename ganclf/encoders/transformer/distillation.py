"""Distillation: a transformer learns what others answer, noise included (Hinton et al. 2015; Xie et al. 2020)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import keras
import numpy as np
import tensorflow as tf

from ganclf.encoders.transformer.backbone import IDS, Transformer
from ganclf.encoders.transformer.contrastive import Line

ROWS_A_STEP = 32
WINDOW = 16  # batches whose texts are sorted by length together: padding stays small
LEARNING_RATE, HEAD_LEARNING_RATE = 5e-5, 1e-2  # the highest; they rise, then fall to 0 in a line
SCALE = 12.0  # of the head's first weights: vectors have unit length, and logits of 1 would be sure of nothing
FROZEN = "embedding"  # in a variable's path: half of MiniLM's weights, and a step is shorter without


def distil(
    transformer: Transformer,
    texts: Sequence[str],
    answers: np.ndarray,
    vectors: np.ndarray,
    *,
    steps: int,
    seed: int,
    advance: Callable[[int], None] = lambda done: None,
) -> None:
    """Change the weights of `transformer`, but for its embeddings, so that a linear head on it gives the answers.

    The head is thrown away. Dropout is the noise that the student has and its teachers had not.

    Args:
        transformer: is changed in place.
        texts: n texts.
        answers: class probabilities, float, shape [n, classes].
        vectors: what `transformer` makes of the texts now, float32 of unit length, shape [n, size].
        steps: batches of ROWS_A_STEP texts.
        seed: of batches and dropout.
        advance: is told how many steps were done.
    """
    body = [variable for variable in transformer.begin_training(seed) if FROZEN not in variable.path]
    head = [keras.Variable(_first_head(vectors, answers)), keras.Variable(np.zeros(answers.shape[1], np.float32))]
    optimizers = [
        (keras.optimizers.AdamW(Line(LEARNING_RATE, steps), weight_decay=0.01), body),
        (keras.optimizers.Adam(Line(HEAD_LEARNING_RATE, steps)), head),
    ]
    for optimizer, variables in optimizers:
        optimizer.build(variables)
    targets = tf.constant(answers, tf.float32)

    @tf.function(input_signature=[IDS, tf.TensorSpec([None, answers.shape[1]], tf.float32)])
    def step(batch: tf.RaggedTensor, wanted: tf.Tensor) -> None:
        with tf.GradientTape() as tape:
            logits = tf.matmul(transformer.embed(batch, training=True), head[0]) + head[1]
            loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(wanted, logits))
        gradients = [tf.convert_to_tensor(each) for each in tape.gradient(loss, body + head)]
        gradients = tf.clip_by_global_norm(gradients, 1.0)[0]
        for (optimizer, variables), part in zip(
            optimizers, (gradients[: len(body)], gradients[len(body) :]), strict=True
        ):
            optimizer.apply(part, variables)

    ids = transformer.ids(tf.constant(list(texts)))
    for rows in batches_of_like_length(ids.row_lengths().numpy(), steps, seed):
        step(tf.gather(ids, rows), tf.gather(targets, rows))
        advance(1)


def _first_head(vectors: np.ndarray, answers: np.ndarray) -> np.ndarray:
    """The direction of each class's mean vector, float32, shape [size, classes]."""
    means = vectors.T @ answers
    return (SCALE * means / np.maximum(np.linalg.norm(means, axis=0), 1e-6)).astype(np.float32)


def batches_of_like_length(lengths: np.ndarray, steps: int, seed: int) -> Iterator[np.ndarray]:
    """Yield `steps` times ROWS_A_STEP places in `lengths`, int; every row comes once before one comes again.

    Within WINDOW batches rows are sorted by length; then these batches are shuffled.
    """
    generator = np.random.default_rng(seed)
    rounds = -(-steps * ROWS_A_STEP // len(lengths))
    rows = np.concatenate([generator.permutation(len(lengths)) for _ in range(rounds)])
    for start in range(0, steps, WINDOW):
        count = min(WINDOW, steps - start)
        window = rows[start * ROWS_A_STEP :][: count * ROWS_A_STEP]
        batches = window[np.argsort(lengths[window], kind="stable")].reshape(count, ROWS_A_STEP)
        yield from generator.permutation(batches)
