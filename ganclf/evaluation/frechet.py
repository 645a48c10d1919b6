"""The Fréchet distance of features: whether generated rows are spread as real ones are."""

from __future__ import annotations

import numpy as np


def frechet_distance(first: np.ndarray, second: np.ndarray) -> float:
    """Squared Fréchet distance of normal distributions with the moments of features (Dowson & Landau 1982).

    The trace of the root of the product of covariances is the sum of singular values of the product of their factors,
    which are the centered rows themselves: no root of a matrix that is not symmetric, no complex numbers, and equal
    whichever comes first. It is biased upward with few rows: compare it at equal numbers, with `frechet_floor`.

    Args:
        first: features, shape [rows, size], 2 rows or more.
        second: features, shape [other rows, size], 2 rows or more.
    """
    one, other = (_features(features) for features in (first, second))
    if one.shape[1] != other.shape[1]:
        raise ValueError(f"features have sizes {one.shape[1]} and {other.shape[1]}. Give those of one encoder.")
    difference = one.mean(axis=0) - other.mean(axis=0)
    factors = [_factor(features) for features in (one, other)]
    overlap = np.linalg.svd(factors[0] @ factors[1].T, compute_uv=False).sum()
    spread = sum(float(np.square(factor).sum()) for factor in factors)
    return max(float(difference @ difference) + spread - 2.0 * float(overlap), 0.0)


def frechet_floor(real: np.ndarray, rows: int, seed: int) -> float:
    """What `frechet_distance` gives for real rows against as many other real rows, drawn without replacement.

    Args:
        real: features, shape [all rows, size].
        rows: of each of the two parts.
        seed: of the draw.
    """
    if 2 * rows > len(real):
        raise ValueError(f"two parts of {rows} rows are more than {len(real)}. Ask for {len(real) // 2} or fewer.")
    order = np.random.default_rng(seed).permutation(len(real))
    return frechet_distance(real[order[:rows]], real[order[rows : 2 * rows]])


def _features(features: np.ndarray) -> np.ndarray:
    features = np.asarray(features, np.float64)
    if features.ndim != 2 or len(features) < 2:
        raise ValueError(f"features have the shape {features.shape}. Give a matrix of 2 rows or more.")
    if not np.isfinite(features).all():
        raise ValueError("features are not finite. Leave out the rows with NaN or infinity.")
    return features


def _factor(features: np.ndarray) -> np.ndarray:
    """A matrix whose product with itself, transposed first, is the covariance; at most as many rows as columns."""
    centered = (features - features.mean(axis=0)) / np.sqrt(len(features) - 1)
    return centered if len(centered) <= centered.shape[1] else np.asarray(np.linalg.qr(centered, mode="r"))
