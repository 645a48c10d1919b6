"""The residual energy model: a generator's probability, corrected by a discriminator of whole texts (Deng et al. 2020).

log p(text) = log p_generator(text) + strength * score(text) - log Z of its class. A perfect discriminator's score is
the log ratio of the two densities, and strength 1 would be right. What real ones are worth is chosen on held-out texts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

STRENGTHS = tuple(round(0.1 * step, 1) for step in range(1, 31))  # among which one is chosen
RESAMPLES = 2000  # of the bootstrap
MIN_SAMPLES_PER_CLASS = 500  # from which a class has a Z of its own


@dataclass(frozen=True, eq=False)
class EnergyModel:
    """How a discriminator's score changes the log probability of a text.

    Attributes:
        strength: multiplies the score; 0: the discriminator is not used.
        log_z: of each class, float64, shape [classes].
        log_z_error: standard error of log Z, the largest of all classes.
        effective_samples: share of the samples that the weights leave, 1 where all weigh the same.
        gain: mean gain of the held-out texts in log probability per text.
        interval: of the gain, 95 %, by the bootstrap over texts.
    """

    strength: float
    log_z: np.ndarray
    log_z_error: float = 0.0
    effective_samples: float = 1.0
    gain: float = 0.0
    interval: tuple[float, float] = (0.0, 0.0)

    def gains(self, scores: np.ndarray, classes: np.ndarray) -> np.ndarray:
        """What is added to the log probability of each text, shape [texts]."""
        return self.strength * scores - self.log_z[classes]


def fit_energy(
    samples: np.ndarray, sample_classes: np.ndarray, held_out: np.ndarray, classes: np.ndarray, count: int, seed: int
) -> EnergyModel:
    """Choose the strength on held-out texts; it is 0 where their probability does not surely rise.

    Args:
        samples: scores of the generator's texts, float, shape [n].
        sample_classes: their classes, int, shape [n].
        held_out: scores of real texts that no player learned from, shape [m].
        classes: their classes, shape [m].
        count: number of classes.
        seed: of the bootstrap.
    """
    best = EnergyModel(0.0, np.zeros(count))
    for strength in STRENGTHS:
        model = _with_strength(strength, samples, sample_classes, count)
        gains = model.gains(held_out, classes)
        if gains.mean() > best.gain:
            interval = bootstrap_interval(gains, seed)
            best = EnergyModel(
                strength, model.log_z, model.log_z_error, model.effective_samples, float(gains.mean()), interval
            )
    sure = best.interval[0] - 2.0 * best.log_z_error > 0.0
    return best if sure else EnergyModel(0.0, np.zeros(count), gain=best.gain, interval=best.interval)


def bootstrap_interval(values: np.ndarray, seed: int) -> tuple[float, float]:
    """95 % interval of a mean."""
    random = np.random.default_rng(seed)
    means = [values[random.integers(0, len(values), len(values))].mean() for _ in range(RESAMPLES)]
    low, high = np.quantile(means, (0.025, 0.975))
    return float(low), float(high)


def _with_strength(strength: float, scores: np.ndarray, classes: np.ndarray, count: int) -> EnergyModel:
    log_weights = strength * scores.astype(np.float64)
    whole, error, share = _log_mean_exp(log_weights)
    log_z = np.full(count, whole)
    for number in range(count):
        own = log_weights[classes == number]
        if count > 1 and len(own) >= MIN_SAMPLES_PER_CLASS:
            log_z[number], own_error, _ = _log_mean_exp(own)
            error = max(error, own_error)
    return EnergyModel(strength, log_z, error, share)


def _log_mean_exp(values: np.ndarray) -> tuple[float, float, float]:
    """Log of the mean of exp, its standard error, and the effective share of the values."""
    top = values.max()
    weights = np.exp(values - top)
    mean = weights.mean()
    error = weights.std() / mean / np.sqrt(len(values))
    return float(np.log(mean) + top), float(error), float(mean**2 / (weights**2).mean())
