"""What game and linear model say of labelled rows that they did not learn from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from ganclf.classification.semi_supervised.reliability import Agreement, Evidence, kappa, split_in_two
from ganclf.classification.semi_supervised.spectral_prior import fit_linear, plain_of
from ganclf.classification.semi_supervised.teacher import GRAPH_ROWS, logs_of, make_graph, make_guide, sharpen
from ganclf.cli.progress import Advance
from ganclf.config import GameConfig
from ganclf.data.rows import EncodedRows, features_of

UNLABELLED = -1
MANY_LABELS = 600  # from which one part is held out instead of playing on two halves
HELD_OUT, MOST_HELD_OUT = 0.2, 2000  # share of the labelled rows, and rows
STEPS_SHARE = 0.4  # of the game's steps, for each game on a part of the labels


@dataclass(frozen=True)
class CrossFit:
    """Answers to labelled rows that were held out.

    Attributes:
        game: log probabilities, shape [held, classes].
        linear: likewise, sharpened.
        truth: classes, int, shape [held].
        agreement: of two games and of two linear models on unlabelled rows; None where no halves were played.
    """

    game: np.ndarray
    linear: np.ndarray
    truth: np.ndarray
    agreement: Agreement | None

    def sentence(self) -> str:
        """Say how often each was right."""
        game, linear = (100 * (said.argmax(axis=1) == self.truth).mean() for said in (self.game, self.linear))
        return (
            f"Of {len(self.truth)} labelled texts that were held out, a shorter game knew {game:.0f} %, logistic "
            f"regression {linear:.0f} %."
        )


@dataclass(frozen=True)
class _Fit:
    """Log probabilities by both models, shape [rows, classes], of held-out and of unlabelled rows."""

    held: tuple[np.ndarray, np.ndarray]
    others: tuple[np.ndarray, np.ndarray]
    truth: np.ndarray


def cross_fit_steps(labels: np.ndarray, config: GameConfig) -> int:
    """How many steps `cross_fit` plays in all; 0 where it is not asked for, or no class has two labels."""
    parts = list(_parts(labels, config.seed)) if config.calibration == "cross-fit" else []
    return len(parts) * max(1, int(STEPS_SHARE * config.steps))


def cross_fit(
    features: EncodedRows, labels: np.ndarray, evidence: Evidence, config: GameConfig, advance: Advance
) -> CrossFit | None:
    """Play on parts of the labels; None where no class has two labels.

    On halves of few labels the games trust the unlabelled rows fully, so that it shows whether they may; with many
    labels the trust is that of the evidence.

    Args:
        features: float32, shape [n, size], or n rows with pictures; of the unlabelled ones at most GRAPH_ROWS are used.
        labels: int from 0 to classes - 1, or UNLABELLED, shape [n].
        evidence: of all labels.
        config: the game.
        advance: is told how many steps were done.
    """
    others = np.random.default_rng(config.seed).permutation(np.flatnonzero(labels == UNLABELLED))[:GRAPH_ROWS]
    config = replace(config, steps=max(1, int(STEPS_SHARE * config.steps)))
    parts = list(_parts(labels, config.seed))
    ruled = evidence.rule(config if len(parts) == 1 or config.trust is not None else replace(config, trust=1.0))
    fits = [_fit(features, labels, learned, held, others, evidence, ruled, advance) for learned, held in parts]
    return _join(fits) if fits else None


def _join(fits: list[_Fit]) -> CrossFit:
    game, linear = (np.concatenate([fit.held[model] for fit in fits]) for model in (0, 1))
    agreement = None
    if len(fits) == 2 and len(fits[0].others[0]):
        first, second = (fit.others for fit in fits)
        agreement = Agreement(*(kappa(first[model].argmax(1), second[model].argmax(1)) for model in (0, 1)))
    return CrossFit(game, linear, np.concatenate([fit.truth for fit in fits]), agreement)


def _fit(
    features: EncodedRows,
    labels: np.ndarray,
    learned: np.ndarray,
    held: np.ndarray,
    others: np.ndarray,
    evidence: Evidence,
    config: GameConfig,
    advance: Advance,
) -> _Fit:
    """Learn from the places `learned`, with those `held` and `others` as unlabelled rows, and answer these."""
    from ganclf.classification.games.training import predict_log_proba, train_gan

    rows = features[np.concatenate([learned, held, others])]
    seen = features_of(rows)
    given = np.concatenate([labels[learned], np.full(len(held) + len(others), UNLABELLED)])
    linear = fit_linear(seen, given, config.seed, config.class_weights)
    guide = make_guide(seen, linear, make_graph(seen, given, config.seed), evidence.trust, evidence.expected)
    played = train_gan(rows, given, evidence.shares.carry(guide), config, advance)
    sharp = sharpen(linear.predict_proba(seen), evidence.expected)
    said = predict_log_proba(played.network, rows), logs_of(evidence.shares.carry(sharp))
    plain = plain_of(linear, seen, given, config.seed, config.class_weights)
    of_held, of_others = slice(len(learned), len(learned) + len(held)), slice(len(learned) + len(held), None)
    unheld = said[0][of_others], plain.predict_log_proba(seen[of_others])
    return _Fit((said[0][of_held], said[1][of_held]), unheld, labels[held])


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
