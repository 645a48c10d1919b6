"""The core: players that take one descent each a round, and a running average of one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import keras
import tensorflow as tf

from ganclf.adversarial.noise import Noise
from ganclf.adversarial.replicas import replica_count


class AdversarialModel(keras.Model):
    """A game. A recipe gives each player a method `<player>_loss(batch, noise) -> scalar`.

    Args:
        players: networks in the order of their turns, all built.
        followed: the network whose weights are averaged.
        average: a second network of the same form; holds the exponential moving average.
        decay: of the average; the first steps use less, so that it does not remember the start.
        seed: of all noise.
    """

    def __init__(
        self,
        players: Mapping[str, keras.Model],
        *,
        followed: keras.Model,
        average: keras.Model,
        decay: float,
        seed: int,
    ) -> None:
        super().__init__(name="game")
        self.players = dict(players)
        self.followed, self.average = followed, average
        self.decay, self.seed = decay, seed
        self.round = self.add_weight(shape=(), initializer="zeros", trainable=False, name="round")
        self.trackers = {name: keras.metrics.Mean(name=f"{name}_loss") for name in self.players}
        self.average.set_weights(self.followed.get_weights())
        self.built = True

    def compile(self, optimizers: Mapping[str, keras.optimizers.Optimizer]) -> None:
        """Give each player its optimizer; call it in the scope of the strategy that trains."""
        super().compile(jit_compile=False)
        self.turns = dict(optimizers)
        for name, optimizer in self.turns.items():
            optimizer.build(self.players[name].trainable_variables)  # unbuilt ones fail on two replicas (keras 19246)

    def _maybe_symbolic_build(self, iterator: object = None, data_batch: object = None) -> None:
        """Everything is built already; what Keras does here fails over several machines with a batch of names."""

    def train_step(self, batch: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """One round: every player takes its turn, then the average follows."""
        noise = Noise(self.seed, self.round)
        for name, player in self.players.items():
            loss = self._descend(name, player, batch, noise)
            self.trackers[name].update_state(loss)
        self._follow()
        self.round.assign_add(1.0)
        return {tracker.name: self._log(tracker.result()) for tracker in self.trackers.values()}

    def _descend(self, name: str, player: keras.Model, batch: Mapping[str, tf.Tensor], noise: Noise) -> tf.Tensor:
        loss_of: Callable[..., tf.Tensor] = getattr(self, f"{name}_loss")
        optimizer, weights = self.turns[name], player.trainable_variables
        with tf.GradientTape() as tape:
            loss = loss_of(batch, noise)
            shared = optimizer.scale_loss(loss / replica_count())  # gradients are summed over replicas
        optimizer.apply(tape.gradient(shared, weights), weights)
        return loss

    def _follow(self) -> None:
        """Move the average towards the followed network (Polyak averaging)."""
        decay = tf.minimum(self.decay, self.round / (self.round + 10.0))
        for mean, weight in zip(self.average.weights, self.followed.weights, strict=True):
            mean.assign(decay * mean + (1.0 - decay) * weight)

    def _log(self, value: tf.Tensor) -> tf.Tensor:
        # several workers: Keras joins logs along axis 0, which a scalar does not have
        return tf.reshape(value, [1]) if tf.distribute.has_strategy() and self._many_workers() else value

    def _many_workers(self) -> bool:
        return isinstance(tf.distribute.get_strategy(), tf.distribute.MultiWorkerMirroredStrategy)
