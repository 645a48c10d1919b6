"""What every game of classification shares: the classifier, and its terms that need no generator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ganclf.adversarial.adversarial_loss import AdversarialLoss
from ganclf.adversarial.losses import class_prior_loss, entropy_loss, soft_label_loss, supervised_loss
from ganclf.adversarial.model import AdversarialModel
from ganclf.adversarial.monitors import batch_std, discriminator_metrics, predicted_class_distribution
from ganclf.adversarial.noise import Noise
from ganclf.adversarial.replicas import global_mean
from ganclf.adversarial.semi_supervised_losses import (
    align_distribution,
    consistency_loss,
    mixup_loss,
    pseudo_label_loss,
    virtual_adversarial_loss,
)
from ganclf.classification.games.forward_pass import Batch, View
from ganclf.classification.games.networks import make_classifier
from ganclf.config import GameConfig

MakeBackbone = Callable[[], keras.Model]
BACKBONE = "front"  # the optimizer of what is trained in front of the classifier
SHARE_DECAY = 0.99  # of the running mean of the teacher's answers: about a hundred steps
RIVALRY_MONITORS = ("real_accuracy", "fake_accuracy", "score_gap", "real_batch_std", "generated_batch_std")


class SemiSupervisedGame(AdversarialModel):
    """A classifier that learns from few labelled and many unlabelled rows; a recipe adds its rivals.

    At first it is guided by the answers of a simpler model, which few labels fit better than a network; the guide fades
    as the terms of the unlabelled rows rise, as far as these are trusted. The averaged classifier is the teacher
    of some of them.

    Args:
        config: weights, sizes and steps.
        size: numbers a row of features has.
        shares: expected class shares of the unlabelled rows, sum to 1, shape [classes].
        rivals: the other players in the order of their turns.
        repeats: turns of a player a round.
        class_weights: of labelled rows by their class, shape [classes]; default: all 1.
        make_backbone: builds a network that makes features of the batch's rows and is trained with the classifier.
    """

    def __init__(
        self,
        config: GameConfig,
        size: int,
        shares: np.ndarray,
        rivals: Mapping[str, keras.Model],
        repeats: Mapping[str, int],
        class_weights: np.ndarray | None = None,
        make_backbone: MakeBackbone | None = None,
    ) -> None:
        classifier, average = (make_classifier(config, size, len(shares), config.seed) for _ in range(2))
        watched: dict[str, tuple] = dict.fromkeys(RIVALRY_MONITORS, ()) if rivals else {}
        super().__init__(
            {"classifier": classifier} | dict(rivals),
            followed=classifier,
            average=average,
            decay=config.average_decay,
            seed=config.seed,
            repeats=repeats,
            historical_weight=config.historical_weight,
            monitors=watched | {"predicted_class_distribution": (len(shares),)},
        )
        self.config, self.size = config, size
        self.backbone, self.backbone_average = (make_backbone() if make_backbone else None for _ in range(2))
        self.shares = tf.constant(shares, tf.float32)
        self.class_weights = tf.constant(np.ones(len(shares)) if class_weights is None else class_weights, tf.float32)
        self.teacher_shares = self.add_weight(
            shape=(len(shares),), initializer="zeros", trainable=False, aggregation="mean", name="teacher_shares"
        )
        self.teacher_shares.assign(self.shares)
        self.rivalry = AdversarialLoss(
            config.adversarial_loss, config.label_smoothing, config.penalty, config.penalty_weight
        )

    def groups_of(self, name: str) -> dict[str, list[keras.Variable]]:
        """The front is trained in the classifier's turn, by an optimizer of its own."""
        fronts = {BACKBONE: self.backbone.trainable_variables} if self.backbone and name == "classifier" else {}
        return super().groups_of(name) | fronts

    def prepared(self, batch: Mapping[str, Any], name: str) -> Batch:
        """The batch with features in place of what the front makes them of."""
        if self.backbone is None:
            return batch
        rows = {key: self.backbone(batch[key]) for key in ("labelled", "unlabelled")}
        return dict(batch) | (rows if name == "classifier" else {key: tf.stop_gradient(rows[key]) for key in rows})

    def followed_pairs(self) -> list[tuple[keras.Variable, keras.Variable]]:
        """The front is averaged as the classifier is."""
        pairs = super().followed_pairs()
        if self.backbone is not None and self.backbone_average is not None:
            pairs += zip(self.backbone_average.weights, self.backbone.weights, strict=True)
        return pairs

    def look(self, batch: Batch, noise: Noise) -> tuple[tf.Tensor, View]:
        """Answer the labelled rows and look at the unlabelled ones; returns the loss on the labels, and the view."""
        classifier = self.players["classifier"]
        logits = classifier(batch["labelled"], noise=noise)
        loss = supervised_loss(logits, batch["labels"], self._weights(batch))
        rows = self.blurred(batch["unlabelled"], noise)
        hidden = classifier.hidden(rows, noise)
        view = View(batch, rows, hidden, classifier.layer_logits(hidden), noise, self.average)
        self.observe(predicted_class_distribution=predicted_class_distribution(view.logits))
        return loss, view

    def unlabelled_loss(self, view: View) -> tf.Tensor:
        """Follow the guide until sure, then every term that has a weight."""
        ramp = self.ramp()
        loss = (1.0 - ramp) * self.config.teacher_weight * soft_label_loss(view.logits, view.batch["guide"])
        for weight, term in self._terms():
            if weight:
                loss += ramp * weight * term(view)
        return loss

    def _terms(self) -> tuple[tuple[float, Callable[[View], tf.Tensor]], ...]:
        config = self.config
        return (
            (config.entropy_weight, lambda view: entropy_loss(view.logits)),
            (config.class_prior_weight, lambda view: class_prior_loss(view.logits, self.shares)),
            (config.consistency_weight, lambda view: consistency_loss(view.logits, view.teacher)),
            (config.pseudo_label_weight, self._pseudo_label_loss),
            (config.virtual_adversarial_weight, self._virtual_adversarial_loss),
            (config.mixup_weight, self._mixing_loss),
        )

    def _pseudo_label_loss(self, view: View) -> tf.Tensor:
        mean = SHARE_DECAY * self.teacher_shares + (1.0 - SHARE_DECAY) * global_mean(view.teacher, axis=0)
        self.teacher_shares.assign(mean)
        return pseudo_label_loss(
            view.logits, align_distribution(view.teacher, self.shares, mean), self.config.pseudo_label_threshold
        )

    def _virtual_adversarial_loss(self, view: View) -> tf.Tensor:
        radius = self.config.virtual_adversarial_radius
        return virtual_adversarial_loss(self.players["classifier"], view.batch["unlabelled"], radius, view.noise)

    def _mixing_loss(self, view: View) -> tf.Tensor:
        batch, classifier = view.batch, self.players["classifier"]
        answers = tf.one_hot(batch["labels"], self.classes)
        return mixup_loss(
            lambda rows: classifier(rows, noise=view.noise),
            batch["unlabelled"],
            view.teacher,
            batch["labelled"],
            answers,
            self._weights(batch),
            view.noise,
        )

    def _weights(self, batch: Batch) -> tf.Tensor:
        """Of the labelled rows, shape [labelled batch]."""
        return tf.gather(self.class_weights, batch["labels"])

    def observe_rivalry(self, real: tf.Tensor, fake: tf.Tensor, real_scores: tf.Tensor, fake_scores: tf.Tensor) -> None:
        """Monitor real and generated rows [batch, size] and their scores [batch, 1]."""
        self.observe(
            **discriminator_metrics(real_scores, fake_scores),
            real_batch_std=batch_std(real),
            generated_batch_std=batch_std(fake),
        )

    def blurred(self, rows: tf.Tensor, noise: Noise) -> tf.Tensor:
        """Instance noise (Arjovsky & Bottou 2017): less and less Gaussian noise on rows [batch, size]."""
        if not self.config.instance_noise:
            return rows
        fading = self.config.instance_noise * tf.maximum(0.0, 1.0 - self.round / self.config.steps)
        return rows + noise.normal(tuple(tf.unstack(tf.shape(rows))), fading / self.size**0.5)

    def ramp(self) -> tf.Tensor:
        """Weight of the unlabelled terms: rises from 0 to the trust in them over the first part of the game."""
        trust = 1.0 if self.config.unlabeled_weight is None else self.config.unlabeled_weight
        return trust * tf.minimum(1.0, self.round / (self.config.rampup_fraction * self.config.steps))

    @property
    def classes(self) -> int:
        """How many classes there are."""
        return self.shares.shape[0]
