"""How alike pictures are: one by one, and as distributions of small patches and of features."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import tensorflow as tf

INK = 0.5  # value beside which a pixel is ink or paper
SSIM_SIDE = 11  # pixels that SSIM joins, fewer in smaller pictures
PATCH = 5  # pixels of a patch's side
PATCHES = 200_000  # that are compared, at most


@dataclass(frozen=True)
class Likeness:
    """Means over pairs of pictures.

    Attributes:
        psnr: peak signal-to-noise ratio in dB, the mean of each picture's.
        ssim: structural similarity (Wang et al. 2004), as TensorFlow computes it.
        l1: mean difference of a value from 0 to 1.
        iou: of the darker, or the brighter, half of the values, whichever is rarer in the true pictures.
    """

    psnr: float
    ssim: float
    l1: float
    iou: float


def likeness(given: np.ndarray, true: np.ndarray) -> Likeness:
    """Compare pictures with the true ones; float32 from 0 to 1, shape [pictures, height, width, channels]."""
    psnr, ssim, l1, iou = [], [], [], []
    ink_is_bright = float(true.mean()) < INK
    side = min(SSIM_SIDE, *true.shape[1:3])
    for start in range(0, len(true), 256):
        one, other = (tf.constant(each[start : start + 256], tf.float32) for each in (given, true))
        errors = tf.reduce_mean(tf.square(one - other), axis=[1, 2, 3]).numpy()
        psnr.append(-10.0 * np.log10(np.maximum(errors, 1e-10)))
        ssim.append(tf.image.ssim(one, other, 1.0, filter_size=side).numpy())
        l1.append(tf.reduce_mean(tf.abs(one - other), axis=[1, 2, 3]).numpy())
        inks = [(each.numpy().mean(axis=3) > INK) == ink_is_bright for each in (one, other)]
        both, either = (op(*inks).sum(axis=(1, 2)) for op in (np.logical_and, np.logical_or))
        iou.append(np.where(either > 0, both / np.maximum(either, 1), 1.0))
    return Likeness(*(float(np.concatenate(values).mean()) for values in (psnr, ssim, l1, iou)))


def frechet_distance(given: np.ndarray, real: np.ndarray) -> float:
    """Of two Gaussians with the mean and covariance of the rows (Dowson & Landau 1982); shapes [n, features]."""
    from scipy import linalg

    means = given.mean(axis=0) - real.mean(axis=0)
    one, other = (np.atleast_2d(np.cov(rows, rowvar=False)) for rows in (given, real))
    root = linalg.sqrtm(one @ other + 1e-10 * np.eye(len(one)))
    return float(max(means @ means + np.trace(one + other - 2.0 * np.real(root)), 0.0))


def kernel_distance(given: np.ndarray, real: np.ndarray, subsets: int = 50, size: int = 200, seed: int = 0) -> tuple[
    float, float
]:  # fmt: skip
    """Squared maximum mean discrepancy of a cubic kernel (Binkowski et al. 2018): mean of subsets, standard error."""
    random = np.random.default_rng(seed)
    size = min(size, len(given), len(real))
    values = []
    for _ in range(subsets):
        one, other = (rows[random.choice(len(rows), size, replace=False)] for rows in (given, real))
        within = [_kernel(rows, rows) for rows in (one, other)]
        unbiased = [(kernel.sum() - np.trace(kernel)) / (size * (size - 1)) for kernel in within]
        values.append(sum(unbiased) - 2.0 * _kernel(one, other).mean())
    return float(np.mean(values)), float(np.std(values, ddof=1) / np.sqrt(subsets))


@dataclass(frozen=True)
class Coverage:
    """How well generated rows cover real ones, by the distance to the kth nearest row of the same kind.

    Attributes:
        precision: share of generated rows that lie among real ones (Kynkaanniemi et al. 2019).
        recall: share of real rows that lie among generated ones.
        density: how many real balls hold a generated row, over k (Naeem et al. 2020).
        coverage: share of real rows with a generated one in their ball.
    """

    precision: float
    recall: float
    density: float
    coverage: float


def coverage(given: np.ndarray, real: np.ndarray, neighbors: int = 5) -> Coverage:
    """Compare two sets of features, shapes [n, features] and [m, features]; some thousands of each."""
    cross = _distances(given, real)
    radius_given, radius_real = (
        np.sort(_distances(rows, rows), axis=1)[:, min(neighbors, len(rows) - 1)] for rows in (given, real)
    )
    inside = cross <= radius_real
    return Coverage(
        precision=float(inside.any(axis=1).mean()),
        recall=float((cross <= radius_given[:, np.newaxis]).any(axis=0).mean()),
        density=float(inside.sum(axis=1).mean() / neighbors),
        coverage=float((cross.min(axis=0) <= radius_real).mean()),
    )


def nearest_distances(given: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Euclidean distance of each row to its nearest one among the known, shape [n]."""
    found = [_distances(given[start : start + 500], known).min(axis=1) for start in range(0, len(given), 500)]
    return np.concatenate([np.zeros(0), *found])


def patches(pictures: np.ndarray, seed: int = 0) -> np.ndarray:
    """Small squares of pictures from random places, those that are one flat color left out; [n, PATCH² · channels]."""
    random = np.random.default_rng(seed)
    count, height, width, channels = pictures.shape
    rows = random.integers(0, count, PATCHES)
    tops, lefts = (random.integers(0, side - PATCH + 1, PATCHES) for side in (height, width))
    across = np.arange(PATCH)
    found = pictures[
        rows[:, None, None], tops[:, None, None] + across[:, None], lefts[:, None, None] + across[None, :]
    ].reshape(PATCHES, -1)
    varied = found[np.ptp(found, axis=1) > 1.0 / 255.0]
    return varied if len(varied) > PATCH**2 * channels + 1 else found


def patch_frechet(given: np.ndarray, real: np.ndarray) -> float:
    """Fréchet distance of patches: whether strokes and edges are drawn as in real pictures, wherever they are."""
    return frechet_distance(patches(given), patches(real))


def _kernel(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return (one @ other.T / one.shape[1] + 1.0) ** 3


def _distances(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    squares = (one**2).sum(axis=1)[:, np.newaxis] + (other**2).sum(axis=1) - 2.0 * one @ other.T
    return np.sqrt(np.maximum(squares, 0.0))
