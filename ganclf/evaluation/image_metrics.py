"""How alike pictures are: one by one, and as distributions of small patches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from ganclf.evaluation.frechet import frechet_distance

INK = 0.5  # value beside which a pixel is ink or paper
SSIM_SIDE = 11  # pixels that SSIM joins, fewer in smaller pictures
PATCH = 5  # pixels of a patch's side
PATCHES = 200_000  # that are compared, at most; no more than there are


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


def patches(pictures: np.ndarray, seed: int = 0) -> np.ndarray:
    """Small squares of pictures from random places, those that are one flat color left out; [n, PATCH² · channels]."""
    random = np.random.default_rng(seed)
    count, height, width, channels = pictures.shape
    number = min(PATCHES, count * (height - PATCH + 1) * (width - PATCH + 1))
    rows = random.integers(0, count, number)
    tops, lefts = (random.integers(0, side - PATCH + 1, number) for side in (height, width))
    across = np.arange(PATCH)
    found = pictures[
        rows[:, None, None], tops[:, None, None] + across[:, None], lefts[:, None, None] + across[None, :]
    ].reshape(number, -1)
    varied = found[np.ptp(found, axis=1) > 1.0 / 255.0]
    return varied if len(varied) > PATCH**2 * channels + 1 else found


def patch_frechet(given: np.ndarray, real: np.ndarray) -> float:
    """Fréchet distance of patches: whether strokes and edges are drawn as in real pictures, wherever they are."""
    return frechet_distance(patches(given), patches(real))
