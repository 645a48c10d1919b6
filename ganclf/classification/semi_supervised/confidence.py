"""How confident the published model is: as often right as a few labels let expect.

Games on halves of the labels say which model is better, and not how often one of all labels is right: where every label
counts they can be twenty points worse, and a temperature that is fitted on them makes the published model too modest.
Logistic regression can be cross-validated on nearly all labels at once. Its accuracy, and what a game usually adds, is
the accuracy to expect; it is joined with the usual temperature of games, since an accuracy on 40 labels is off by
seven points as often as not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.special import log_softmax, softmax
from sklearn.linear_model import LogisticRegression

from ganclf.classification.semi_supervised.cross_fitting import CrossFit
from ganclf.classification.semi_supervised.label_shift import cross_validated
from ganclf.classification.semi_supervised.stacking import USUAL_LOG_INVERSE_TEMPERATURE, Stacking
from ganclf.classification.semi_supervised.teacher import fit_inverse_temperature, safe_log
from ganclf.data.rows import UNLABELED

FOLDS, REPEATS = 10, 2  # of the cross-validation
ROWS = 4000  # unlabeled rows, at most, whose mean confidence is set
MIN_ROWS = 100  # likewise, at least
USUAL_GAIN = 0.06  # accuracy of the published model above that of logistic regression, where unlabeled rows fit
USUAL_GAIN_UNFIT = 0.02  # where they don't
GAIN_VARIANCE = 0.02**2  # of the usual gain
PAIRED_VARIANCE = 0.25  # of the difference of two models on one row: about a quarter of the answers differ
USUAL_VARIANCE = 0.05**2  # of the mean confidence with the usual temperature, as an estimate of the accuracy
MIN_VARIANCE = 0.1  # of a right answer


@dataclass(frozen=True, eq=False)
class ExpectedAccuracy:
    """What the accuracy of the published model is expected from, and the rows on which it is as confident.

    Attributes:
        idx: of unlabeled rows, int, shape [m].
        linear: log probabilities of the published linear model for them, shape [m, classes].
        cross_validated: accuracy of logistic regression on the labels alone, 0 to 1.
        labels: how many there are.
        gain: by which the game is expected to be better.
        similarity: of the game to one with full weight of the unlabeled rows, 0 to 1.
    """

    idx: np.ndarray
    linear: np.ndarray
    cross_validated: float
    labels: int
    gain: float
    similarity: float

    def apply_to(self, stacking: Stacking, game: np.ndarray) -> Stacking:
        """Set the temperature with which the mean confidence on the unlabeled rows is the accuracy to expect.

        Args:
            stacking: whose stacking weight stays.
            game: probabilities of the game for all rows, shape [n, classes].

        Returns:
            The stacking with another inverse temperature.
        """
        unscaled = replace(stacking, inverse_temperature=1.0).combine(safe_log(game[self.idx]), self.linear)
        usual = np.exp(self.similarity * USUAL_LOG_INVERSE_TEMPERATURE)
        expected = self.joined(float(softmax(usual * unscaled, axis=1).max(axis=1).mean()))
        return replace(stacking, inverse_temperature=fit_inverse_temperature(softmax(unscaled, axis=1), expected))

    def joined(self, confidence: float) -> float:
        """Join the cross-validated accuracy and the mean confidence with the usual temperature by their precisions."""
        accuracy = min(self.cross_validated + self.gain, 1.0)
        variance = max(accuracy * (1.0 - accuracy), MIN_VARIANCE) / self.labels
        share = USUAL_VARIANCE / (USUAL_VARIANCE + variance)
        return share * accuracy + (1.0 - share) * confidence

    def sentence(self) -> str:
        """State the figures, for the model card."""
        return (
            f"Cross-validated on all {self.labels} labeled texts, logistic regression had an accuracy of "
            f"{100 * self.cross_validated:.0f} %; the game is expected to add {100 * self.gain:.0f} points."
        )

    def to_json(self) -> dict[str, Any]:
        """What the report keeps."""
        return {
            "cross_validated_accuracy": self.cross_validated,
            "labels": self.labels,
            "expected_gain": self.gain,
        }


def expect_accuracy(
    features: np.ndarray,
    labels: np.ndarray,
    plain: LogisticRegression,
    linear_logits: Callable[[np.ndarray], np.ndarray],
    ratio: np.ndarray,
    halves: CrossFit,
    similarity: float,
    seed: int,
) -> ExpectedAccuracy | None:
    """Cross-validate logistic regression, and estimate by how much the game is better.

    Args:
        features: float32, shape [n, size].
        labels: int from 0 to classes - 1, or UNLABELED, shape [n].
        plain: logistic regression of the labels alone.
        linear_logits: of the published linear model: features, shape [m, size] → shape [m, classes].
        ratio: priors of the unlabeled rows by those of the labels, shape [classes].
        halves: games and linear models on halves of the labels.
        similarity: of the game to one with full weight of the unlabeled rows, 0 to 1.
        seed: of folds and rows.

    Returns:
        None where a class has a single label or hardly any row is unlabeled.
    """
    labeled, unlabeled = np.flatnonzero(labels != UNLABELED), np.flatnonzero(labels == UNLABELED)
    y = labels[labeled]
    if len(unlabeled) < MIN_ROWS or np.bincount(y, minlength=len(ratio)).min() < 2:
        return None
    idx = np.random.default_rng(seed).permutation(unlabeled)[:ROWS]
    right = cross_validated(plain, features[labeled], y, seed, FOLDS, REPEATS).argmax(axis=1) == y
    accuracy = float(np.average(right, weights=ratio[y]))
    usual = similarity * USUAL_GAIN + (1.0 - similarity) * USUAL_GAIN_UNFIT
    game, alone = ((log.argmax(axis=1) == halves.labels).mean() for log in (halves.game, halves.plain))
    share = GAIN_VARIANCE / (GAIN_VARIANCE + PAIRED_VARIANCE / len(halves.labels))
    gain = (1.0 - share) * usual + share * float(game - alone)
    return ExpectedAccuracy(idx, log_softmax(linear_logits(features[idx]), axis=1), accuracy, len(y), gain, similarity)
