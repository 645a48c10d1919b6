"""Encoded texts: features, and in the game in pixels also where the pictures of their characters stand."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

UNLABELED = -1  # in place of a class, in arrays of labels


@dataclass(frozen=True, eq=False)
class PictureRows:
    """Texts as features, for simple models, and as pictures, on which the game is played. They are drawn when needed.

    Attributes:
        features: float32, shape [n, size].
        places: of each character's picture among `glyphs`, int32, shape [n, characters].
        glyphs: uint8, 0 for paper and 255 for ink, shape [glyphs, side, side].
    """

    features: np.ndarray
    places: np.ndarray
    glyphs: np.ndarray

    def __len__(self) -> int:
        return len(self.features)

    def __getitem__(self, chosen: np.ndarray | slice) -> PictureRows:
        return replace(self, features=self.features[chosen], places=self.places[chosen])

    @property
    def shape(self) -> tuple[int, int]:
        """Rows, and pixels of each picture."""
        return len(self), self.places.shape[1] * self.glyphs[0].size


EncodedRows = np.ndarray | PictureRows  # features alone are an array, shape [n, size]


def features_of(rows: EncodedRows) -> np.ndarray:
    """What simple models look at, float32, shape [n, size]."""
    return rows.features if isinstance(rows, PictureRows) else rows
