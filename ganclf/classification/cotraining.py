"""A co-training ensemble: games on several views of the same texts, averaged (Blum & Mitchell 1998)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from scipy.special import softmax

from ganclf.classification.semi_supervised.reliability import estimate_reliability
from ganclf.classification.semi_supervised.spectral_prior import fit_linear
from ganclf.cli.progress import progress
from ganclf.config import GameConfig
from ganclf.data.rows import UNLABELED

MAX_STEPS = 600  # of each game
MIN_PROBABILITY = 1e-6  # no single game rules a class out


def concatenate_views(views: Mapping[str, np.ndarray]) -> np.ndarray:
    """Concatenate rows of unit length, each view with the same weight; float32 of unit length, [n, sum of sizes]."""
    return (np.concatenate(list(views.values()), axis=1) / np.sqrt(len(views))).astype(np.float32)


def cotrain(
    views: Mapping[str, np.ndarray], labels: np.ndarray, config: GameConfig, verbose: bool = False
) -> tuple[np.ndarray | None, list[str]]:
    """Train a game on each view and take the geometric mean of their predictions.

    Args:
        views: by name, float32 of unit length, shape [n, size of the view].
        labels: int from 0 to classes - 1, or UNLABELED, shape [n].
        config: of the games, at most MAX_STEPS long.
        verbose: show progress.

    Returns:
        Class probabilities, shape [n, classes], normalized geometric means of the games'; a labeled row has its label.
        None where every game collapsed. And a sentence for each game that collapsed: it is left out of the mean.
    """
    config = replace(config, steps=min(config.steps, MAX_STEPS))
    log_proba, collapses = [], []
    for name, features in views.items():
        log_proba_of_view, collapse = _fit_predict(name, features, labels, config, verbose)
        if collapse:
            collapses.append(f"{name}: {collapse}")
        else:
            log_proba.append(log_proba_of_view)
    if not log_proba:
        return None, collapses
    probabilities = softmax(np.mean(log_proba, axis=0), axis=1)
    labeled = labels != UNLABELED
    probabilities[labeled] = np.eye(probabilities.shape[1])[labels[labeled]]
    return probabilities, collapses


def _fit_predict(
    name: str, features: np.ndarray, labels: np.ndarray, config: GameConfig, verbose: bool
) -> tuple[np.ndarray, str | None]:
    """Log probabilities by a game on one view, shape [n, classes], and how it collapsed, if it did."""
    from ganclf.classification.games.training import predict_log_proba, train_gan

    linear = fit_linear(features, labels, config.seed, config.class_weights)
    reliability = estimate_reliability(features, labels, linear, config)
    with progress(f"Training a short game on {name}", config.steps, verbose) as advance:
        trained = train_gan(features, labels, reliability.teacher, reliability.apply_to(config), advance)
    return np.log(np.exp(predict_log_proba(trained.network, features)) + MIN_PROBABILITY), trained.collapse
