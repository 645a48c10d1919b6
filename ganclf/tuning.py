"""Tuning the encoder in rounds: on the labels, then also on rows of which a short game is sure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ganclf.config import EncoderConfig, GameConfig
from ganclf.evaluation.baselines import tuned_logistic_regression
from ganclf.progress import progress

CANDIDATES = 2400  # unlabelled rows of which the surest are chosen: bounds the time of encoding between two rounds
BELIEVED = 240  # of them that are taken for labelled in the next round
SHORT_GAME = 600  # steps of the game that names them, at the most


def tune_in_rounds(
    encoder: Any, texts: Sequence[str], labels: np.ndarray, config: EncoderConfig, game: GameConfig, verbose: bool
) -> None:
    """Tune `encoder` on the labelled texts; in each further round on those that a short game is sure of, too.

    Args:
        encoder: has tune(texts, labels, advance) and transform(texts, advance).
        texts: n texts, labelled or not.
        labels: int from 0 to classes - 1, or -1 for unlabelled, shape [n].
        config: `tune`, `tune_steps` and `tune_rounds`.
        game: is played for fewer steps.
        verbose: show progress.
    """
    known = labels
    for number in range(1, config.tune_rounds + 1):
        if number > 1:
            known = believe(encoder, texts, labels, game, verbose)
        with progress(f"Tuning ({config.tune}), round {number}", config.tune_steps, verbose) as advance:
            encoder.tune(texts, known, advance)


def believe(encoder: Any, texts: Sequence[str], labels: np.ndarray, game: GameConfig, verbose: bool) -> np.ndarray:
    """Return the labels and, for the rows of which a short game is surest, its answers; int, shape [n].

    A game that collapses is not believed.
    """
    from ganclf.recipes.play import play_game

    places = _candidates(labels, game.seed)
    few, numbers = [texts[place] for place in places], labels[places]
    with progress("Encoding", len(few), verbose) as advance:
        features = encoder.transform(few, advance)
    known = numbers >= 0
    linear = tuned_logistic_regression(features[known], numbers[known], game.seed)
    short = replace(game, steps=min(game.steps, SHORT_GAME))
    with progress("Playing for surest rows", short.steps, verbose) as advance:
        played = play_game(features, numbers, linear.predict_proba(features), short, advance)
    believed = labels.copy()
    if not played.collapse:
        chosen, answers = surest(played.probabilities(features), numbers < 0, BELIEVED)
        believed[places[chosen]] = answers
    return believed


def _candidates(labels: np.ndarray, seed: int) -> np.ndarray:
    """Places of the labelled rows and of at most CANDIDATES unlabelled ones, rising."""
    known, others = np.flatnonzero(labels >= 0), np.flatnonzero(labels < 0)
    drawn = np.random.default_rng(seed).permutation(others)[:CANDIDATES]
    return np.sort(np.concatenate([known, drawn]))


def surest(probabilities: np.ndarray, allowed: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Choose about `count` rows, those with the highest probability of each class in proportion to the class's share.

    Args:
        probabilities: shape [n, classes].
        allowed: which rows may be chosen, bool, shape [n].
        count: rows, but for rounding.
    Returns:
        Places and classes of the chosen rows, int, both of shape [chosen].
    """
    answers, certainty = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wanted = np.rint(count * probabilities[allowed].mean(axis=0)).astype(int) if allowed.any() else []
    order = np.argsort(-certainty, kind="stable")
    ranked = order[allowed[order]]
    chosen = [ranked[answers[ranked] == name][:rows] for name, rows in enumerate(wanted)]
    places = np.concatenate([np.zeros(0, int), *chosen])
    return places, answers[places]
