"""Training of the glyph networks: on distributional targets without labels, then on labels where there are many."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import keras
import numpy as np
import tensorflow as tf

from ganclf.cli.batching import batches
from ganclf.cli.progress import Advance
from ganclf.encoders.glyphs.cnn import VECTOR_LENGTH
from ganclf.encoders.glyphs.distributional_targets import DistributionalTargets
from ganclf.encoders.glyphs.text_encoder import GLYPH_VECTOR_SIZE, GlyphTextEncoder, perturb
from ganclf.encoders.ngrams.cooccurrence import l2_normalized
from ganclf.rendering.atlas import PADDING

BATCH_SIZE = 128  # texts, or glyphs
BUCKET_BATCHES = 50  # batches whose texts are sorted by length together: little padding, and still random batches
LEARNING_RATE = 2e-3  # the highest, after warm-up; then it decays along half a cosine
CNN_LEARNING_RATE = 4e-3
WARMUP = 0.05  # share of the steps
WEIGHT_DECAY = 0.01
EMA_DECAY = 0.995  # of the moving average of the weights, which is what stays
LABEL_SMOOTHING = 0.05
SCALE = 16.0  # of text vectors before the logits
MAX_COUNT = 50  # texts; a more frequent glyph has the weight of this count


def pretrain_glyph_cnn(
    encoder: GlyphTextEncoder, targets: DistributionalTargets, *, steps: int, seed: int, advance: Advance
) -> None:
    """Train the CNN to predict a glyph's distributional vector from its image.

    Frequent glyphs have more weight, by the root of their count.
    """
    weights = np.sqrt(np.minimum(targets.counts, MAX_COUNT)).astype(np.float32)
    vectors = l2_normalized(_of_width(targets.vectors, GLYPH_VECTOR_SIZE))
    generator = np.random.default_rng(seed)

    def loss(glyph_ids: tf.Tensor, target: tf.Tensor, weight: tf.Tensor) -> tf.Tensor:
        cosines = tf.reduce_sum(encoder.embed_glyphs(glyph_ids, training=True) / VECTOR_LENGTH * target, axis=1)
        return tf.reduce_sum(weight * (1.0 - cosines)) / tf.reduce_sum(weight)

    def examples() -> Iterator[tuple]:
        for rows in _random_batches(len(vectors), BATCH_SIZE, steps, generator):
            yield targets.glyphs[rows], vectors[rows], weights[rows]

    _train([encoder.cnn], loss, examples(), steps, CNN_LEARNING_RATE, advance)


def pretrain_text_encoder(
    encoder: GlyphTextEncoder,
    texts: tf.RaggedTensor,
    targets: DistributionalTargets,
    *,
    steps: int,
    seed: int,
    advance: Advance,
) -> None:
    """Train the sequence network to predict a text's distributional vector, with some glyphs masked or replaced.

    The CNN stays as it was pretrained: it would take half of the time, and gains nothing (docs/findings/glyphs.md).

    Args:
        encoder: is changed in place.
        texts: glyph ids, int32, shape [n, (time)].
        targets: of these texts.
        steps: batches.
        seed: of the batches.
        advance: receives the number of steps done.
    """
    nonzero = np.flatnonzero(targets.texts.any(axis=1))
    table = tf.constant(encoder.embed_atlas())

    def loss(glyph_ids: tf.Tensor, target: tf.Tensor) -> tf.Tensor:
        vectors = tf.gather(table, perturb(glyph_ids))
        rows = encoder.encode_sequence(vectors, glyph_ids, training=True)
        return tf.reduce_mean(1.0 - tf.reduce_sum(rows * target, axis=1))

    def examples() -> Iterator[tuple]:
        for rows in _length_bucketed_batches(texts.row_lengths().numpy(), nonzero, steps, seed):
            yield tf.gather(texts, rows).to_tensor(PADDING), targets.texts[rows]

    _train([encoder.sequence, encoder.project], loss, examples(), steps, LEARNING_RATE, advance)


def train_on_labels(
    encoder: GlyphTextEncoder, texts: tf.RaggedTensor, labels: np.ndarray, *, steps: int, seed: int, advance: Advance
) -> None:
    """Train the whole encoder as a classifier.

    Args:
        encoder: is changed in place.
        texts: glyph ids, int32, shape [n, (time)].
        labels: int from 0 to classes - 1, shape [n].
        steps: batches.
        seed: of the batches and the initial head.
        advance: receives the number of steps done.
    """
    classes = int(labels.max()) + 1
    head = keras.layers.Dense(classes, kernel_initializer=keras.initializers.GlorotUniform(seed))
    head.build([None, encoder.project.units])

    def loss(glyph_ids: tf.Tensor, label: tf.Tensor) -> tf.Tensor:
        logits = head(SCALE * encoder(glyph_ids, training=True))
        targets = tf.one_hot(label, classes) * (1.0 - LABEL_SMOOTHING) + LABEL_SMOOTHING / classes
        return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(targets, logits))

    def examples() -> Iterator[tuple]:
        for rows in _length_bucketed_batches(texts.row_lengths().numpy(), np.arange(len(labels)), steps, seed):
            yield tf.gather(texts, rows).to_tensor(PADDING), labels[rows]

    _train([encoder, head], loss, examples(), steps, LEARNING_RATE, advance)


def _train(
    networks: Sequence[keras.Layer],
    loss_fn: Callable[..., tf.Tensor],
    examples: Iterator[tuple],
    steps: int,
    learning_rate: float,
    advance: Advance,
) -> None:
    """Minimize the loss with AdamW; the moving averages of the weights are what stays in `networks`."""
    variables = [variable for network in networks for variable in network.trainable_variables]
    weights = [weight for network in networks for weight in network.weights]
    warmup = max(1, int(WARMUP * steps))
    schedule = keras.optimizers.schedules.CosineDecay(
        learning_rate / 100.0, max(1, steps - warmup), 0.01, "rate", learning_rate, warmup
    )
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=WEIGHT_DECAY)
    optimizer.build(variables)
    averages = [tf.Variable(weight) for weight in weights]

    @tf.function(autograph=False, reduce_retracing=True)
    def train_step(decay: tf.Tensor, *batch: tf.Tensor) -> None:
        with tf.GradientTape() as tape:
            loss = loss_fn(*batch)
        gradients = [tf.convert_to_tensor(each) for each in tape.gradient(loss, variables)]
        optimizer.apply(tf.clip_by_global_norm(gradients, 1.0)[0], variables)
        for average, weight in zip(averages, weights, strict=True):
            average.assign(decay * average + (1.0 - decay) * weight)

    for step, batch in enumerate(examples):
        decay = min(EMA_DECAY, (1 + step) / (10 + step))
        train_step(tf.constant(decay), *(tf.convert_to_tensor(each) for each in batch))
        advance(1)
    for average, weight in zip(averages, weights, strict=True):
        weight.assign(average)


def _length_bucketed_batches(lengths: np.ndarray, rows: np.ndarray, steps: int, seed: int) -> Iterator[np.ndarray]:
    """Yield the indices of `steps` batches of texts of similar length, drawn from `rows`."""
    generator = np.random.default_rng(seed)
    count = -(-steps // BUCKET_BATCHES) * 2 + 2 + steps  # enough windows, however small the last ones are
    done = 0
    for window in _random_batches(len(rows), BATCH_SIZE * BUCKET_BATCHES, count, generator):
        bucket = rows[window]
        bucket = bucket[np.argsort(lengths[bucket], kind="stable")]
        of_bucket = list(batches(bucket, BATCH_SIZE))
        for index in generator.permutation(len(of_bucket)).tolist():
            if done == steps:
                return
            yield of_bucket[index]
            done += 1


def _random_batches(rows: int, size: int, count: int, generator: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield `count` batches of at most `size` indices: epochs in random order, without the incomplete last batch."""
    size, done = min(size, rows), 0
    while rows and done < count:
        order = generator.permutation(rows)
        for start in range(0, rows - size + 1, size):
            if done < count:
                yield order[start : start + size]
                done += 1


def _of_width(rows: np.ndarray, width: int) -> np.ndarray:
    """Cut rows, or fill them up with zeros, to `width` numbers."""
    return np.pad(rows[:, :width], [(0, 0), (0, max(0, width - rows.shape[1]))])
