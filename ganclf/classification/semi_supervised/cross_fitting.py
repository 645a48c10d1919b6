"""Cross-fitting: predictions of game and linear model for labeled rows that they were not trained on."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ganclf.classification.semi_supervised.agreement import Agreement, kappa
from ganclf.classification.semi_supervised.many_classes import has_many_classes
from ganclf.classification.semi_supervised.opinions import Teaching
from ganclf.classification.semi_supervised.reliability import split_in_halves
from ganclf.classification.semi_supervised.spectral_prior import fit_linear, without_scaling
from ganclf.classification.semi_supervised.teacher import (
    GRAPH_ROWS,
    safe_log,
    sharpen,
)
from ganclf.classification.semi_supervised.teaching import teach_part
from ganclf.cli.progress import Advance
from ganclf.config import GameConfig
from ganclf.data.rows import UNLABELED, EncodedTexts

if TYPE_CHECKING:
    from ganclf.classification.games.training import SharedGame

MANY_LABELS = 600  # from which one part is held out instead of training on two halves
HELD_OUT_SHARE, MAX_HELD_OUT = 0.2, 2000  # of the labeled rows, and rows
MAX_HELD_OUT_OF_MANY = 500  # rows, with very many classes
PUPIL_PRIOR = 2  # rows that the plain linear model has to get right beyond the pupil, to be published in its place
STEPS_SHARE = 0.4  # of the game's steps, for each game on a part of the labels
STEPS_SHARE_OF_MANY = 0.2  # likewise, with very many classes


@dataclass(frozen=True)
class CrossFit:
    """Predictions for labeled rows that were held out.

    Attributes:
        game: log probabilities, shape [held out, classes].
        plain: of the linear model of the labels alone, sharpened, likewise.
        pupil: of the linear model that learned from the teacher, sharpened, likewise; None where there was none.
        labels: int, shape [held out].
        agreement: of two games and of two linear models on unlabeled rows; None without two halves.
    """

    game: np.ndarray
    plain: np.ndarray
    pupil: np.ndarray | None
    labels: np.ndarray
    agreement: Agreement | None

    @property
    def prefers_pupil(self) -> bool:
        """Whether the pupil is the linear model to publish: unless the plain one got several rows more right."""
        if self.pupil is None:
            return False
        plain, pupil = ((log.argmax(axis=1) == self.labels).sum() for log in (self.plain, self.pupil))
        return bool(plain - pupil <= PUPIL_PRIOR)

    @property
    def linear(self) -> np.ndarray:
        """Of the linear model to publish, shape [held out, classes]."""
        return self.pupil if self.pupil is not None and self.prefers_pupil else self.plain

    @property
    def accuracies(self) -> tuple[float, float]:
        """Of game and linear model, 0 to 1."""
        game, linear = (float((log.argmax(axis=1) == self.labels).mean()) for log in (self.game, self.linear))
        return game, linear

    def tried(self) -> str:
        """State how many each got right, for a reader without statistics."""
        count = len(self.labels)
        game, linear = (round(accuracy * count) for accuracy in self.accuracies)
        return (
            f"Tried on {count} labeled texts that were kept aside, a shorter game got {game} right and "
            f"logistic regression {linear}."
        )

    def sentence(self) -> str:
        """State both accuracies, for the model card."""
        game, linear = self.accuracies
        return (
            f"Cross-fitted on {len(self.labels)} labeled texts that were held out, a shorter game had an accuracy of "
            f"{100 * game:.0f} %, logistic regression {100 * linear:.0f} %."
        )


@dataclass(frozen=True)
class _Fold:
    """Log probabilities by game and plain linear model, shape [rows, classes], of held-out and of unlabeled rows."""

    held_out: tuple[np.ndarray, np.ndarray]
    unlabeled: tuple[np.ndarray, np.ndarray]
    pupil: np.ndarray | None  # of held-out rows
    labels: np.ndarray


def cross_fit_games(labeled: int) -> int:
    """How many games `cross_fit` trains with so many labels."""
    return 2 if labeled < MANY_LABELS else 1


def cross_fit_steps(labels: np.ndarray, config: GameConfig) -> int:
    """Count the steps of all games in `cross_fit`; 0 where calibration is off or no class has two labels."""
    return count_steps(_splits(labels, config.seed), config, int(labels.max()) + 1)


def count_steps(splits: Iterable[object], config: GameConfig, classes: int = 2) -> int:
    """Steps of a game for each split; 0 where calibration is off."""
    return sum(shorter(config.steps, classes) for _ in splits) if config.calibration == "cross-fit" else 0


def shorter(steps: int, classes: int) -> int:
    """Steps of a game on a part of the labels, by those of the whole game."""
    return max(1, int((STEPS_SHARE_OF_MANY if has_many_classes(classes) else STEPS_SHARE) * steps))


def cross_fit(
    rows: EncodedTexts,
    labels: np.ndarray,
    teaching: Teaching,
    config: GameConfig,
    advance: Advance,
    shared: SharedGame | None = None,
) -> CrossFit | None:
    """Train on parts of the labels and predict the others.

    On halves of few labels the unlabeled rows have full weight, so that their use is measured. With many labels they
    have the weight of the reliability estimate.

    Args:
        rows: n encoded texts; of the unlabeled ones at most GRAPH_ROWS are used.
        labels: int from 0 to classes - 1, or UNLABELED, shape [n].
        teaching: by all labels.
        config: of the game.
        advance: called with the number of further steps.
        shared: the game of all trainings.

    Returns:
        The predictions; None where no class has two labels.
    """
    unlabeled = np.random.default_rng(config.seed).permutation(np.flatnonzero(labels == UNLABELED))[:GRAPH_ROWS]
    config = replace(config, steps=shorter(config.steps, int(labels.max()) + 1))
    splits = list(_splits(labels, config.seed))
    if len(splits) == 2 and config.unlabeled_weight is None:
        config = replace(config, unlabeled_weight=1.0)
    config = teaching.reliability.apply_to(config)
    folds = [
        _fit_predict(rows, labels, train, held_out, unlabeled, teaching, config, advance, shared)
        for train, held_out in splits
    ]
    return _joined(folds) if folds else None


def held_out_rows(labels: np.ndarray, seed: int) -> np.ndarray:
    """Indices of the labeled rows that `cross_fit` predicts, in the order of its predictions."""
    return np.concatenate([held_out for _, held_out in _splits(labels, seed)])


def _joined(folds: list[_Fold]) -> CrossFit:
    game, linear = (np.concatenate([fold.held_out[model] for fold in folds]) for model in (0, 1))
    agreement = None
    if len(folds) == 2 and len(folds[0].unlabeled[0]):
        first, second = (fold.unlabeled for fold in folds)
        agreement = Agreement(*(kappa(first[model].argmax(1), second[model].argmax(1)) for model in (0, 1)))
    pupils = [fold.pupil for fold in folds if fold.pupil is not None]
    pupil = np.concatenate(pupils) if pupils else None
    return CrossFit(game, linear, pupil, np.concatenate([fold.labels for fold in folds]), agreement)


def _fit_predict(
    rows: EncodedTexts,
    labels: np.ndarray,
    train: np.ndarray,
    held_out: np.ndarray,
    unlabeled: np.ndarray,
    teaching: Teaching,
    config: GameConfig,
    advance: Advance,
    shared: SharedGame | None,
) -> _Fold:
    """Train on the rows `train`, with `held_out` and `unlabeled` as unlabeled rows, and predict these."""
    from ganclf.classification.games.training import predict_log_proba, train_gan

    part = rows[np.concatenate([train, held_out, unlabeled])]
    X, reliability = part.features, teaching.reliability
    y = np.concatenate([labels[train], np.full(len(held_out) + len(unlabeled), UNLABELED)])
    linear = fit_linear(X, y, config.seed, config.class_weights)
    teacher, pupil = teach_part(part, y, linear, teaching, config)
    trained = train_gan(part, y, teacher, config, advance, shared=shared)
    kept_aside = part[len(train) : len(train) + len(held_out)]
    by_game = predict_log_proba(trained.network, kept_aside)
    if pupil is None:
        by_plain = safe_log(sharpen(linear.predict_proba(kept_aside.features), reliability.expected))
        del trained
        gc.collect()  # the game's copy of the teacher is in reference cycles
        return _Fold((by_game, by_plain), (by_game[:0], by_plain[:0]), None, labels[held_out])
    of_held_out = slice(len(train), len(train) + len(held_out))
    sharpened = reliability.priors.reweight(sharpen(linear.predict_proba(X), reliability.expected))
    by_pupil = sharpen(pupil.predict_proba(X), reliability.expected)
    others = part[len(train) + len(held_out) :]
    agreeing = by_game[:0], by_game[:0]
    if len(unlabeled):  # scikit-learn refuses arrays of no rows
        plain = without_scaling(linear, X, y, config.seed, config.class_weights)
        agreeing = predict_log_proba(trained.network, others), plain.predict_log_proba(others.features)
    return _Fold(
        held_out=(by_game, safe_log(sharpened[of_held_out])),
        unlabeled=agreeing,
        pupil=safe_log(by_pupil[of_held_out]),
        labels=labels[held_out],
    )


def _splits(labels: np.ndarray, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield indices of rows to train on and of rows that are held out; every class is among the first."""
    labeled_idx, generator = np.flatnonzero(labels != UNLABELED), np.random.default_rng(seed)
    y = labels[labeled_idx]
    if not len(y) or np.bincount(y).max() < 2:
        return
    if cross_fit_games(len(labeled_idx)) == 2:
        first, second = split_in_halves(labels, labeled_idx, generator)
        yield first, np.setdiff1d(second, first)
        yield second, np.setdiff1d(first, second)
        return
    kept = np.isin(labeled_idx, labeled_idx[np.unique(y, return_index=True)[1]])  # the first of each class
    limit = MAX_HELD_OUT_OF_MANY if has_many_classes(y.max() + 1) else MAX_HELD_OUT
    count = min(int(HELD_OUT_SHARE * len(labeled_idx)), limit, int((~kept).sum()))
    held_out = generator.choice(labeled_idx[~kept], count, replace=False)
    yield np.setdiff1d(labeled_idx, held_out), held_out
