"""Plays a game of classification to its end, on whatever devices there are."""

from __future__ import annotations

import warnings
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from ganclf.config import STEPS_A_REPORT, GameConfig
from ganclf.devices import check_batch, choose_strategy
from ganclf.networks import Classifier
from ganclf.progress import Advance
from ganclf.recipes.batches import game_batches
from ganclf.recipes.classify import KPlusOneGame

History = dict[str, list[float]]


def play(
    features: np.ndarray,
    labels: np.ndarray,
    guide: np.ndarray,
    config: GameConfig,
    advance: Advance = lambda done: None,
    tensorboard: Path | str | None = None,
    strategy: tf.distribute.Strategy | None = None,
) -> tuple[Classifier, History]:
    """Play `config.steps` rounds.

    Args:
        features: float32 of unit length, shape [n, size].
        labels: int from 0 to classes - 1, or -1 for unlabelled, shape [n].
        guide: class probabilities of all rows by a simpler model, float, shape [n, classes]; their mean is taken for
            the class shares of the unlabelled rows.
        config: the game.
        advance: is told how many steps were done.
        tensorboard: folder for logs.
        strategy: default: what the machine calls for.
    Returns:
        The averaged classifier; the mean loss of each player every STEPS_A_REPORT steps.
    """
    strategy = strategy or choose_strategy()
    check_batch("--batch-size", config.batch_size, strategy.num_replicas_in_sync)
    check_batch("--labelled-batch-size", config.labelled_batch_size, strategy.num_replicas_in_sync)
    with strategy.scope():
        game = KPlusOneGame(config, features.shape[1], guide.mean(axis=0))
        game.compile({name: _adam(config) for name in game.players})
    batches = strategy.distribute_datasets_from_function(
        lambda context: _batches(features, labels, guide, config, context)
    )
    reports = -(-config.steps // STEPS_A_REPORT)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*ran out of data")  # the last report may be a shorter one
        history = game.fit(
            batches,
            epochs=reports,
            steps_per_epoch=min(STEPS_A_REPORT, config.steps),
            shuffle=False,  # the batches are shuffled already
            verbose=0,
            callbacks=_callbacks(config, advance, tensorboard),
        )
    return game.average, {name: [float(np.mean(value)) for value in values] for name, values in history.history.items()}


def _adam(config: GameConfig) -> keras.optimizers.Optimizer:
    return keras.optimizers.Adam(config.learning_rate, beta_1=config.momentum)


def _batches(
    features: np.ndarray, labels: np.ndarray, guide: np.ndarray, config: GameConfig, context: tf.distribute.InputContext
) -> tf.data.Dataset:
    return game_batches(
        features,
        labels,
        guide,
        steps=config.steps,
        batch_size=config.batch_size,
        labelled_batch_size=config.labelled_batch_size,
        seed=config.seed,
        context=context,
    )


def _callbacks(config: GameConfig, advance: Advance, tensorboard: Path | str | None) -> list[keras.callbacks.Callback]:
    callbacks: list[keras.callbacks.Callback] = [_Steps(advance)]
    if tensorboard:
        folder = str(Path(tensorboard) / f"{config.game}-seed{config.seed}")
        callbacks.append(keras.callbacks.TensorBoard(folder, write_graph=False))
    return callbacks


class _Steps(keras.callbacks.Callback):
    """Tells a progress bar about every step."""

    def __init__(self, advance: Advance) -> None:
        super().__init__()
        self.advance = advance

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        self.advance(1)
