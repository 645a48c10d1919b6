"""The residual energy model: a generator's probability, corrected by a discriminator of whole texts (Deng et al. 2020).

log p(text) = log p_generator(text) + weights · features(text) - log Z of its class. The features of a text are the
discriminator's score, by how much its words are more probable backwards than forwards, their number, the score of their
pairs, how usual their form is, and how well it fits its label. A perfect discriminator's score is the log ratio of the
two densities, and a weight of 1 would be right. What real ones are worth is chosen on held-out texts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import TypeAlias

import numpy as np

from ganclf.evaluation.text_metrics import log_perplexity_difference

SCORE_WEIGHTS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0)  # among which one is chosen
BACKWARDS_WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)
LENGTH_WEIGHTS = (-0.2, -0.1, 0.0, 0.1, 0.2, 0.3)
PAIR_WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5)
FORM_WEIGHTS = (0.0, 0.5, 1.0)
LABEL_WEIGHTS = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0)
NO_WEIGHTS = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
MIN_EFFECTIVE_SAMPLES = 200  # that weights leave, at least: with fewer, Z is a guess
MIN_EFFECTIVE_SHARE = 0.02  # of few samples, instead
MIN_SAMPLES_PER_CLASS = 500  # from which a class has a Z of its own


Weights: TypeAlias = tuple[float, float, float, float, float, float]  # of the features, in the order of judge.FEATURES


@dataclass(frozen=True, eq=False)
class EnergyModel:
    """How a discriminator changes the log probability of a text.

    Attributes:
        weights: of the features; all 0: the discriminator is not used.
        log_z: of each class, float64, shape [classes].
        log_z_error: standard error of log Z, the largest of all classes.
        effective_samples: share of the samples that the weights leave, 1 where all weigh the same.
        gain: mean gain of the held-out texts in log probability per text.
        interval: of the gain, 95 %, by the bootstrap over texts.
    """

    weights: Weights
    log_z: np.ndarray
    log_z_error: float = 0.0
    effective_samples: float = 1.0
    gain: float = 0.0
    interval: tuple[float, float] = (0.0, 0.0)

    @property
    def is_used(self) -> bool:
        """Whether it changes anything."""
        return any(self.weights)

    def gains(self, features: np.ndarray, classes: np.ndarray) -> np.ndarray:
        """What is added to the log probability of each text, shape [texts]; features have shape [texts, 6]."""
        return features @ np.array(self.weights) - self.log_z[classes]


def fit_energy(
    samples: np.ndarray, sample_classes: np.ndarray, held_out: np.ndarray, classes: np.ndarray, count: int, seed: int,
    score_alone: bool, label_weight: float | None = None,
) -> EnergyModel:  # fmt: skip
    """Choose the weights on held-out texts; they are 0 where the probability of these does not surely rise.

    Args:
        samples: features of the generator's texts, float, shape [n, 6].
        sample_classes: their classes, int, shape [n].
        held_out: features of real texts that no player learned from, shape [m, 6].
        classes: their classes, shape [m].
        count: number of classes.
        seed: of the bootstrap.
        score_alone: whether no other feature than the score is used.
        label_weight: of how well texts fit their labels, whatever that costs; None: the heaviest that costs nothing.
    """
    least = min(MIN_EFFECTIVE_SAMPLES / len(samples), MIN_EFFECTIVE_SHARE)

    def fitted(weights: Weights) -> tuple[EnergyModel, float]:
        """The model of these weights, and its gain less two standard errors of log Z: heavy weights leave few texts."""
        model = _with_weights(weights, samples, sample_classes, count)
        gain = float(model.gains(held_out, classes).mean())
        enough = model.effective_samples >= least
        return replace(model, gain=gain), gain - 2.0 * model.log_z_error if enough else -np.inf

    best = fitted(NO_WEIGHTS)
    backwards, lengths, pairs, forms = (
        (0.0,) if score_alone or not held_out[:, place].any() else choices  # what no network sees has no weight
        for place, choices in enumerate((BACKWARDS_WEIGHTS, LENGTH_WEIGHTS, PAIR_WEIGHTS, FORM_WEIGHTS), start=1)
    )
    for weights in product(SCORE_WEIGHTS, backwards, lengths, pairs, forms, (0.0,)):
        best = max(best, fitted(weights), key=lambda pair: pair[1])
    if score_alone or not held_out[:, -1].any():
        return _if_sure(best[0], held_out, classes, seed)
    rest = best[0].weights[1:-1]
    for label in reversed(LABEL_WEIGHTS) if label_weight is None else [label_weight]:
        model, bound = max((fitted((score, *rest, label)) for score in SCORE_WEIGHTS), key=lambda pair: pair[1])
        if label_weight is not None:
            return replace(model, interval=_interval(model, held_out, classes, seed))
        if bound >= best[1] and (sure := _if_sure(model, held_out, classes, seed)).is_used:
            return sure  # texts obey their label as far as that costs held-out texts nothing
    return _if_sure(best[0], held_out, classes, seed)


def _if_sure(model: EnergyModel, held_out: np.ndarray, classes: np.ndarray, seed: int) -> EnergyModel:
    """The model with the interval of its gain; without weights where that holds 0."""
    interval = _interval(model, held_out, classes, seed)
    if interval[0] - 2.0 * model.log_z_error <= 0.0:
        return EnergyModel(NO_WEIGHTS, np.zeros_like(model.log_z), gain=model.gain, interval=interval)
    return replace(model, interval=interval)


def _interval(model: EnergyModel, held_out: np.ndarray, classes: np.ndarray, seed: int) -> tuple[float, float]:
    """Of the gain, 95 %."""
    gains = model.gains(held_out, classes)
    loss = log_perplexity_difference(gains, np.zeros(len(gains)), np.ones(len(gains)), seed)
    return -loss.high, -loss.low


def _with_weights(weights: Weights, features: np.ndarray, classes: np.ndarray, count: int) -> EnergyModel:
    log_weights = features @ np.array(weights)
    whole, error, share = _log_mean_exp(log_weights)
    log_z = np.full(count, whole)
    for number in range(count if count > 1 else 0):
        own = log_weights[classes == number]
        if len(own) >= MIN_SAMPLES_PER_CLASS:
            log_z[number], own_error, _ = _log_mean_exp(own)
            error = max(error, own_error)
    return EnergyModel(weights, log_z, error, share)


def _log_mean_exp(values: np.ndarray) -> tuple[float, float, float]:
    """Log of the mean of exp, its standard error, and the effective share of the values."""
    top = values.max()
    weights = np.exp(values - top)
    mean = weights.mean()
    error = weights.std() / mean / np.sqrt(len(values))
    return float(np.log(mean) + top), float(error), float(mean**2 / (weights**2).mean())
