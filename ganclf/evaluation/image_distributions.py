"""How alike distributions of pictures are, on their features: Fréchet and kernel distance, precision and recall."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from ganclf.evaluation.frechet import frechet_distance

NEIGHBORS = 5  # whose distance is the radius of a ball
SUBSETS, SUBSET_ROWS = 50, 200  # of the kernel distance
CLOSE = 0.01  # share of test pictures that are nearer to a training picture than a "copy" is
BLOCK = 256  # rows whose distances are computed at once


@dataclass(frozen=True)
class Distance:
    """Of generated pictures from real ones.

    Attributes:
        frechet: Fréchet distance.
        kernel: kernel distance (KID, Binkowski et al. 2018), the mean over subsets.
        kernel_error: its standard error.
        precision: share of generated pictures that are among the real ones (Kynkaanniemi et al. 2019).
        recall: share of real pictures that are among the generated ones.
        density: generated pictures in the neighborhood of a real one, 1 where they are as dense (Naeem et al. 2020).
        coverage: share of real pictures that have a generated one in their neighborhood.
    """

    frechet: float
    kernel: float
    kernel_error: float
    precision: float
    recall: float
    density: float
    coverage: float

    def to_json(self) -> dict[str, float]:
        """For a report."""
        return asdict(self)


@dataclass(frozen=True)
class Memorization:
    """How near generated pictures are to training pictures, beside test pictures, which were not learned.

    Attributes:
        ratio: median distance of a generated picture to its nearest training picture, over that of test pictures.
        copies: share of generated pictures nearer to one than CLOSE of the test pictures are; CLOSE is expected.
    """

    ratio: float
    copies: float

    def to_json(self) -> dict[str, float]:
        """For a report."""
        return asdict(self)


def compare_features(generated: np.ndarray, real: np.ndarray, seed: int = 0) -> Distance:
    """Compare two sets of pictures by their features.

    All figures depend on the number of rows: compare equal numbers, with real pictures against real ones.

    Args:
        generated: float64, shape [pictures, size]; more than NEIGHBORS rows.
        real: likewise, [other pictures, size].
        seed: of the subsets.
    """
    kernel, error = kernel_distance(generated, real, seed)
    return Distance(frechet_distance(generated, real), kernel, error, *neighborhoods(generated, real))


def kernel_distance(one: np.ndarray, other: np.ndarray, seed: int = 0) -> tuple[float, float]:
    """Unbiased squared maximum mean discrepancy by the kernel (x · y / size + 1)³, over subsets.

    Returns:
        The mean, and its standard error.
    """
    rows = max(min(SUBSET_ROWS, len(one) // 2, len(other) // 2), 2)
    random = np.random.default_rng(seed)
    found = []
    for _ in range(SUBSETS):
        first, second = (each[random.choice(len(each), rows, replace=False)] for each in (one, other))
        within = sum((_kernel(each, each).sum() - np.trace(_kernel(each, each))) / (rows * (rows - 1))
                     for each in (first, second))  # fmt: skip
        found.append(within - 2.0 * _kernel(first, second).mean())
    return float(np.mean(found)), float(np.std(found, ddof=1) / np.sqrt(SUBSETS))


def neighborhoods(generated: np.ndarray, real: np.ndarray) -> tuple[float, float, float, float]:
    """Precision, recall, density and coverage by balls that reach to the NEIGHBORS-th neighbor."""
    real_radii, generated_radii = (np.sqrt(_smallest(each, each, NEIGHBORS + 1)[:, -1]) for each in (real, generated))
    inside = np.zeros(len(generated), int)  # of how many real balls
    is_recalled, is_covered = np.zeros(len(real), bool), np.zeros(len(real), bool)
    for start in range(0, len(real), BLOCK):
        part = slice(start, start + BLOCK)
        distances = np.sqrt(_squares(real[part], generated))
        within = distances <= real_radii[part, np.newaxis]
        inside += within.sum(axis=0)
        is_covered[part] = within.any(axis=1)
        is_recalled[part] = (distances <= generated_radii).any(axis=1)
    precision, density = (inside > 0).mean(), inside.mean() / NEIGHBORS
    return float(precision), float(is_recalled.mean()), float(density), float(is_covered.mean())


def memorization(generated: np.ndarray, train: np.ndarray, test: np.ndarray) -> Memorization:
    """Compare how near generated and test pictures are to training pictures, by features of shape [pictures, size]."""
    own, others = (np.sqrt(_smallest(each, train, 1)[:, 0]) for each in (generated, test))
    middle = float(np.median(others))
    ratio = float(np.median(own)) / middle if middle else 1.0
    return Memorization(ratio, float((own < np.quantile(others, CLOSE)).mean()))


def nearest(rows: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Number of the nearest of the others for each row, shape [rows]."""
    starts = range(0, len(rows), BLOCK)
    return np.concatenate([_squares(rows[start : start + BLOCK], others).argmin(axis=1) for start in starts])


def _smallest(rows: np.ndarray, others: np.ndarray, count: int) -> np.ndarray:
    """The smallest squared distances from each row to the others, in order, shape [rows, count]."""
    count = min(count, len(others))
    parts = []
    for start in range(0, len(rows), BLOCK):
        squares = _squares(rows[start : start + BLOCK], others)
        parts.append(np.sort(np.partition(squares, count - 1, axis=1)[:, :count], axis=1))
    return np.concatenate(parts)


def _squares(rows: np.ndarray, others: np.ndarray) -> np.ndarray:
    lengths = np.square(rows).sum(axis=1)[:, np.newaxis] + np.square(others).sum(axis=1)
    return np.maximum(lengths - 2.0 * rows @ others.T, 0.0)


def _kernel(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.asarray((one @ other.T / one.shape[1] + 1.0) ** 3)
