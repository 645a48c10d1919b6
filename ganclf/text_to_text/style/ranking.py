"""What speaks for a rewriting: its style, its fluency, and how much of the content of the input it keeps."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import NamedTuple

import tensorflow as tf

from ganclf.encoders.tokens import END, PAD
from ganclf.text_to_text.generator import Memory
from ganclf.text_to_text.style.edits import Editor
from ganclf.text_to_text.style.networks import StyleDiscriminator, StyleGenerator

LEAST_CONTENT = 0.15  # weight of a word of no content, as `the`, beside 1 of a rare one
NO_LIKELIHOOD = 0.0


@dataclass(frozen=True)
class Weights:
    """Of what speaks for a rewriting.

    Attributes:
        discriminator: of the log probability of the style by the discriminator.
        counts: of that by counts of n-grams.
        realness: of the log probability that it was not generated, by the discriminator.
        fluency: of the mean log probability of a token, beside that of the input.
        content: of the share of words that are kept, from 0 to 1.
        likelihood: of the mean log probability of a token by the generator.
    """

    discriminator: float = 0.5
    counts: float = 0.5
    realness: float = 0.0
    fluency: float = 0.5
    content: float = 4.0
    likelihood: float = 0.0


class Features(NamedTuple):
    """Of candidates, in the order of Weights, each float32 [batch, candidates]."""

    discriminator: tf.Tensor
    counts: tf.Tensor
    realness: tf.Tensor
    fluency: tf.Tensor
    content: tf.Tensor
    likelihood: tf.Tensor


def features(
    editor: Editor, discriminator: StyleDiscriminator, generator: StyleGenerator | None, memory: Memory | None,
    source: tf.Tensor, candidates: tf.Tensor, target: tf.Tensor,
) -> Features:  # fmt: skip
    """What speaks for candidates.

    Args:
        editor: fitted.
        discriminator: trained.
        generator: trained, or None.
        memory: of the texts, for the generator.
        source: the texts, int32 [batch, tokens].
        candidates: int32 [batch, candidates, tokens].
        target: number of the style, int32 [batch].
    """
    shape = tf.shape(candidates)
    flat, style = tf.reshape(candidates, [-1, shape[2]]), tf.repeat(target, shape[1])
    logits = discriminator.logits(flat)
    fluency = tf.reshape(editor.mean_log_probs(flat), shape[:2])
    likelihood = tf.zeros(shape[:2])
    if generator is not None and memory is not None:
        log_probs = tf.reduce_sum(generator.log_probs(memory.repeated(shape[1]), flat), axis=1)
        sizes = tf.reduce_sum(tf.cast(flat != PAD, tf.float32), axis=1)
        likelihood = tf.reshape(log_probs / tf.maximum(sizes, 1.0), shape[:2])
    of_style = lambda each: tf.gather(tf.nn.log_softmax(each), style, axis=1, batch_dims=1)  # noqa: E731
    return Features(
        tf.reshape(of_style(logits), shape[:2]),
        tf.reshape(of_style(editor.ngrams.logits(flat)), shape[:2]),
        tf.reshape(tf.math.log_sigmoid(tf.reduce_logsumexp(logits, axis=1)), shape[:2]),
        fluency - editor.mean_log_probs(source)[:, tf.newaxis],
        kept_content(editor.ngrams.content, source, candidates),
        likelihood,
    )


def rank(found: Features, weights: Weights, strength: tf.Tensor) -> tf.Tensor:
    """Scores of candidates, the higher the better, float32 [batch, candidates].

    Args:
        found: of the candidates.
        weights: of a strength of 0.5.
        strength: from 0, content alone counts, to 1, style alone, float32 [batch].
    """
    style = tf.maximum(2.0 * strength, 0.0)[:, tf.newaxis]
    content = 2.0 - style
    factors = (style, style, 1.0, 1.0, content, 1.0)
    parts = zip(astuple(weights), factors, found, strict=True)
    return tf.add_n([weight * factor * each for weight, factor, each in parts])


def kept_content(content: tf.Tensor, source: tf.Tensor, candidates: tf.Tensor) -> tf.Tensor:
    """F1 of the ids of texts and candidates, weighed by their content, 0 to 1, float32 [batch, candidates].

    Args:
        content: of each id, float32 [vocabulary].
        source: int32 [batch, tokens].
        candidates: int32 [batch, candidates, tokens].
    """
    weight = LEAST_CONTENT + (1.0 - LEAST_CONTENT) * content
    of_source = tf.gather(weight, source) * _is_word(source)
    of_candidates = tf.gather(weight, candidates) * _is_word(candidates)
    same = tf.cast(source[:, tf.newaxis, :, tf.newaxis] == candidates[:, :, tf.newaxis], tf.float32)
    kept = tf.reduce_sum(of_source[:, tf.newaxis] * tf.reduce_max(same, axis=3), axis=2)
    known = tf.reduce_sum(of_candidates * tf.reduce_max(same, axis=2), axis=2)
    whole = tf.reduce_sum(of_source, axis=1)[:, tf.newaxis] + tf.reduce_sum(of_candidates, axis=2)
    return (kept + known) / tf.maximum(whole, 1e-6)


def _is_word(tokens: tf.Tensor) -> tf.Tensor:
    return tf.cast((tokens != PAD) & (tokens != END), tf.float32)
