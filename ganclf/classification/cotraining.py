"""Games on several views of the same texts, joined: what one view misses, another may see (Blum & Mitchell 1998)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from scipy.special import softmax

from ganclf.classification.semi_supervised.reliability import gather_evidence
from ganclf.classification.semi_supervised.spectral_prior import fit_linear
from ganclf.cli.progress import progress
from ganclf.config import GameConfig

TEACHERS_STEPS = 600  # of each game, at the most
LEAST = 1e-6  # probability: no single game rules a class out


def side_by_side(views: Mapping[str, np.ndarray]) -> np.ndarray:
    """Join rows of unit length, each view with the same weight; float32 of unit length, shape [n, sum of sizes]."""
    return (np.concatenate(list(views.values()), axis=1) / np.sqrt(len(views))).astype(np.float32)


def joint_answers(
    views: Mapping[str, np.ndarray], labels: np.ndarray, game: GameConfig, verbose: bool = False
) -> tuple[np.ndarray | None, list[str]]:
    """Play a game on each view, and let all of them answer together.

    Args:
        views: by name, float32 of unit length, shape [n, size of the view].
        labels: int from 0 to classes - 1, or -1 for unlabelled, shape [n].
        game: what is played, at most TEACHERS_STEPS long.
        verbose: show progress.
    Returns:
        Class probabilities, shape [n, classes], normalised geometric means of the games'; a labelled row has its label.
        None where every game collapsed. And a sentence for each game that collapsed: it is not heard.
    """
    game = replace(game, steps=min(game.steps, TEACHERS_STEPS))
    said, collapses = [], []
    for name, features in views.items():
        logs, collapse = _answer(name, features, labels, game, verbose)
        said += [] if collapse else [logs]
        collapses += [f"{name}: {collapse}"] if collapse else []
    if not said:
        return None, collapses
    answers = softmax(np.mean(said, axis=0), axis=1)
    answers[labels >= 0] = np.eye(answers.shape[1])[labels[labels >= 0]]
    return answers, collapses


def _answer(
    name: str, features: np.ndarray, labels: np.ndarray, game: GameConfig, verbose: bool
) -> tuple[np.ndarray, str | None]:
    """Log probabilities by a game on one view, shape [n, classes], and how it collapsed, if it did."""
    from ganclf.classification.games.training import predict_log_proba, train_gan

    linear = fit_linear(features, labels, game.seed, game.class_weights)
    evidence = gather_evidence(features, labels, linear, game)
    with progress(f"Playing a short game on {name}", game.steps, verbose) as advance:
        played = train_gan(features, labels, evidence.guide, evidence.rule(game), advance)
    return np.log(np.exp(predict_log_proba(played.network, features)) + LEAST), played.collapse
