"""Trains a game in segments of steps, after which a killed training can go on; the weights with the best score stay."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

import keras
import numpy as np
import tensorflow as tf

from ganclf.adversarial.collapse import PATIENCE_REPORTS, Report, not_finite
from ganclf.adversarial.model import AdversarialModel

SEGMENT_STEPS = 100  # steps between two saves, about
Batches = Callable[[tf.distribute.InputContext, int], tf.data.Dataset]  # replicas that are fed, first step → batches
Symptom = Callable[[Report], str | None]


class Stage(Protocol):
    """Where one training is kept while it runs, and after."""

    def load(self) -> tuple[list[np.ndarray], dict[str, Any]] | None:
        """What was saved last, or None."""

    def save(self, arrays: Sequence[np.ndarray], state: dict[str, Any]) -> None:
        """Replace what was saved."""

    def is_due(self) -> bool:
        """Whether enough time went by since the last save."""


@dataclass
class History:
    """What a training showed.

    Attributes:
        losses: mean training loss of each network, one number per epoch.
        scores: of the held-out rows after each epoch, and before the first where that was asked; the lowest was kept.
        best_epoch: whose weights were kept; 0 is before the first.
        message: a sentence where the training was ended because it diverged or collapsed, else "".
    """

    losses: dict[str, list[float]] = field(default_factory=dict)
    scores: list[float] = field(default_factory=list)
    best_epoch: int = 0
    message: str = ""


def segments_of(steps: int) -> tuple[int, int]:
    """Share an epoch out: number of segments, and the steps of each; all together are at least `steps`."""
    count = -(-steps // SEGMENT_STEPS)
    return count, -(-steps // count)


def whole_segments(steps: int) -> int:
    """Steps of an epoch of at least `steps`, all its segments being alike."""
    count, length = segments_of(steps)
    return count * length


class BestWeights(keras.callbacks.Callback):
    """Keeps the weights with the lowest score; ends a training that gets no better, diverges, or takes too long.

    A Keras epoch is a segment of an epoch here.

    Args:
        game: that is trained.
        networks: whose weights are kept.
        score: of these networks as they are now; lower is better. None: the last weights are kept.
        segments: of an epoch.
        advance: receives the number of steps that are done.
        patience: epochs without a better score.
        deadline: time.monotonic() after which no further epoch begins; None: no bound.
        stage: where the training is kept.
        symptom: describes what is wrong with a report of the game's monitors, or None; after PATIENCE_REPORTS epochs
            in a row with a symptom, or one that is not finite, the training ends. None: nothing is looked at.
    """

    def __init__(
        self, game: AdversarialModel, networks: Sequence[keras.Model], score: Callable[[], float] | None, *,
        segments: int, advance: Callable[[int], None], patience: int, deadline: float | None, stage: Stage | None,
        symptom: Symptom | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.game, self.networks, self.score = game, networks, score
        self.segments, self.advance, self.patience, self.deadline = segments, advance, patience, deadline
        self.stage, self.symptom = stage, symptom
        self.history = History()
        self.bad_reports = 0  # in a row
        self.segment = 0  # the next one
        self.ended = self.is_whole = False
        self._best_score = float("inf")
        self._segment_losses: list[dict[str, float]] = []  # of the present epoch
        self._keep(0)

    def score_first(self) -> None:
        """Score the weights before the first epoch."""
        if self.score:
            self._best_score = self.score()
            self.history.scores.append(self._best_score)

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        """Advance the progress."""
        self.advance(1)

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Score the networks where an epoch is whole; save from time to time."""
        self.segment = epoch + 1
        self._segment_losses.append({name: float(np.mean(value)) for name, value in (logs or {}).items()})
        if self.segment % self.segments == 0:
            self._end_epoch(self.segment // self.segments)
        if self.stage and self.stage.is_due():
            self._save()
        if self.ended:
            self.model.stop_training = True

    def resume(self) -> None:
        """Go on where the last save was, if there is one."""
        saved = self.stage.load() if self.stage else None
        if saved is None:
            return
        arrays, state = saved
        self.history, self.segment = History(**state["history"]), state["segment"]
        self.ended, self.is_whole, self.bad_reports = state["ended"], state["whole"], state["bad_reports"]
        self._segment_losses, self._best_score = state["segment_losses"], state["best_score"]
        variables = self._variables()
        for variable, value in zip(variables, arrays[: len(variables)], strict=True):
            variable.assign(value)
        rest = iter(arrays[len(variables) :])
        self._best = [[next(rest) for _ in network.weights] for network in self.networks] if not self.is_whole else []

    def finish(self) -> None:
        """Go back to the best weights; what is saved then is the result alone."""
        if self.is_whole:
            return
        for network, weights in zip(self.networks, self._best, strict=True):
            network.set_weights(weights)
        self.is_whole = True
        if self.stage:
            self._save()

    def _end_epoch(self, epoch: int) -> None:
        for name in self._segment_losses[0]:
            mean = float(np.mean([losses[name] for losses in self._segment_losses]))
            self.history.losses.setdefault(name, []).append(mean)
        self._segment_losses = []
        if self.deadline is not None and time.monotonic() > self.deadline:
            self.ended = True
        if self._is_collapsed(epoch):
            return
        if self.score is None:
            self._keep(epoch)
            return
        score = self.score()
        self.history.scores.append(score)
        if not np.isfinite(score):
            self.history.message = f"the training diverged in epoch {epoch}; the weights before it were kept"
            self.ended = True
        elif score < self._best_score:
            self._best_score = score
            self._keep(epoch)
        if epoch - self.history.best_epoch >= self.patience:
            self.ended = True

    def _is_collapsed(self, epoch: int) -> bool:
        """Whether the game shows a symptom; such weights are not kept."""
        if self.symptom is None:
            return False
        report = self.game.report()
        broken = not_finite(report)
        found = broken or self.symptom(report)
        self.bad_reports = self.bad_reports + 1 if found else 0
        if broken or self.bad_reports >= PATIENCE_REPORTS:
            best = self.history.best_epoch
            self.history.message = f"in epoch {epoch} {found}; the weights of epoch {best} were kept"
            self.ended = True
        return found is not None

    def _keep(self, epoch: int) -> None:
        self.history.best_epoch = epoch
        self._best = [network.get_weights() for network in self.networks]

    def _variables(self) -> list[Any]:
        """Of the game, and of its optimizers until it is whole."""
        optimizers = () if self.is_whole else self.game.optimizers.values()
        return [*self.game.variables, *(each for optimizer in optimizers for each in optimizer.variables)]

    def _save(self) -> None:
        assert self.stage
        arrays = [keras.ops.convert_to_numpy(variable) for variable in self._variables()]
        best = [] if self.is_whole else [weight for weights in self._best for weight in weights]
        self.stage.save(
            [*arrays, *best],
            {
                "history": asdict(self.history), "segment": self.segment, "ended": self.ended, "whole": self.is_whole,
                "segment_losses": self._segment_losses, "best_score": self._best_score, "bad_reports": self.bad_reports,
            },
        )  # fmt: skip


def train(
    game: AdversarialModel,
    batches: Batches,
    networks: Sequence[keras.Model],
    score: Callable[[], float] | None,
    *,
    strategy: tf.distribute.Strategy,
    epochs: int,
    steps: int,
    patience: int,
    score_first: bool = False,
    advance: Callable[[int], None] = lambda done: None,
    deadline: float | None = None,
    stage: Stage | None = None,
    symptom: Symptom | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> History:
    """Train a game; afterwards the networks have their best weights.

    A training that was kept in a stage goes on there, and ends with the same weights as without a break.

    Args:
        game: compiled in the scope of the strategy.
        batches: of the steps from a given one on, for the replicas that a context names.
        networks: as of BestWeights.
        score: likewise.
        strategy: that trains.
        epochs: over the rows, at most.
        steps: of an epoch; a number that `whole_segments` gave.
        patience: as of BestWeights.
        score_first: whether the weights before the first epoch count as well.
        advance: as of BestWeights.
        deadline: likewise.
        stage: likewise; None: nothing is kept.
        symptom: as of BestWeights.
        callbacks: of Keras's `fit`, which are called before a save; a Keras epoch is a segment of an epoch.
    """
    segments, length = segments_of(steps)
    assert segments * length == steps
    best = BestWeights(
        game, networks, score, segments=segments, advance=advance, patience=patience, deadline=deadline, stage=stage,
        symptom=symptom,
    )  # fmt: skip
    with strategy.scope():
        best.resume()
    first = best.segment * length
    advance(epochs * steps if best.is_whole else first)
    if score_first and not first:
        best.score_first()
    if not best.ended and not best.is_whole and best.segment < epochs * segments:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", ".*ran out of data")
            warnings.filterwarnings("ignore", "Converting sparse IndexedSlices")
            game.fit(
                strategy.distribute_datasets_from_function(lambda context: batches(context, first)),
                epochs=epochs * segments, initial_epoch=best.segment, steps_per_epoch=length, shuffle=False, verbose=0,
                callbacks=[*callbacks, best],
            )  # fmt: skip
    best.finish()
    return best.history
