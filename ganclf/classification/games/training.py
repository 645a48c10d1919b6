"""Trains a game of classification from its first to its last step, on whatever devices there are."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ganclf.adversarial.collapse import CollapseStopping, Report
from ganclf.adversarial.outputs import SOFTMAX, Outputs, outputs_for
from ganclf.classification.games.batches import GameRows, Rows, game_batches
from ganclf.classification.games.k_plus_one import KPlusOneGame
from ganclf.classification.games.networks import ClassifierNetwork
from ganclf.classification.games.sample_grids import SampleGrid, SampleGridCallback
from ganclf.classification.games.semi_supervised import BACKBONE, MakeBackbone, SemiSupervisedGame
from ganclf.classification.games.triple import TripleGame
from ganclf.cli.progress import Advance
from ganclf.config import STEPS_PER_REPORT, GameConfig
from ganclf.config.devices import check_batch, choose_strategy, precision
from ganclf.data.rows import EncodedTexts, is_labeled
from ganclf.rendering.text_images import map_rows

MAX_CLASSES_AT_FULL_WEIGHT = 4  # of the adversarial loss
ROWS_PER_CLASS, MIN_BATCH_SIZE, MAX_BATCH_SIZE = 16, 64, 256  # unlabeled rows of a step
BACKBONE_LEARNING_RATE = 5e-5  # the backbone is pretrained
GAMES: dict[
    str, Callable[[GameConfig, int, np.ndarray, np.ndarray, MakeBackbone | None, Outputs], SemiSupervisedGame]
] = {
    "k+1": KPlusOneGame,
    "off": KPlusOneGame,
    "triple": TripleGame,
}
History = dict[str, list[float]]


@dataclass(frozen=True)
class TrainingResult:
    """A trained game.

    Attributes:
        network: the averaged classifier.
        config: the game, with values for what was None.
        history: mean loss of each network every STEPS_PER_REPORT steps.
        monitors: the same for each monitor: a number, or one per class.
        collapse: a sentence where the game was ended early and the average was restored, else None.
        restored_step: the step of the restored average; 0 is before the first step.
        backbone: the averaged backbone, if there is one; a collapse does not restore it.
        sample_grids: of a game on images with a generator: what it drew every few reports.
    """

    network: ClassifierNetwork
    config: GameConfig
    history: History
    monitors: dict[str, list]
    collapse: str | None
    restored_step: int
    backbone: keras.Model | None = None
    sample_grids: tuple[SampleGrid, ...] = ()


class SharedGame:
    """A game that several trainings of one configuration share, so that its graph is made once: seconds are saved.

    The trainings may differ in rows, labels, teacher, number of steps, and the weights that are left to the data. Each
    begins with the same initial weights. A training changes the network of the one before. Rows of another length, or
    other classes, need another graph: then the game is made anew.
    """

    def __init__(self) -> None:
        self._game: SemiSupervisedGame | None = None
        self._shape = (0, 0)  # length of a row, classes
        self._initial: list[tuple[Any, np.ndarray]] = []

    def prepare(
        self,
        make: Callable[[], SemiSupervisedGame],
        size: int,
        config: GameConfig,
        priors: np.ndarray,
        weights: np.ndarray,
    ) -> SemiSupervisedGame:
        """Return the game as new, for rows of length `size`; `make` builds and compiles it."""
        shape = size, len(priors)
        if self._game is None or shape != self._shape:
            self._game, self._shape = make(), shape
            variables = [*self._game.variables]
            variables += [each for optimizer in self._game.optimizers.values() for each in optimizer.variables]
            self._initial = [(variable, variable.numpy()) for variable in variables]
        else:
            for variable, value in self._initial:
                variable.assign(value)
            self._game.set_up(config, priors, weights)
        return self._game


def train_gan(
    rows: Rows,
    labels: np.ndarray,
    teacher_probs: np.ndarray,
    config: GameConfig,
    advance: Advance = lambda done: None,
    tensorboard: Path | str | None = None,
    strategy: tf.distribute.Strategy | None = None,
    make_backbone: Callable[[str], keras.Model] | None = None,
    shared: SharedGame | None = None,
) -> TrainingResult:
    """Train for `config.steps` steps, or fewer where the game collapses.

    Args:
        rows: encoded texts, or features, float32 of unit length, shape [n, size]; with a backbone, its inputs.
        labels: int from 0 to classes - 1, or UNLABELED, shape [n]; with several labels a text 0 and 1 for each class,
            or UNLABELED in the whole row, shape [n, classes].
        teacher_probs: soft pseudo-labels: class probabilities of all rows by a simpler model, float,
            shape [n, classes]; their mean is taken for the class priors of the unlabeled rows.
        config: the game.
        advance: receives the number of steps after each of them.
        tensorboard: folder for logs.
        strategy: default: the one that fits the devices of the machine.
        make_backbone: given a dtype policy, builds a network from rows to features that is trained with the
            classifier.
        shared: keeps the game for further trainings; not with several replicas or a backbone.
    """
    strategy, classes = strategy or choose_strategy(), teacher_probs.shape[1]
    config = with_batch_size(with_adversarial_weight(config, labels, classes), classes)
    assert config.batch_size
    check_batch("--batch-size", config.batch_size, strategy.num_replicas_in_sync)
    check_batch("--labeled-batch-size", config.labeled_batch_size, strategy.num_replicas_in_sync)
    prepared = GameRows.of(rows)
    class_priors = teacher_probs.mean(axis=0, dtype=np.result_type(teacher_probs.dtype, np.float32))
    weights = class_weights(labels, len(class_priors), config)
    if shared is None or strategy.num_replicas_in_sync > 1 or make_backbone:
        shared = SharedGame()

    def make_game() -> SemiSupervisedGame:
        backbone = (lambda: make_backbone(precision())) if make_backbone else None
        made = GAMES[config.game](config, prepared.size, class_priors, weights, backbone, outputs_for(labels))
        made.compile(
            {name: make_optimizer(config, name) for network in made.networks for name in made.weight_groups(network)}
        )
        return made

    with strategy.scope():
        game = shared.prepare(make_game, prepared.size, config, class_priors, weights)
    batches = strategy.distribute_datasets_from_function(
        lambda context: _batches(prepared, labels, teacher_probs, config, context)
    )
    steps_per_report, epochs = min(STEPS_PER_REPORT, config.steps), -(-config.steps // STEPS_PER_REPORT)
    logs = Path(tensorboard) / f"{config.game}-seed{config.seed}" if tensorboard else None
    stopping = CollapseStopping(class_priors / class_priors.sum(), steps_per_report)
    grids = _sample_grid_callbacks(game, rows, steps_per_report, epochs, logs)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*ran out of data")  # the last report may be a shorter one
        history = game.fit(
            batches,
            epochs=epochs,
            steps_per_epoch=steps_per_report,
            shuffle=False,  # the batches are shuffled already
            verbose=0,
            callbacks=[stopping, *grids, *_callbacks(advance, logs)],
        )
    losses = {name: [float(np.mean(value)) for value in values] for name, values in history.history.items()}
    return TrainingResult(
        network=game.ema_network,
        config=config,
        history=losses,
        monitors=_by_name(stopping.reports, set(losses)),
        collapse=stopping.message,
        restored_step=stopping.restored_step,
        backbone=game.ema_backbone,
        sample_grids=tuple(grid for callback in grids for grid in callback.sample_grids),
    )


def predict_log_proba(
    network: ClassifierNetwork, rows: EncodedTexts | np.ndarray, outputs: Outputs = SOFTMAX
) -> np.ndarray:
    """Log probabilities by the averaged classifier, or log odds of several labels a text, shape [n, classes]."""
    return map_rows(lambda batch: outputs.scores(network(batch.inputs)), EncodedTexts.of(rows))


def with_adversarial_weight(config: GameConfig, labels: np.ndarray, classes: int) -> GameConfig:
    """The same game with a weight of the adversarial loss, where that is None.

    It is 1 with few classes or with single labels. With many classes and labels the adversarial loss costs up to half
    a point of accuracy, so its weight is lower: the larger of (labels per class)^(-1/3) and 4 / classes. The rule was
    fitted to measurements (docs/findings/game.md).
    """
    if config.adversarial_weight is not None:
        return config
    by_labels = np.cbrt(classes / np.sum(is_labeled(labels)))
    by_classes = min(1.0, MAX_CLASSES_AT_FULL_WEIGHT / classes)
    return replace(config, adversarial_weight=float(max(by_labels, by_classes)))


def with_batch_size(config: GameConfig, classes: int) -> GameConfig:
    """The same game with a batch size, where that is None: ROWS_PER_CLASS, from MIN_ to MAX_BATCH_SIZE.

    The divergence from the class priors is that of a batch's mean prediction, which fewer rows per class make noisy.
    """
    size = min(max(ROWS_PER_CLASS * classes, MIN_BATCH_SIZE), MAX_BATCH_SIZE)
    return config if config.batch_size else replace(config, batch_size=size)


def class_weights(labels: np.ndarray, classes: int, config: GameConfig) -> np.ndarray:
    """Weight of the labeled rows of each class, 1 on average over the rows, shape [classes].

    Balanced: n / (classes · rows of the class), as in scikit-learn (King & Zeng 2001). With several labels a text each
    class is a problem of two by itself: weights of its absence and of its presence, shape [2, classes].
    """
    if config.class_weights == "none":
        return outputs_for(labels).default_class_weights(classes)
    if labels.ndim == 1:
        counts = np.bincount(labels[is_labeled(labels)], minlength=classes)
        return counts.sum() / (classes * np.maximum(counts, 1))
    given = labels[is_labeled(labels)]
    by_class = np.stack([(given == 0).sum(axis=0), (given == 1).sum(axis=0)])
    return len(given) / (2.0 * np.maximum(by_class, 1))


def _by_name(reports: Sequence[Report], without: set[str]) -> dict[str, list]:
    """One list per monitor instead of one dict per report."""
    return {name: [report[name].tolist() for report in reports] for name in reports[0] if name not in without}


def make_optimizer(config: GameConfig, name: str) -> keras.optimizers.Optimizer:
    """Adam with the network's own learning rate (two time scales, Heusel et al. 2017)."""
    rates = {
        "discriminator": config.discriminator_learning_rate,
        "generator": config.generator_learning_rate,
        BACKBONE: BACKBONE_LEARNING_RATE,
    }
    return keras.optimizers.Adam(rates.get(name) or config.learning_rate, beta_1=config.momentum)


