"""Encoded texts: features, and for a game on images also which glyphs each text is rendered with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

UNLABELED = -1  # in place of a class, in arrays of labels


def is_labeled(labels: np.ndarray) -> np.ndarray:
    """Which rows have labels.

    Args:
        labels: a class number per row, shape [n], or 0 and 1 per row and class, shape [n, classes]; UNLABELED where
            there is none, in the second case in the whole row.

    Returns:
        bool, shape [n].
    """
    return labels != UNLABELED if labels.ndim == 1 else labels[:, 0] != UNLABELED


@dataclass(frozen=True, eq=False)
class TextImages:
    """Images of n texts, kept as glyph ids; they are rendered batch by batch.

    Attributes:
        glyph_ids: the glyph of each character, int32, shape [n, characters].
        glyphs: uint8, 0 for paper and 255 for ink, shape [glyphs, side, side].
    """

    glyph_ids: np.ndarray
    glyphs: np.ndarray

    def __getitem__(self, idx: np.ndarray | slice) -> TextImages:
        return replace(self, glyph_ids=self.glyph_ids[idx])

    @property
    def pixels(self) -> int:
        """Pixels of each image."""
        return self.glyph_ids.shape[1] * self.glyphs[0].size


@dataclass(frozen=True, eq=False)
class View:
    """n texts as one encoder sees them: what one teacher learns from.

    Attributes:
        name: of the encoder.
        features: float32, shape [n, size]; a part of the features that are served, or of an encoder that only teaches.
        encode: further texts → the same space, float32, shape [m, size], where the encoder knows what words mean, so
            that names of classes can be encoded; else None.
        columns: which columns of the served features these are; None for an encoder that only teaches.
    """

    name: str
    features: np.ndarray
    encode: Callable[[Sequence[str]], np.ndarray] | None = None
    columns: slice | None = None

    def of_rows(self, features: np.ndarray, idx: np.ndarray | slice) -> View:
        """The view of some rows, whose served features are `features`: they are not copied once more."""
        part = self.features[idx] if self.columns is None else features[:, self.columns]
        return replace(self, features=part)


@dataclass(frozen=True, eq=False)
class EncodedTexts:
    """n texts as numbers.

    Attributes:
        features: what linear models learn from, and a game on features, float32, shape [n, size].
        images: what a game on images learns from; None in a game on features.
        views: of several encoders, served or not; empty: the features are the only one.
        name_templates: into which names of classes are written, in the language of the texts; empty: not known.
    """

    features: np.ndarray
    images: TextImages | None = None
    views: tuple[View, ...] = ()
    name_templates: tuple[str, ...] = ()

    @classmethod
    def of(cls, rows: EncodedTexts | np.ndarray) -> EncodedTexts:
        """Wrap features, shape [n, size]; encoded texts stay as they are."""
        return rows if isinstance(rows, EncodedTexts) else cls(np.asarray(rows))

    def __len__(self) -> int:
        return len(self.features)

    def __getitem__(self, idx: np.ndarray | slice) -> EncodedTexts:
        features = self.features[idx]
        views = tuple(view.of_rows(features, idx) for view in self.views)
        return replace(self, features=features, images=self.images[idx] if self.images else None, views=views)

    @property
    def input_size(self) -> int:
        """Length of the rows that the game is played on: features or pixels."""
        return self.images.pixels if self.images else self.features.shape[1]
