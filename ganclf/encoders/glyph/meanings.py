"""What glyphs and texts mean, told from unlabelled texts alone: which glyphs and pairs keep company in a text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse

from ganclf.encoders.company import company_of, frequent, unit, weighted_company
from ganclf.glyphs.atlas import BLANK

MOST_GRAMS = 12_000  # glyphs and pairs of neighbours, the most frequent ones
MOST_OCCURRENCES = 3_000_000  # of grams that are counted: bounds memory where texts are long
SPAN = 2**20  # more than there are places in an atlas


@dataclass(frozen=True)
class Meanings:
    """Vectors of unit length.

    Attributes:
        glyphs: places in the atlas that have a vector, int32, shape [n].
        vectors: float32, shape [n, size].
        counts: in how many texts each stands, shape [n].
        texts: float32, shape [texts, size]; zeros for a text without any frequent gram.
    """

    glyphs: np.ndarray
    vectors: np.ndarray
    counts: np.ndarray
    texts: np.ndarray


def find_meanings(places: np.ndarray, lengths: np.ndarray, size: int, seed: int) -> Meanings:
    """Learn from texts.

    Args:
        places: in the atlas, one text after the other, int32, shape [characters].
        lengths: characters of each text, int, shape [texts].
        size: numbers of a vector.
        seed: of the SVD.
    """
    grams, occurrences = _count(places, lengths)
    vectors = company_of(occurrences, size, seed)
    counts = np.asarray(occurrences.sum(axis=0)).ravel()
    single = grams < SPAN
    texts = unit(np.asarray(occurrences @ weighted_company(occurrences, vectors, seed)))
    return Meanings(grams[single].astype(np.int32), vectors[single], counts[single], texts.astype(np.float32))


def _count(places: np.ndarray, lengths: np.ndarray) -> tuple[np.ndarray, scipy.sparse.csr_matrix]:
    """Return the frequent grams, and 1 where a text holds one, float32, shape [texts, grams]."""
    rows = np.repeat(np.arange(len(lengths)), lengths)
    inked = places > BLANK
    pairs = inked[:-1] & inked[1:] & (rows[:-1] == rows[1:])
    keys = np.concatenate([places[inked], (places[:-1][pairs] + 1).astype(np.int64) * SPAN + places[1:][pairs]])
    where = np.concatenate([rows[inked], rows[:-1][pairs]])
    if len(keys) > MOST_OCCURRENCES:
        chosen = np.random.default_rng(0).choice(len(keys), MOST_OCCURRENCES, replace=False)
        keys, where = keys[chosen], where[chosen]
    grams, which, counts = np.unique(keys, return_inverse=True, return_counts=True)
    kept = frequent(counts, len(lengths), MOST_GRAMS)
    column = np.full(len(grams), -1)
    column[kept] = np.arange(len(kept))
    there = column[which] >= 0
    ones = np.ones(there.sum(), np.float32)
    matrix = scipy.sparse.csr_matrix((ones, (where[there], column[which][there])), shape=(len(lengths), len(kept)))
    matrix.data[:] = 1.0  # a gram that stands there twice counts once
    return grams[kept], matrix
