"""What a glyph that no training text holds is read as: the known glyphs that it most looks like."""

from __future__ import annotations

import numpy as np

NEAREST = 8  # known glyphs that an unknown one is read as
SOFTNESS = 2.0  # squared distance, in pixels of full ink, over which a likeness falls to 1/e
ROWS_A_STEP = 1000  # unknown glyphs that are compared at once: bounds memory


def look_alikes(images: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find for each glyph whom it is read as: a known one as itself, another one as those that it may stand for.

    A known glyph counts by how often it stands in the texts times exp(-squared distance of the pictures / SOFTNESS).

    Args:
        images: uint8, shape [glyphs, height, width].
        counts: how often each stands in the training texts, shape [glyphs].
    Returns:
        Places, int32, and shares, float32, that sum to 1; both of shape [glyphs, NEAREST].
    """
    glyphs, known, unknown = len(counts), np.flatnonzero(counts > 0), np.flatnonzero(counts == 0)
    nearest = min(NEAREST, len(known))
    places = np.repeat(np.arange(glyphs, dtype=np.int32)[:, None], NEAREST, axis=1)
    shares = np.zeros((glyphs, NEAREST), np.float32)
    shares[:, 0] = 1.0
    if not nearest:
        return places, shares
    pixels = images.reshape(glyphs, -1).astype(np.float32) / 255.0
    lengths, usual = np.square(pixels).sum(axis=1), np.log(counts[known])
    for start in range(0, len(unknown), ROWS_A_STEP):
        asked = unknown[start : start + ROWS_A_STEP]
        distances = lengths[asked][:, None] + lengths[known] - 2.0 * pixels[asked] @ pixels[known].T
        likeness = usual - distances / SOFTNESS
        best = np.argpartition(-likeness, nearest - 1, axis=1)[:, :nearest]
        weights = np.take_along_axis(likeness, best, axis=1)
        weights = np.exp(weights - weights.max(axis=1, keepdims=True))
        places[asked, :nearest] = known[best]
        shares[asked, :nearest] = weights / weights.sum(axis=1, keepdims=True)
    return places, shares


def likest(places: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Place of the one that each glyph most likely stands for, int32, shape [glyphs]; arguments as found above."""
    return np.take_along_axis(places, shares.argmax(axis=1)[:, None], axis=1)[:, 0]