def _batches(
    rows: GameRows,
    labels: np.ndarray,
    teacher_probs: np.ndarray,
    config: GameConfig,
    context: tf.distribute.InputContext,
) -> tf.data.Dataset:
    assert config.batch_size
    return game_batches(
        rows,
        labels,
        teacher_probs,
        steps=config.steps,
        batch_size=config.batch_size,
        labeled_batch_size=config.labeled_batch_size,
        seed=config.seed,
        context=context,
    )


def _callbacks(advance: Advance, logs: Path | None) -> list[keras.callbacks.Callback]:
    callbacks: list[keras.callbacks.Callback] = [_Progress(advance)]
    if logs:
        callbacks.append(keras.callbacks.TensorBoard(str(logs), write_graph=False))
    return callbacks


def _sample_grid_callbacks(
    game: SemiSupervisedGame, rows: Rows, steps_per_epoch: int, epochs: int, logs: Path | None
) -> list[SampleGridCallback]:
    """One where images are generated, else none."""
    if game.config.space != "image" or "generator" not in game.networks:
        return []
    return [SampleGridCallback(EncodedTexts.of(rows), steps_per_epoch, epochs, game.seed, logs)]


class _Progress(keras.callbacks.Callback):
    """Advances a progress bar after every step."""

    def __init__(self, advance: Advance) -> None:
        super().__init__()
        self.advance = advance

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        self.advance(1)
