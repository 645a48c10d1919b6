"""Fits the players of a game of pairs epoch by epoch; of one of them the best weights stay."""

from __future__ import annotations

from collections.abc import Callable

import keras
import tensorflow as tf

from ganclf.adversarial.batches import steps_per_epoch
from ganclf.adversarial.model import AdversarialModel
from ganclf.adversarial.training import History, Stage, train
from ganclf.cli.progress import progress
from ganclf.text_to_text.batches import Columns, game_batches

PATIENCE = 2  # epochs without a better score


def fit(
    strategy: tf.distribute.Strategy, name: str, game: AdversarialModel, network: keras.Model,
    score: Callable[[], float], columns: Columns, *, epochs: int, batch_size: int, seed: int, sort_by: str | None,
    stage: Stage | None = None,
) -> History:  # fmt: skip
    """Fit a game on rows; `network` has its best weights afterwards.

    Args:
        strategy: that trains.
        name: of the training, for the progress.
        game: compiled.
        network: whose best weights are kept.
        score: of that network after each epoch; lower is better.
        columns: the rows.
        epochs: over the rows, at most.
        batch_size: rows per step, all replicas together.
        seed: of the order.
        sort_by: as of `game_batches`.
        stage: where the training is kept, so that it goes on there after a break; None: nowhere.
    """
    steps = steps_per_epoch(len(columns), batch_size)
    with progress(name, epochs * steps) as advance:
        return train(
            game,
            lambda context, first: game_batches(
                columns, epochs=epochs, batch_size=batch_size, seed=seed, sort_by=sort_by, first_step=first,
                context=context,
            ),
            [network],
            score,
            strategy=strategy, epochs=epochs, steps=steps, patience=PATIENCE, advance=advance, stage=stage,
        )  # fmt: skip
