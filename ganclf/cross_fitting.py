"""What game and linear model say of labelled rows that they did not learn from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from ganclf.config import GameConfig
from ganclf.evaluation.baselines import tuned_logistic_regression
from ganclf.evaluation.evidence import Evidence, split_in_two
from ganclf.evaluation.guide import GRAPH_ROWS, make_graph, make_guide, sharpen
from ganclf.progress import Advance

UNLABELLED = -1
MANY_LABELS = 600  # from which one part is held out instead of playing on two halves
HELD_OUT, MOST_HELD_OUT = 0.2, 2000  # share of the labelled rows, and rows
STEPS_SHARE = 0.5  # of the game's steps, for each game on a part of the labels


@dataclass(frozen=True)
class CrossFit:
    """Answers to labelled rows that were held out.

    Attributes:
        game: log probabilities, shape [held, classes].
        linear: likewise, sharpened.
        truth: classes, int, shape [held].
    """

    game: np.ndarray
    linear: np.ndarray
    truth: np.ndarray

    def sentence(self) -> str:
        """Say how often each was right."""
        game, linear = (100 * (said.argmax(axis=1) == self.truth).mean() for said in (self.game, self.linear))
        return (
            f"Of {len(self.truth)} labelled texts that were held out, a shorter game knew {game:.0f} %, logistic "
            f"regression {linear:.0f} %."
        )


def cross_fit_steps(labels: np.ndarray, steps: int) -> int:
    """How many steps `cross_fit` plays in all; 0 where no class has two labels."""
    return len(list(_parts(labels, 0))) * max(1, int(STEPS_SHARE * steps))


def cross_fit(
    features: np.ndarray, labels: np.ndarray, evidence: Evidence, config: GameConfig, advance: Advance
) -> CrossFit | None:
    """Play on parts of the labels with the trust that was found for all; None where no class has two labels.

    Args:
        features: float32, shape [n, size]; of the unlabelled ones at most GRAPH_ROWS are used.
        labels: int from 0 to classes - 1, or UNLABELLED, shape [n].
        evidence: of all labels.
        config: the game.
        advance: is told how many steps were done.
    """
    others = np.random.default_rng(config.seed).permutation(np.flatnonzero(labels == UNLABELLED))[:GRAPH_ROWS]
    steps = max(1, int(STEPS_SHARE * config.steps))
    config = evidence.rule(replace(config, steps=steps))
    fits = []
    for learned, held in _parts(labels, config.seed):
        rows = np.concatenate([learned, held, others])
        given = np.concatenate([labels[learned], np.full(len(held) + len(others), UNLABELLED)])
        answers = _fit(features[rows], given, evidence.expected, config, advance)
        place = slice(len(learned), len(learned) + len(held))
        fits.append((*(answer[place] for answer in answers), labels[held]))
    return CrossFit(*(np.concatenate(each) for each in zip(*fits, strict=True))) if fits else None


def _fit(
    features: np.ndarray, labels: np.ndarray, expected: float, config: GameConfig, advance: Advance
) -> tuple[np.ndarray, np.ndarray]:
    """Log probabilities of all rows by the game and by the linear model."""
    from ganclf.recipes.play import log_probabilities, play_game

    known = labels != UNLABELLED
    linear = tuned_logistic_regression(features[known], labels[known], config.seed, config.class_weights)
    graph = make_graph(features, labels, config.seed)
    guide = make_guide(features, linear, graph, float(config.trust or 0.0), expected)
    played = play_game(features, labels, guide, config, advance)
    return log_probabilities(played.network, features), np.log(sharpen(linear.predict_proba(features), expected))


def _parts(labels: np.ndarray, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield places to learn from and places that are held out; every class is among the first."""
    known, generator = np.flatnonzero(labels != UNLABELLED), np.random.default_rng(seed)
    if np.bincount(labels[known]).max() < 2:
        return
    if len(known) < MANY_LABELS:
        first, second = split_in_two(labels, known, generator)
        yield first, np.setdiff1d(second, first)
        yield second, np.setdiff1d(first, second)
        return
    single = np.isin(known, [known[labels[known] == each][0] for each in np.unique(labels[known])])
    count = min(int(HELD_OUT * len(known)), MOST_HELD_OUT)
    held = generator.choice(known[~single], count, replace=False)
    yield np.setdiff1d(known, held), held
