"""Cross-fitting with several labels a text: log odds by game and linear model for rows they were not trained on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

from ganclf.classification.multi_label.frequencies import fit_bias
from ganclf.classification.multi_label.linear import linear_fit
from ganclf.classification.multi_label.reliability import LabelReliability
from ganclf.classification.multi_label.teacher import build_label_graph, soft_label_sets
from ganclf.classification.multi_label.thresholds import choose_thresholds
from ganclf.classification.semi_supervised.cross_fitting import (
    HELD_OUT_SHARE,
    MAX_HELD_OUT,
    count_steps,
    cross_fit_games,
    shorter,
)
from ganclf.classification.semi_supervised.teacher import GRAPH_ROWS
from ganclf.cli.progress import Advance
from ganclf.config import GameConfig
from ganclf.data.rows import UNLABELED, EncodedTexts, is_labeled
from ganclf.data.stratification import iterative_stratification

if TYPE_CHECKING:
    from ganclf.classification.games.training import SharedGame


@dataclass(frozen=True, eq=False)
class LabelCrossFit:
    """Predictions for labeled rows that were held out.

    Attributes:
        game: log odds, shape [held out, classes].
        linear: likewise, calibrated; both under the frequencies of the unlabeled rows.
        labels: 0 and 1, shape [held out, classes].
    """

    game: np.ndarray
    linear: np.ndarray
    labels: np.ndarray

    @property
    def micro_f1(self) -> tuple[float, float]:
        """Of game and linear model with the best thresholds on these rows, 0 to 1: too good, and so for both."""
        game, linear = (_best_f1(expit(log_odds), self.labels) for log_odds in (self.game, self.linear))
        return game, linear

    def tried(self) -> str:
        """State both figures, for a reader without statistics."""
        game, linear = self.micro_f1
        return (
            f"Tried on {len(self.labels)} labeled texts that were kept aside, a shorter game had a micro F1 "
            f"of {100 * game:.0f} % and logistic regression {100 * linear:.0f} %."
        )

    def sentence(self) -> str:
        """State both figures, for the model card."""
        game, linear = self.micro_f1
        return (
            f"Cross-fitted on {len(self.labels)} labeled texts that were held out, a shorter game had a micro F1 of "
            f"{100 * game:.0f} %, logistic regression {100 * linear:.0f} %."
        )


def label_cross_fit_steps(labels: np.ndarray, config: GameConfig) -> int:
    """Count the steps of all games in `cross_fit_labels`; 0 where calibration is off or no class has two labels."""
    return count_steps(_splits(labels, config.seed), config)


def cross_fit_labels(
    rows: EncodedTexts,
    labels: np.ndarray,
    reliability: LabelReliability,
    config: GameConfig,
    advance: Advance,
    shared: SharedGame | None = None,
) -> LabelCrossFit | None:
    """Train on parts of the labels and predict the others.

    Args:
        rows: n encoded texts; of the unlabeled ones at most GRAPH_ROWS are used.
        labels: 0 and 1, or UNLABELED in the whole row, shape [n, classes].
        reliability: of all labels.
        config: of the game.
        advance: called with the number of further steps.
        shared: the game of all trainings.

    Returns:
        The predictions; None where no class has two labels.
    """
    generator = np.random.default_rng(config.seed)
    unlabeled = generator.permutation(np.flatnonzero(~is_labeled(labels)))[:GRAPH_ROWS]
    config = reliability.apply_to(replace(config, steps=shorter(config.steps, 2)))
    folds = [
        _fit_predict(rows, labels, train, held_out, unlabeled, reliability, config, advance, shared)
        for train, held_out in _splits(labels, config.seed)
    ]
    if not folds:
        return None
    game, linear, held_out = (np.concatenate(parts) for parts in zip(*folds, strict=True))
    return LabelCrossFit(game, linear, held_out)


def _fit_predict(
    rows: EncodedTexts,
    labels: np.ndarray,
    train: np.ndarray,
    held_out: np.ndarray,
    unlabeled: np.ndarray,
    reliability: LabelReliability,
    config: GameConfig,
    advance: Advance,
    shared: SharedGame | None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Train on the rows `train`, with the others as unlabeled rows; log odds by both, and labels, of `held_out`."""
    from ganclf.adversarial.outputs import SIGMOID
    from ganclf.classification.games.training import predict_log_proba, train_gan

    part = rows[np.concatenate([train, held_out, unlabeled])]
    X, frequencies = part.features, reliability.frequencies.unlabeled
    y = np.full((len(part), labels.shape[1]), UNLABELED, dtype=labels.dtype)
    y[: len(train)] = labels[train]
    linear = linear_fit(X, y, config.seed, config.class_weights).fit(X[: len(train)], y[: len(train)])
    calibrated = reliability.calibration.apply(linear.log_odds(X))
    graph = build_label_graph(X, y, config.seed)
    spreading = graph.extend(graph.spread(graph.labeled_idx))
    teacher = soft_label_sets(calibrated, spreading, reliability.unlabeled_weight / 2.0, frequencies)
    network = train_gan(part, y, teacher, config, advance, shared=shared).network
    of_held_out = slice(len(train), len(train) + len(held_out))
    others = slice(len(train), None)  # rows without labels here: their bias is that of the frequencies
    game, linear_odds = (
        each + fit_bias(each[others], frequencies) for each in (predict_log_proba(network, part, SIGMOID), calibrated)
    )
    return game[of_held_out], linear_odds[of_held_out], labels[held_out]


def _splits(labels: np.ndarray, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield indices of rows to train on and of rows that are held out; every class is among the first."""
    labeled = np.flatnonzero(is_labeled(labels))
    y = labels[labeled]
    if len(y) < 4 or y.sum(axis=0).max() < 2:
        return
    if cross_fit_games(len(labeled)) == 2:
        part = iterative_stratification(y == 1, [0.5, 0.5], seed)
        for number in (0, 1):
            held_out = (part == number) & ~_only_rows(y, part != number)
            yield labeled[~held_out], labeled[held_out]
        return
    share = min(HELD_OUT_SHARE, MAX_HELD_OUT / len(labeled))
    held_out = (iterative_stratification(y == 1, [1.0 - share, share], seed) == 1) & ~_first_rows(y)
    yield labeled[~held_out], labeled[held_out]


def _only_rows(labels: np.ndarray, train: np.ndarray) -> np.ndarray:
    """The first row of each class that `train`, bool, would leave without a row; bool, shape [n]."""
    needed = np.zeros(len(labels), dtype=bool)
    for column in labels.T:
        if (column == 1).any() and not (column[train] == 1).any():
            needed[np.flatnonzero(column == 1)[0]] = True
    return needed


def _first_rows(labels: np.ndarray) -> np.ndarray:
    """The first row of each class; bool, shape [n]."""
    needed = np.zeros(len(labels), dtype=bool)
    needed[[np.flatnonzero(column == 1)[0] for column in labels.T if (column == 1).any()]] = True
    return needed


def _best_f1(probabilities: np.ndarray, labels: np.ndarray) -> float:
    reached = probabilities >= choose_thresholds(probabilities, labels)
    right = float(((labels == 1) & reached).sum())
    return 2.0 * right / max(float((labels == 1).sum() + reached.sum()), 1.0)
