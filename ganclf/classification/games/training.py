"""Plays a game of classification to its end, on whatever devices there are."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from ganclf.adversarial.collapse import CollapseStopping, Report
from ganclf.classification.games.batches import Rows, game_batches
from ganclf.classification.games.k_plus_one import KPlusOneGame
from ganclf.classification.games.networks import ClassifierNetwork
from ganclf.classification.games.sample_grids import SampleGrid, SampleGridCallback
from ganclf.classification.games.semi_supervised import BACKBONE, MakeBackbone, SemiSupervisedGame
from ganclf.classification.games.triple import TripleGame
from ganclf.cli.progress import Advance
from ganclf.config import STEPS_PER_REPORT, GameConfig
from ganclf.data.rows import EncodedRows, PictureRows
from ganclf.devices import check_batch, choose_strategy, precision
from ganclf.rendering.text_images import map_rows, network_input

FEW_CLASSES = 4  # with which the real-or-fake loss has its full weight
BACKBONE_LEARNING_RATE = 5e-5  # of what is trained in front of the classifier; it was pretrained
GAMES: dict[str, Callable[[GameConfig, int, np.ndarray, np.ndarray, MakeBackbone | None], SemiSupervisedGame]] = {
    "k+1": KPlusOneGame,
    "off": KPlusOneGame,
    "triple": TripleGame,
}
History = dict[str, list[float]]


@dataclass(frozen=True)
class TrainingResult:
    """What a game left.

    Attributes:
        network: the averaged classifier.
        config: the game with what was chosen for it where nothing was asked for.
        history: mean loss of each player every STEPS_PER_REPORT steps.
        monitors: the same for each monitor: a number, or one a class.
        collapse: a sentence where the game was ended early and its average taken back, else None.
        restored_step: the step to which it was taken back; 0 is before anything was learned.
        backbone: the averaged backbone, where there is one; a collapse does not take it back.
        sample_grids: of a game in pixels with a generator: what it drew every few reports.
    """

    network: ClassifierNetwork
    config: GameConfig
    history: History
    monitors: dict[str, list]
    collapse: str | None
    restored_step: int
    backbone: keras.Model | None = None
    sample_grids: tuple[SampleGrid, ...] = ()


def train_gan(
    features: Rows,
    labels: np.ndarray,
    guide: np.ndarray,
    config: GameConfig,
    advance: Advance = lambda done: None,
    tensorboard: Path | str | None = None,
    strategy: tf.distribute.Strategy | None = None,
    make_backbone: Callable[[str], keras.Model] | None = None,
) -> TrainingResult:
    """Play `config.steps` rounds, or fewer where the game collapses.

    Args:
        features: float32 of unit length, shape [n, size]; with a front, what it makes them of; in pixels, pictures.
        labels: int from 0 to classes - 1, or -1 for unlabelled, shape [n].
        guide: class probabilities of all rows by a simpler model, float, shape [n, classes]; their mean is taken for
            the class shares of the unlabelled rows.
        config: the game.
        advance: is told how many steps were done.
        tensorboard: folder for logs.
        strategy: default: what the machine calls for.
        make_backbone: given a dtype policy, builds a network from rows to features that learns with the classifier.
    """
    strategy, config = strategy or choose_strategy(), with_adversarial_weight(config, labels, guide.shape[1])
    check_batch("--batch-size", config.batch_size, strategy.num_replicas_in_sync)
    check_batch("--labeled-batch-size", config.labeled_batch_size, strategy.num_replicas_in_sync)
    shares = guide.mean(axis=0)
    with strategy.scope():
        front = (lambda: make_backbone(precision())) if make_backbone else None
        weights = class_weights(labels, len(shares), config)
        game = GAMES[config.game](config, features.shape[-1], shares, weights, front)
        game.compile({name: _adam(config, name) for player in game.players for name in game.groups_of(player)})
    batches = strategy.distribute_datasets_from_function(
        lambda context: _batches(features, labels, guide, config, context)
    )
    steps_a_report = min(STEPS_PER_REPORT, config.steps)
    watch, epochs = CollapseStopping(shares, steps_a_report), -(-config.steps // STEPS_PER_REPORT)
    logs = Path(tensorboard) / f"{config.game}-seed{config.seed}" if tensorboard else None
    makers = _sheet_makers(game, features, steps_a_report, epochs, logs)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*ran out of data")  # the last report may be a shorter one
        history = game.fit(
            batches,
            epochs=epochs,
            steps_per_epoch=steps_a_report,
            shuffle=False,  # the batches are shuffled already
            verbose=0,
            callbacks=[watch, *makers, *_callbacks(advance, logs)],
        )
    losses = {name: [float(np.mean(value)) for value in values] for name, values in history.history.items()}
    monitors = _by_name(watch.reports, set(losses))
    sample_grids = tuple(grid for maker in makers for grid in maker.sample_grids)
    return TrainingResult(
        game.average, config, losses, monitors, watch.sentence, watch.restored_step, game.backbone_average, sample_grids
    )


def predict_log_proba(network: ClassifierNetwork, rows: EncodedRows) -> np.ndarray:
    """What the averaged classifier says of n rows, shape [n, classes]."""
    return map_rows(lambda given: tf.nn.log_softmax(network(network_input(given))), rows)


def with_adversarial_weight(config: GameConfig, labels: np.ndarray, classes: int) -> GameConfig:
    """The same game with the weight of the real-or-fake loss, where none was asked for.

    It is 1 with few classes or single labels; with many of both it costs the classes up to half a point, and is lower:
    the cube root of the labels a class, at most a quarter of the classes, divides it. A fit to what was measured
    (docs/findings/game.md), no law.
    """
    if config.adversarial_weight is not None:
        return config
    by_labels, by_classes = np.cbrt(classes / np.sum(labels >= 0)), min(1.0, FEW_CLASSES / classes)
    return replace(config, adversarial_weight=float(max(by_labels, by_classes)))


def class_weights(labels: np.ndarray, classes: int, config: GameConfig) -> np.ndarray:
    """Return what a labelled row of each class counts, 1 on average over the rows, shape [classes].

    Balanced: n / (classes · rows of the class), as scikit-learn has it (King & Zeng 2001).
    """
    if config.class_weights == "none":
        return np.ones(classes)
    rows = np.bincount(labels[labels >= 0], minlength=classes)
    return rows.sum() / (classes * np.maximum(rows, 1))


def _by_name(reports: Sequence[Report], without: set[str]) -> dict[str, list]:
    """One list a monitor instead of one dict a report."""
    return {name: [report[name].tolist() for report in reports] for name in reports[0] if name not in without}


def _adam(config: GameConfig, player: str) -> keras.optimizers.Optimizer:
    """Adam with the player's own learning rate (two time scales, Heusel et al. 2017)."""
    rates = {
        "discriminator": config.discriminator_learning_rate,
        "generator": config.generator_learning_rate,
        BACKBONE: BACKBONE_LEARNING_RATE,
    }
    return keras.optimizers.Adam(rates.get(player) or config.learning_rate, beta_1=config.momentum)


