"""The core: players that take their turns each round, and a running average of one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ganclf.adversarial.monitors import RunningMean, gradient_norm
from ganclf.adversarial.noise import Noise
from ganclf.adversarial.regularizers import WeightHistory
from ganclf.adversarial.replicas import num_replicas


class AdversarialModel(keras.Model):
    """A game. A recipe gives each player a method `<player>_loss(batch, noise) -> scalar`.

    Args:
        players: networks in the order of their turns, all built.
        followed: the network whose weights are averaged.
        average: a second network of the same form; holds the exponential moving average.
        decay: of the average; the first steps use less, so that it does not remember the start.
        seed: of all noise.
        repeats: turns of a player a round; 1 where it is not named.
        historical_weight: multiplies the distance of the players' weights from their mean over time.
        monitors: shape of each value that the recipe gives to `observe`.
    """

    def __init__(
        self,
        players: Mapping[str, keras.Model],
        *,
        followed: keras.Model,
        average: keras.Model,
        decay: float,
        seed: int,
        repeats: Mapping[str, int] | None = None,
        historical_weight: float = 0.0,
        monitors: Mapping[str, tuple] | None = None,
    ) -> None:
        super().__init__(name="game")
        self.players = dict(players)
        self.followed, self.average = followed, average
        self.decay, self.seed = decay, seed
        self.repeats = {name: (repeats or {}).get(name, 1) for name in self.players}
        self.historical_weight = historical_weight
        self.histories: dict[str, WeightHistory] = {}
        self.round = self.add_weight(shape=(), initializer="zeros", trainable=False, name="round")
        self.trackers = {name: keras.metrics.Mean(name=f"{name}_loss") for name in self.players}
        norms: dict[str, tuple] = {f"{name}_gradient_norm": () for name in self.players}
        self.monitors = {name: RunningMean(shape, name) for name, shape in {**norms, **(monitors or {})}.items()}
        self.average.set_weights(self.followed.get_weights())
        self.built = True

    def weights_of(self, name: str) -> list[keras.Variable]:
        """The weights that a player's turn moves."""
        return self.players[name].trainable_variables

    def groups_of(self, name: str) -> dict[str, list[keras.Variable]]:
        """The same weights by the name of the optimizer that moves them; default: one, named as the player."""
        return {name: self.weights_of(name)}

    def prepared(self, batch: Mapping[str, Any], name: str) -> Mapping[str, tf.Tensor]:
        """What the player's loss is given of a batch; gradients pass through. Default: the batch."""
        return batch

    def compile(self, optimizers: Mapping[str, keras.optimizers.Optimizer]) -> None:
        """Give each group of weights its optimizer; call it in the scope of the strategy that trains."""
        super().compile(jit_compile=False)
        self.turns = dict(optimizers)
        for player in self.players:
            for name, weights in self.groups_of(player).items():
                self.turns[name].build(weights)  # unbuilt ones fail on two replicas (keras 19246)
        if self.historical_weight:
            self.histories = {name: WeightHistory(self.weights_of(name)) for name in self.players}

    def _maybe_symbolic_build(self, iterator: object = None, data_batch: object = None) -> None:
        """Everything is built already; what Keras does here fails over several machines with a batch of names."""

    def train_step(self, batch: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """One round: every player takes its turns, then the average follows."""
        noise = Noise(self.seed, self.round)
        for name, times in self.repeats.items():
            for _ in range(times):
                self.trackers[name].update_state(self._descend(name, batch, noise))
        self._follow()
        self.round.assign_add(1.0)
        return {tracker.name: self._log(tracker.result()) for tracker in self.trackers.values()}

    def observe(self, **values: tf.Tensor) -> None:
        """Give values to the monitors of these names."""
        for name, value in values.items():
            self.monitors[name].update_state(tf.stop_gradient(value))

    def report(self) -> dict[str, np.ndarray]:
        """Mean of every loss and monitor since the last report; outside of any replica."""
        watched = {tracker.name: tracker for tracker in self.trackers.values()} | dict(self.monitors)
        return {name: np.asarray(tracker.result()) for name, tracker in watched.items()}

    def _descend(self, name: str, batch: Mapping[str, tf.Tensor], noise: Noise) -> tf.Tensor:
        loss_of: Callable[..., tf.Tensor] = getattr(self, f"{name}_loss")
        groups = self.groups_of(name)
        with tf.GradientTape() as tape:
            loss = loss_of(self.prepared(batch, name), noise)
            if name in self.histories:
                loss += self.historical_weight * self.histories[name].distance(self.weights_of(name))
            shared = self.turns[name].scale_loss(loss / num_replicas())  # gradients are summed over replicas
        gradients = tape.gradient(shared, groups)
        self.observe(**{f"{name}_gradient_norm": gradient_norm(gradients[name]) * num_replicas()})
        for group, weights in groups.items():
            self.turns[group].apply(gradients[group], weights)
        return loss

    def _follow(self) -> None:
        """Move the averages towards the weights they follow (Polyak averaging)."""
        decay = tf.minimum(self.decay, self.round / (self.round + 10.0))
        for mean, weight in self.followed_pairs():
            mean.assign(decay * mean + (1.0 - decay) * weight)
        for name, history in self.histories.items():
            history.follow(self.weights_of(name), self.round)

    def followed_pairs(self) -> list[tuple[keras.Variable, keras.Variable]]:
        """Every average and the weight that it follows."""
        return list(zip(self.average.weights, self.followed.weights, strict=True))

    def _log(self, value: tf.Tensor) -> tf.Tensor:
        # several workers: Keras joins logs along axis 0, which a scalar does not have
        return tf.reshape(value, [1]) if tf.distribute.has_strategy() and self._many_workers() else value

    def _many_workers(self) -> bool:
        return isinstance(tf.distribute.get_strategy(), tf.distribute.MultiWorkerMirroredStrategy)
