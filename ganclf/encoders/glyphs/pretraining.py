"""How the networks learn: to see what glyphs mean, to read what texts mean, and to tell labels apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ganclf.cli.progress import Advance
from ganclf.encoders.glyphs.cnn import LENGTH
from ganclf.encoders.glyphs.distributional_targets import Meanings
from ganclf.encoders.glyphs.text_encoder import SIGHT_SIZE, GlyphReader
from ganclf.encoders.ngrams.cooccurrence import unit
from ganclf.rendering.atlas import PADDING

TEXTS_A_STEP = 128
GLYPHS_A_STEP = 128
SORTED_STEPS = 50  # whose texts are sorted by length together: little padding, and still batches by chance
LEARNING_RATE = 2e-3  # the highest; it rises, then falls along half a cosine
SIGHT_LEARNING_RATE = 4e-3
RISE = 0.05  # share of the steps
WEIGHT_DECAY = 0.01
DECAY = 0.995  # of the moving average of the weights, which is what stays
LABEL_SMOOTHING = 0.05
SCALE = 16.0  # of texts' vectors in front of the logits


def learn_to_see(reader: GlyphReader, meanings: Meanings, *, steps: int, seed: int, advance: Advance) -> None:
    """Train the network that sees glyphs to tell from a picture what the glyph means.

    Frequent glyphs count more, by the root of their count.
    """
    weights = np.sqrt(np.minimum(meanings.counts, 50)).astype(np.float32)
    targets = unit(_of_width(meanings.vectors, SIGHT_SIZE))
    generator = np.random.default_rng(seed)

    def loss(glyphs: tf.Tensor, wanted: tf.Tensor, weight: tf.Tensor) -> tf.Tensor:
        cosines = tf.reduce_sum(reader.see(glyphs, training=True) / LENGTH * wanted, axis=1)
        return tf.reduce_sum(weight * (1.0 - cosines)) / tf.reduce_sum(weight)

    def batches() -> Iterator[tuple]:
        for rows in _rounds(len(targets), GLYPHS_A_STEP, steps, generator):
            yield meanings.glyphs[rows], targets[rows], weights[rows]

    _train(reader.sight, [], loss, batches(), steps, SIGHT_LEARNING_RATE, advance)


def learn_to_read(
    reader: GlyphReader, texts: tf.RaggedTensor, meanings: Meanings, *, steps: int, seed: int, advance: Advance
) -> None:
    """Train all of the reader to tell what a text means, with some of its glyphs hidden or swapped.

    Args:
        texts: places in the atlas, int32, shape [n, (time)].
    """
    telling = np.flatnonzero(meanings.texts.any(axis=1))

    def loss(places: tf.Tensor, wanted: tf.Tensor) -> tf.Tensor:
        return tf.reduce_mean(1.0 - tf.reduce_sum(reader(places, training=True) * wanted, axis=1))

    def batches() -> Iterator[tuple]:
        for rows in _text_rounds(texts.row_lengths().numpy(), telling, steps, seed):
            yield tf.gather(texts, rows).to_tensor(PADDING), meanings.texts[rows]

    _train(reader, [], loss, batches(), steps, LEARNING_RATE, advance)


def learn_labels(
    reader: GlyphReader, texts: tf.RaggedTensor, labels: np.ndarray, *, steps: int, seed: int, advance: Advance
) -> None:
    """Train all of the reader to tell labels apart.

    Args:
        texts: places in the atlas, int32, shape [n, (time)].
        labels: int from 0 to classes - 1, shape [n].
    """
    classes = int(labels.max()) + 1
    head = keras.layers.Dense(classes, kernel_initializer=keras.initializers.GlorotUniform(seed))
    head.build([None, reader.project.units])

    def loss(places: tf.Tensor, wanted: tf.Tensor) -> tf.Tensor:
        logits = head(SCALE * reader(places, training=True))
        targets = tf.one_hot(wanted, classes) * (1.0 - LABEL_SMOOTHING) + LABEL_SMOOTHING / classes
        return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(targets, logits))

    def batches() -> Iterator[tuple]:
        for rows in _text_rounds(texts.row_lengths().numpy(), np.arange(len(labels)), steps, seed):
            yield tf.gather(texts, rows).to_tensor(PADDING), labels[rows]

    _train(reader, head.trainable_variables, loss, batches(), steps, LEARNING_RATE, advance)


def _train(
    network: keras.Model,
    further: Sequence[Any],
    loss: Callable[..., tf.Tensor],
    batches: Iterator[tuple],
    steps: int,
    rate: float,
    advance: Advance,
) -> None:
    """Descend with AdamW; the moving average of the weights is what stays in `network`."""
    variables = [*network.trainable_variables, *further]
    rise = max(1, int(RISE * steps))
    schedule = keras.optimizers.schedules.CosineDecay(rate / 100.0, max(1, steps - rise), 0.01, "rate", rate, rise)
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=WEIGHT_DECAY)
    optimizer.build(variables)
    averages = [tf.Variable(weight) for weight in network.weights]

    @tf.function(reduce_retracing=True)
    def step(decay: tf.Tensor, *batch: tf.Tensor) -> None:
        with tf.GradientTape() as tape:
            value = loss(*batch)
        gradients = [tf.convert_to_tensor(each) for each in tape.gradient(value, variables)]
        optimizer.apply(tf.clip_by_global_norm(gradients, 1.0)[0], variables)
        for average, weight in zip(averages, network.weights, strict=True):
            average.assign(decay * average + (1.0 - decay) * weight)

    for number, batch in enumerate(batches):
        decay = min(DECAY, (1 + number) / (10 + number))
        step(tf.constant(decay), *(tf.convert_to_tensor(each) for each in batch))
        advance(1)
    for average, weight in zip(averages, network.weights, strict=True):
        weight.assign(average)


def _text_rounds(lengths: np.ndarray, chosen: np.ndarray, steps: int, seed: int) -> Iterator[np.ndarray]:
    """Yield places of `steps` batches of texts of about the same length, from the rows `chosen`."""
    generator = np.random.default_rng(seed)
    done = 0
    for window in _rounds(
        len(chosen), TEXTS_A_STEP * SORTED_STEPS, -(-steps // SORTED_STEPS) * 2 + 2 + steps, generator
    ):
        rows = chosen[window]
        rows = rows[np.argsort(lengths[rows], kind="stable")]
        batches = [rows[at : at + TEXTS_A_STEP] for at in range(0, len(rows), TEXTS_A_STEP)]
        for place in generator.permutation(len(batches)).tolist():
            if done == steps:
                return
            yield batches[place]
            done += 1


def _rounds(rows: int, size: int, count: int, generator: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield `count` batches of at most `size` places, all of them in random order, again and again."""
    size, done = min(size, rows), 0
    while rows and done < count:
        order = generator.permutation(rows)
        for start in range(0, rows - size + 1, size):
            if done < count:
                yield order[start : start + size]
                done += 1


def _of_width(rows: np.ndarray, width: int) -> np.ndarray:
    """Cut or fill up with zeros to `width` numbers a row."""
    return np.pad(rows[:, :width], [(0, 0), (0, max(0, width - rows.shape[1]))])