def _batches(
    features: Rows, labels: np.ndarray, guide: np.ndarray, config: GameConfig, context: tf.distribute.InputContext
) -> tf.data.Dataset:
    return game_batches(
        features,
        labels,
        guide,
        steps=config.steps,
        batch_size=config.batch_size,
        labeled_batch_size=config.labeled_batch_size,
        seed=config.seed,
        context=context,
    )


def _callbacks(advance: Advance, logs: Path | None) -> list[keras.callbacks.Callback]:
    callbacks: list[keras.callbacks.Callback] = [_Steps(advance)]
    if logs:
        callbacks.append(keras.callbacks.TensorBoard(str(logs), write_graph=False))
    return callbacks


def _sheet_makers(
    game: SemiSupervisedGame, rows: Rows, steps_an_epoch: int, epochs: int, logs: Path | None
) -> list[SampleGridCallback]:
    """One where pictures are generated, else none."""
    if not isinstance(rows, PictureRows) or "generator" not in game.players:
        return []
    return [SampleGridCallback(rows, steps_an_epoch, epochs, game.seed, logs)]


class _Steps(keras.callbacks.Callback):
    """Tells a progress bar about every step."""

    def __init__(self, advance: Advance) -> None:
        super().__init__()
        self.advance = advance

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        self.advance(1)
