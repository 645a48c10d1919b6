"""Trains the players of a text game, on whatever devices there are, until the held-out texts get no better."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import keras
import numpy as np

from ganclf.cli.progress import Advance
from ganclf.config.devices import choose_strategy
from ganclf.text_generation.batches import Corpus, game_batches, steps_per_epoch
from ganclf.text_generation.game import TextGame

Score: TypeAlias = Callable[[TextGame], float]  # of a game's averages; lower is better
PATIENCE = 3  # epochs without a better score


@dataclass
class History:
    """What a training showed.

    Attributes:
        losses: mean training loss of each player, one number per epoch.
        scores: of the held-out texts before the first epoch and after each; the lowest was kept.
        best_epoch: whose averages were kept; 0 is before the first.
        message: a sentence where the training was ended because it diverged, else "".
    """

    losses: dict[str, list[float]] = field(default_factory=dict)
    scores: list[float] = field(default_factory=list)
    best_epoch: int = 0
    message: str = ""


class HeldOutStopping(keras.callbacks.Callback):
    """Keeps the averages with the lowest score; ends a training that gets no better, diverges, or takes too long.

    Args:
        score: of a game's averages as they are now; lower is better. None: the last ones are kept.
        advance: receives the number of steps after each of them.
        deadline: time.monotonic() after which no further epoch begins; None: no bound.
        patience: epochs without a better score.
    """

    def __init__(
        self,
        score: Score | None,
        advance: Advance,
        deadline: float | None,
        patience: int = PATIENCE,
    ) -> None:
        super().__init__()
        self.score, self.advance, self.deadline, self.patience = score, advance, deadline, patience
        self.history = History()

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Keep the averages as they are, in case nothing better comes."""
        if self.score:
            self.history.scores.append(self.score(self.model))
        self._keep(0)

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        """Advance the progress."""
        self.advance(1)

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Score the averages."""
        if self.deadline is not None and time.monotonic() > self.deadline:
            self.model.stop_training = True
        if self.score is None:
            self._keep(epoch + 1)
            return
        score = self.score(self.model)
        self.history.scores.append(score)
        if not np.isfinite(score):
            self.history.message = f"the training diverged in epoch {epoch + 1}; the weights before it were kept"
            self.model.stop_training = True
        elif score < self.history.scores[self.history.best_epoch]:
            self._keep(epoch + 1)
        if epoch + 1 - self.history.best_epoch >= self.patience:
            self.model.stop_training = True

    def on_train_end(self, logs: dict | None = None) -> None:
        """Go back to the best averages."""
        for network, weights in zip(self.model.averages.values(), self._best, strict=True):
            network.set_weights(weights)

    def _keep(self, epoch: int) -> None:
        self.history.best_epoch = epoch
        self._best = [network.get_weights() for network in self.model.averages.values()]


def train(
    make: Callable[[], TextGame],
    real: Corpus,
    samples: Corpus | None,
    score: Score | None,
    *,
    epochs: int,
    batch_size: int,
    seed: int,
    advance: Advance = lambda done: None,
    deadline: float | None = None,
    patience: int = PATIENCE,
) -> tuple[TextGame, History]:
    """Train the players of a game; afterwards their averages are the best ones.

    Args:
        make: makes the compiled game; it is called in the scope of the strategy.
        real: texts of the user.
        samples: of the generator, where a discriminator plays.
        score: of a game's averages on held-out texts; lower is better. None: the last averages are kept.
        epochs: over the real texts, at most.
        batch_size: texts per step, all replicas together.
        seed: of the order.
        advance: receives the number of steps after each of them.
        deadline: as of HeldOutStopping.
        patience: likewise.
    """
    strategy = choose_strategy()
    with strategy.scope():
        game = make()
    batches = strategy.distribute_datasets_from_function(
        lambda context: game_batches(
            real, samples, epochs=epochs, batch_size=batch_size, seed=seed, context=context
        )
    )  # fmt: skip
    stopping = HeldOutStopping(score, advance, deadline, patience)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*ran out of data")
        fitted = game.fit(
            batches, epochs=epochs, steps_per_epoch=steps_per_epoch(len(real), batch_size), shuffle=False, verbose=0,
            callbacks=[stopping],
        )  # fmt: skip
    stopping.history.losses = {
        name: [float(np.mean(value)) for value in values] for name, values in fitted.history.items()
    }
    return game, stopping.history
