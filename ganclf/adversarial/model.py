"""The core: a model that trains several networks against each other, and keeps a moving average of one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import keras
import numpy as np
import tensorflow as tf

from ganclf.adversarial.monitors import RunningMean, gradient_norm
from ganclf.adversarial.noise import Noise
from ganclf.adversarial.regularizers import WeightHistory
from ganclf.adversarial.replicas import num_replicas

LossFn: TypeAlias = Callable[[Mapping[str, tf.Tensor], Noise], tf.Tensor]  # batch, noise → scalar


class AdversarialModel(keras.Model):
    """A game of several networks, each with a loss and an optimizer of its own.

    Args:
        networks: by name, in the order of their updates, all built.
        loss_fns: by the same names; what the update of a network minimizes.
        ema_source: the network whose weights are averaged.
        ema_network: a second network of the same form; holds the exponential moving average.
        ema_decay: of the average; the first steps use less, so the average forgets the initial weights.
        seed: of all noise.
        updates_per_step: by name; 1 for networks that are not named.
        historical_weight: multiplies the distance of the networks' weights from their mean over time.
        monitors: shape of each value that a game gives to `update_monitors`.
        clip_norms: largest norm of the gradient, by the name of a group of weights; others are not clipped.
    """

    def __init__(
        self,
        networks: Mapping[str, keras.Model],
        loss_fns: Mapping[str, LossFn],
        *,
        ema_source: keras.Model,
        ema_network: keras.Model,
        ema_decay: float,
        seed: int,
        updates_per_step: Mapping[str, int] | None = None,
        historical_weight: float = 0.0,
        monitors: Mapping[str, tuple] | None = None,
        clip_norms: Mapping[str, float] | None = None,
    ) -> None:
        super().__init__(name="game")
        self.networks = dict(networks)
        self.loss_fns = {name: loss_fns[name] for name in self.networks}
        self.ema_source, self.ema_network = ema_source, ema_network
        self.ema_decay, self.seed = ema_decay, seed
        self.updates_per_step = {name: (updates_per_step or {}).get(name, 1) for name in self.networks}
        self.historical_weight, self.clip_norms = historical_weight, dict(clip_norms or {})
        self.histories: dict[str, WeightHistory] = {}
        self.step = self.add_weight(shape=(), initializer="zeros", trainable=False, name="step")
        self.loss_means = {name: keras.metrics.Mean(name=f"{name}_loss") for name in self.networks}
        norms: dict[str, tuple] = {f"{name}_gradient_norm": () for name in self.networks}
        self.monitors = {name: RunningMean(shape, name) for name, shape in {**norms, **(monitors or {})}.items()}
        self.ema_network.set_weights(self.ema_source.get_weights())
        self.built = True

    def weights_of(self, name: str) -> list[keras.Variable]:
        """The weights that an update of the network changes."""
        return self.networks[name].trainable_variables

    def weight_groups(self, name: str) -> dict[str, list[keras.Variable]]:
        """The same weights by the name of their optimizer; default: one group with the network's name."""
        return {name: self.weights_of(name)}

    def prepare_batch(self, batch: Mapping[str, Any], name: str) -> Mapping[str, tf.Tensor]:
        """What the network's loss receives of a batch; gradients pass through. Default: the batch."""
        return batch

    def batch_of_update(self, batch: Mapping[str, Any], update: int) -> Mapping[str, Any]:
        """The part of a batch for one of the updates of a network in a step, from 0. Default: all of it, each time."""
        return batch

    def compile(self, optimizers: Mapping[str, keras.optimizers.Optimizer], jit: bool = False) -> None:
        """Give each group of weights its optimizer; call it in the scope of the strategy that trains.

        Args:
            optimizers: by the names of the groups.
            jit: whether XLA compiles the step.
        """
        super().compile(jit_compile=jit)
        self.optimizers = dict(optimizers)
        for network in self.networks:
            for name, weights in self.weight_groups(network).items():
                self.optimizers[name].build(weights)  # unbuilt ones fail on two replicas (keras 19246)
        if self.historical_weight:
            self.histories = {name: WeightHistory(self.weights_of(name)) for name in self.networks}

    def _maybe_symbolic_build(self, iterator: object = None, data_batch: object = None) -> None:
        """Everything is built already; what Keras does here fails over several machines with a batch of names."""

    @tf.autograph.experimental.do_not_convert  # no loss branches on tensors, and tracing takes a sixth less
    def train_step(self, batch: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Update every network in turn, then the moving average."""
        noise = Noise(self.seed, self.step)
        for name, updates in self.updates_per_step.items():
            for update in range(updates):
                part = self.batch_of_update(batch, update)
                self.loss_means[name].update_state(self._descend(name, part, noise))
        self._update_averages()
        self.step.assign_add(1.0)
        return {mean.name: self._log(mean.result()) for mean in self.loss_means.values()}

    def _descend(self, name: str, batch: Mapping[str, tf.Tensor], noise: Noise) -> tf.Tensor:
        """Take one optimizer step on a network; return its loss."""
        groups = self.weight_groups(name)
        with tf.GradientTape() as tape:
            loss = self.loss_fns[name](self.prepare_batch(batch, name), noise)
            if name in self.histories:
                loss += self.historical_weight * self.histories[name].distance(self.weights_of(name))
            # gradients are summed over replicas
            scaled_loss = self.optimizers[name].scale_loss(loss / num_replicas())
        gradients = tape.gradient(scaled_loss, groups)
        self.update_monitors(**{f"{name}_gradient_norm": gradient_norm(gradients[name]) * num_replicas()})
        for group, weights in groups.items():
            self.optimizers[group].apply(self._clipped(group, gradients[group]), weights)
        return loss

    def _clipped(self, group: str, gradients: list) -> list:
        """The gradients of a group, clipped by their norm over all replicas; an optimizer would clip each replica's."""
        if group not in self.clip_norms:
            return gradients
        dense = [tf.convert_to_tensor(gradient) for gradient in gradients]
        context = tf.distribute.get_replica_context()
        if context is not None and num_replicas() > 1:
            dense = context.all_reduce(tf.distribute.ReduceOp.SUM, dense)
        clipped, _ = tf.clip_by_global_norm(dense, self.clip_norms[group])
        return [gradient / num_replicas() for gradient in clipped]

    def update_monitors(self, **values: tf.Tensor) -> None:
        """Give values to the monitors of these names."""
        for name, value in values.items():
            self.monitors[name].update_state(tf.stop_gradient(value))

    def report(self) -> dict[str, np.ndarray]:
        """Mean of every loss and monitor since the last report; outside of any replica."""
        means = {mean.name: mean for mean in self.loss_means.values()} | dict(self.monitors)
        return {name: np.asarray(mean.result()) for name, mean in means.items()}

    def ema_pairs(self) -> list[tuple[keras.Variable, keras.Variable]]:
        """Every averaged weight and the weight that it follows."""
        return list(zip(self.ema_network.weights, self.ema_source.weights, strict=True))

    def _update_averages(self) -> None:
        """Move the averages towards the weights they follow (Polyak averaging)."""
        decay = tf.minimum(self.ema_decay, self.step / (self.step + 10.0))
        for average, weight in self.ema_pairs():
            average.assign(decay * average + (1.0 - decay) * weight)
        for name, history in self.histories.items():
            history.update(self.weights_of(name), self.step)

    def _log(self, value: tf.Tensor) -> tf.Tensor:
        # several workers: Keras joins logs along axis 0, which a scalar does not have
        return tf.reshape(value, [1]) if tf.distribute.has_strategy() and self._many_workers() else value

    def _many_workers(self) -> bool:
        return isinstance(tf.distribute.get_strategy(), tf.distribute.MultiWorkerMirroredStrategy)
