"""What every game of classification shares: the classifier, and its losses that need no generator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ganclf.adversarial.adversarial_loss import AdversarialLoss
from ganclf.adversarial.model import AdversarialModel, LossFn
from ganclf.adversarial.monitors import batch_std, discriminator_metrics
from ganclf.adversarial.noise import Noise
from ganclf.adversarial.outputs import SOFTMAX, Outputs
from ganclf.adversarial.replicas import global_mean
from ganclf.adversarial.semi_supervised_losses import Mixture, mixup, virtual_adversarial_loss
from ganclf.classification.games.networks import make_classifier
from ganclf.config import GameConfig

Batch = Mapping[str, tf.Tensor]
MakeBackbone = Callable[[], keras.Model]
LABELED, UNLABELED, MIXED, GENERATED = "labeled", "unlabeled", "mixed", "generated"  # groups of rows
BACKBONE = "backbone"  # the optimizer of the layers below the classifier
SCALARS = {"steps": 1.0, "unlabeled_weight": 1.0, "adversarial_weight": 1.0}  # of the configuration; used for None
EMA_PRIORS_DECAY = 0.99  # of the running mean of the averaged classifier's probabilities: about a hundred steps
DISCRIMINATOR_MONITORS = ("real_accuracy", "fake_accuracy", "score_gap", "real_batch_std", "generated_batch_std")


@dataclass
class ForwardPass:
    """One forward pass of the classifier over all rows of a step.

    Attributes:
        batch: as `game_batches` makes it.
        noise: of this step.
        ema_network: the averaged classifier: rows → logits.
        outputs: what logits mean.
        inputs: rows by their group, LABELED, UNLABELED and where there are any MIXED and GENERATED, each of shape
            [rows, size]; unlabeled and generated ones with instance noise where that is on.
        hidden: the classifier's last hidden activations, likewise, each of shape [rows, width].
        logits: likewise, each of shape [rows, classes].
        mixture: the mixed rows with their targets.
    """

    batch: Batch
    noise: Noise
    ema_network: Callable[[tf.Tensor], tf.Tensor]
    outputs: Outputs = SOFTMAX
    inputs: dict[str, tf.Tensor] = field(default_factory=dict)
    hidden: dict[str, tf.Tensor] = field(default_factory=dict)
    logits: dict[str, tf.Tensor] = field(default_factory=dict)
    mixture: Mixture | None = None

    @cached_property
    def ema_probs(self) -> tf.Tensor:
        """Probabilities by the averaged classifier (mean teacher), without noise, shape [batch, classes]."""
        return tf.stop_gradient(self.outputs.probabilities(self.ema_network(self.batch["unlabeled"])))


class SemiSupervisedGame(AdversarialModel):
    """A classifier that learns from few labeled and many unlabeled rows; a game adds its other networks.

    At first it follows the soft pseudo-labels of a teacher, a simpler model that few labels fit better than a network.
    The weight of the teacher falls as the weight of the losses on unlabeled rows rises. The averaged classifier is the
    target of some of these losses (mean teacher).

    Args:
        config: weights, sizes and steps.
        size: features or pixels per row.
        class_priors: expected frequency of each class among the unlabeled rows, shape [classes].
        other_networks: beside the classifier, in the order of their updates.
        loss_fns: of all networks, by name.
        updates_per_step: by name.
        class_weights: of labeled rows by their class, shape [classes]; with several labels a text of absent and of
            present labels, shape [2, classes]; default: all 1.
        make_backbone: builds a network that makes features of the batch's rows and is trained with the classifier.
        outputs: what the classifier's logits mean.
    """

    def __init__(
        self,
        config: GameConfig,
        size: int,
        class_priors: np.ndarray,
        other_networks: Mapping[str, keras.Model],
        loss_fns: Mapping[str, LossFn],
        updates_per_step: Mapping[str, int],
        class_weights: np.ndarray | None = None,
        make_backbone: MakeBackbone | None = None,
        outputs: Outputs = SOFTMAX,
    ) -> None:
        classes = len(class_priors)
        classifier, ema_network = (make_classifier(config, size, classes, config.seed) for _ in range(2))
        monitors: dict[str, tuple] = dict.fromkeys(DISCRIMINATOR_MONITORS, ()) if other_networks else {}
        super().__init__(
            {"classifier": classifier} | dict(other_networks),
            loss_fns,
            ema_source=classifier,
            ema_network=ema_network,
            ema_decay=config.average_decay,
            seed=config.seed,
            updates_per_step=updates_per_step,
            historical_weight=config.historical_weight,
            monitors=monitors | {"predicted_class_distribution": (classes,)},
        )
        self.config, self.size, self.classes, self.outputs = config, size, classes, outputs
        self.backbone, self.ema_backbone = (make_backbone() if make_backbone else None for _ in range(2))
        if class_weights is None:
            class_weights = outputs.default_class_weights(classes)
        # variables, so that another training can set them without another graph
        self._class_priors = self._add_setting("class_priors", class_priors)
        self._class_weights = self._add_setting("class_weights", class_weights)
        self._scalars = {name: self._add_setting(name, 0.0) for name in SCALARS}
        self.ema_priors = self.add_weight(
            shape=(classes,), initializer="zeros", trainable=False, aggregation="mean", name="ema_priors"
        )
        self.set_up(config, class_priors, class_weights)
        self.adversarial_loss = AdversarialLoss(
            config.adversarial_loss, config.label_smoothing, config.penalty, config.penalty_weight
        )
        self.unlabeled_terms: tuple[tuple[float, Callable[[ForwardPass], tf.Tensor]], ...] = (
            (config.entropy_weight, lambda forward: outputs.entropy_loss(forward.logits[UNLABELED])),
            (
                config.class_prior_weight,
                lambda forward: outputs.class_prior_loss(forward.logits[UNLABELED], self.class_priors),
            ),
            (
                config.consistency_weight,
                lambda forward: outputs.consistency_loss(forward.logits[UNLABELED], forward.ema_probs),
            ),
            (config.pseudo_label_weight, self._pseudo_label_term),
            (config.virtual_adversarial_weight, self._virtual_adversarial_term),
            (config.mixup_weight, self._mixup_term),
        )

    def _add_setting(self, name: str, value: np.ndarray | float) -> keras.Variable:
        return self.add_weight(shape=np.shape(value), initializer="zeros", trainable=False, name=name)

    def set_up(self, config: GameConfig, class_priors: np.ndarray, class_weights: np.ndarray) -> None:
        """Set what may differ between trainings that share a graph; arguments as of the constructor."""
        self.config = config
        self._class_priors.assign(class_priors)
        self._class_weights.assign(class_weights)
        self.ema_priors.assign(class_priors)
        for name, default in SCALARS.items():
            value = getattr(config, name)
            self._scalars[name].assign(default if value is None else value)

    @property
    def class_priors(self) -> tf.Tensor:
        """Expected frequency of each class among the unlabeled rows, shape [classes]."""
        return tf.convert_to_tensor(self._class_priors)

    def scalar(self, name: str) -> tf.Tensor:
        """The value of one of SCALARS in this training."""
        return tf.convert_to_tensor(self._scalars[name])

    def weight_groups(self, name: str) -> dict[str, list[keras.Variable]]:
        """The backbone is trained with the classifier, by an optimizer of its own."""
        backbone = {BACKBONE: self.backbone.trainable_variables} if self.backbone and name == "classifier" else {}
        return super().weight_groups(name) | backbone

    def prepare_batch(self, batch: Mapping[str, Any], name: str) -> Batch:
        """The batch with the backbone's features in place of its inputs."""
        if self.backbone is None:
            return batch
        rows = {key: self.backbone(batch[key]) for key in ("labeled", "unlabeled")}
        return dict(batch) | (rows if name == "classifier" else {key: tf.stop_gradient(rows[key]) for key in rows})

    def ema_pairs(self) -> list[tuple[keras.Variable, keras.Variable]]:
        """The backbone is averaged like the classifier."""
        pairs = super().ema_pairs()
        if self.backbone is not None and self.ema_backbone is not None:
            pairs += zip(self.ema_backbone.weights, self.backbone.weights, strict=True)
        return pairs

    def forward(self, batch: Batch, noise: Noise, generated: tf.Tensor | None = None) -> tuple[tf.Tensor, ForwardPass]:
        """Classify the batch, mixtures of its rows, and generated rows [batch, size].

        Returns:
            The loss on the labels, and the forward pass.
        """
        forward = ForwardPass(batch, noise, self.ema_network, self.outputs)
        forward.inputs = {LABELED: batch["labeled"], UNLABELED: self.add_instance_noise(batch["unlabeled"], noise)}
        if self.config.mixup_weight:
            forward.mixture = self._mix(forward)
            forward.inputs[MIXED] = forward.mixture.rows
        if generated is not None:
            forward.inputs[GENERATED] = self.add_instance_noise(generated, noise)
        self._classify(forward)
        loss = self.outputs.supervised_loss(forward.logits[LABELED], batch["labels"], self._labeled_weights(batch))
        distribution = self.outputs.class_distribution(forward.logits[UNLABELED])
        self.update_monitors(predicted_class_distribution=distribution)
        return loss, forward

    def _classify(self, forward: ForwardPass) -> None:
        """Fill in what the classifier makes of the inputs: all groups in one product, which takes less time."""
        classifier, inputs = self.networks["classifier"], forward.inputs
        if self.config.discriminator_normalization == "batch":  # real and generated rows have statistics of their own
            for group, rows in inputs.items():
                forward.hidden[group] = classifier.hidden(rows, training=True, noise=forward.noise)
                forward.logits[group] = classifier.logits_layer(forward.hidden[group])
            return
        sizes = [tf.shape(rows)[0] for rows in inputs.values()]
        with forward.noise.grouped(sizes):
            hidden = classifier.hidden(tf.concat(list(inputs.values()), axis=0), training=True, noise=forward.noise)
        logits = classifier.logits_layer(hidden)
        for filled, values in ((forward.hidden, hidden), (forward.logits, logits)):
            filled.update(zip(inputs, tf.split(values, sizes), strict=True))

    def unlabeled_loss(self, forward: ForwardPass) -> tf.Tensor:
        """The teacher's loss, which fades, and every loss on unlabeled rows that has a weight."""
        rampup = self.rampup()
        teacher_term = self.outputs.teacher_loss(forward.logits[UNLABELED], forward.batch["teacher_probs"])
        loss = (1.0 - rampup) * self.config.teacher_weight * teacher_term
        for weight, term in self.unlabeled_terms:
            if weight:
                loss += rampup * weight * term(forward)
        return loss

    def _pseudo_label_term(self, forward: ForwardPass) -> tf.Tensor:
        probs = forward.ema_probs
        mean = EMA_PRIORS_DECAY * self.ema_priors + (1.0 - EMA_PRIORS_DECAY) * global_mean(probs, axis=0)
        self.ema_priors.assign(mean)
        aligned = self.outputs.align(probs, self.class_priors, mean)
        return self.outputs.pseudo_label_loss(forward.logits[UNLABELED], aligned, self.config.pseudo_label_threshold)

    def _virtual_adversarial_term(self, forward: ForwardPass) -> tf.Tensor:
        radius, rows = self.config.virtual_adversarial_radius, forward.batch["unlabeled"]
        classifier, divergence = self.networks["classifier"], self.outputs.divergence
        return virtual_adversarial_loss(classifier, rows, radius, forward.noise, divergence)

    def _mixup_term(self, forward: ForwardPass) -> tf.Tensor:
        assert forward.mixture  # there is one where it has a weight
        return self.outputs.soft_label_loss(forward.logits[MIXED], forward.mixture.targets, forward.mixture.weights)

    def _mix(self, forward: ForwardPass) -> Mixture:
        """Unlabeled rows with predictions of the averaged classifier, mixed with labeled ones."""
        batch, weights = forward.batch, self._labeled_weights(forward.batch)
        return mixup(
            batch["unlabeled"],
            forward.ema_probs,
            batch["labeled"],
            self.outputs.targets(batch["labels"], self.classes),
            tf.reshape(weights, [tf.shape(weights)[0], -1]),
            forward.noise,
        )

    def _labeled_weights(self, batch: Batch) -> tf.Tensor:
        """Class weights of the labels, shape [labeled batch], or [labeled batch, classes] with several a text."""
        return self.outputs.label_weights(tf.convert_to_tensor(self._class_weights), batch["labels"])

    def monitor_discriminator(
        self, real: tf.Tensor, fake: tf.Tensor, real_scores: tf.Tensor, fake_scores: tf.Tensor
    ) -> None:
        """Monitor real and generated rows [batch, size] and their scores [batch, 1]."""
        self.update_monitors(
            **discriminator_metrics(real_scores, fake_scores),
            real_batch_std=batch_std(real),
            generated_batch_std=batch_std(fake),
        )

    def add_instance_noise(self, rows: tf.Tensor, noise: Noise) -> tf.Tensor:
        """Instance noise (Arjovsky & Bottou 2017): Gaussian noise on rows [batch, size] that fades over the game."""
        if not self.config.instance_noise:
            return rows
        fading = self.config.instance_noise * tf.maximum(0.0, 1.0 - self.step / self.scalar("steps"))
        return rows + noise.normal(tuple(tf.unstack(tf.shape(rows))), fading / self.size**0.5)

    def rampup(self) -> tf.Tensor:
        """Weight of the losses on unlabeled rows: rises from 0 to its full value over the first part of the game."""
        share = self.step / (self.config.rampup_fraction * self.scalar("steps"))
        return self.scalar("unlabeled_weight") * tf.minimum(1.0, share)
