"""What a classifier's logits mean: one of k classes (softmax), or k independent labels (sigmoids).

A game asks its `Outputs` for every loss that depends on that, so that each game is written once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from ganclf.adversarial import losses, multi_label_losses, semi_supervised_losses
from ganclf.adversarial.monitors import predicted_class_distribution

Tensors = Callable[..., tf.Tensor]


@dataclass(frozen=True)
class Outputs:
    """Functions of logits [batch, classes], targets and a teacher's probabilities [batch, classes].

    Attributes:
        name: for messages.
        probabilities: logits → probabilities, same shape.
        scores: logits → log probabilities, or log odds: what is averaged over models, same shape.
        targets: labels, number of classes → target probabilities.
        label_weights: class weights, labels → weights of the labels' losses.
        default_class_weights: number of classes → class weights of 1.
        real_score: logits → logit of real in the k+1 game, shape [batch, 1].
        in_scope_score: logits → how much a row looks like some class, shape [batch].
        supervised_loss: logits, labels, label weights → scalar.
        soft_label_loss: logits, probabilities, weights [batch, 1] or [batch, classes] → scalar.
        teacher_loss: logits, probabilities → scalar.
        entropy_loss: logits → scalar.
        class_prior_loss: logits, class priors [classes] → scalar.
        consistency_loss: logits, probabilities → scalar.
        align: probabilities, class priors, running mean of the probabilities → probabilities.
        pseudo_label_loss: logits, probabilities, least confidence → scalar.
        divergence: logits, other logits → per row, shape [batch].
        class_distribution: logits → how the predictions are spread over the classes, sums to 1, shape [classes].
    """

    name: str
    probabilities: Tensors
    scores: Tensors
    targets: Tensors
    label_weights: Tensors
    default_class_weights: Callable[[int], np.ndarray]
    real_score: Tensors
    in_scope_score: Tensors
    supervised_loss: Tensors
    soft_label_loss: Tensors
    teacher_loss: Tensors
    entropy_loss: Tensors
    class_prior_loss: Tensors
    consistency_loss: Tensors
    align: Tensors
    pseudo_label_loss: Tensors
    divergence: Tensors
    class_distribution: Tensors


def _presence_weights(class_weights: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    """Weights [2, classes] of an absent and of a present label → those of labels [batch, classes]."""
    return tf.where(labels > 0, class_weights[1], class_weights[0])


SOFTMAX = Outputs(
    name="one label a text",
    probabilities=tf.nn.softmax,
    scores=tf.nn.log_softmax,
    targets=tf.one_hot,
    label_weights=tf.gather,
    default_class_weights=np.ones,
    real_score=lambda logits: tf.reduce_logsumexp(logits, axis=1, keepdims=True),
    in_scope_score=losses.real_logit,
    supervised_loss=losses.supervised_loss,
    soft_label_loss=lambda logits, probs, weights: losses.soft_label_loss(logits, probs, weights[:, 0]),
    teacher_loss=losses.soft_label_loss,
    entropy_loss=losses.entropy_loss,
    class_prior_loss=losses.class_prior_loss,
    consistency_loss=semi_supervised_losses.consistency_loss,
    align=semi_supervised_losses.align_distribution,
    pseudo_label_loss=semi_supervised_losses.pseudo_label_loss,
    divergence=semi_supervised_losses.kl_divergence,
    class_distribution=predicted_class_distribution,
)
SIGMOID = Outputs(
    name="several labels a text",
    probabilities=tf.nn.sigmoid,
    scores=tf.identity,
    targets=lambda labels, classes: tf.cast(labels, tf.float32),
    label_weights=_presence_weights,
    default_class_weights=lambda classes: np.ones((2, classes)),
    real_score=multi_label_losses.label_set_score,
    in_scope_score=multi_label_losses.joint_energy,
    supervised_loss=lambda logits, labels, weights: multi_label_losses.binary_cross_entropy(
        logits, tf.cast(labels, tf.float32), weights
    ),
    soft_label_loss=multi_label_losses.binary_cross_entropy,
    teacher_loss=multi_label_losses.binary_cross_entropy,
    entropy_loss=multi_label_losses.binary_entropy_loss,
    class_prior_loss=multi_label_losses.binary_prior_loss,
    consistency_loss=multi_label_losses.binary_consistency_loss,
    align=multi_label_losses.align_class_frequencies,
    pseudo_label_loss=multi_label_losses.binary_pseudo_label_loss,
    divergence=multi_label_losses.binary_divergence,
    class_distribution=multi_label_losses.label_mass_distribution,
)


def outputs_for(labels: np.ndarray) -> Outputs:
    """SOFTMAX for labels [n], SIGMOID for a matrix of labels [n, classes]."""
    return SOFTMAX if labels.ndim == 1 else SIGMOID
