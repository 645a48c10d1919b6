"""What glyphs and texts mean, told from unlabelled texts alone: which glyphs and runs keep company in a text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.sparse

from ganclf.encoders.company import company_of, frequent, unit, weighted_company
from ganclf.glyphs.atlas import BLANK

MOST_GRAMS = 40_000  # glyphs and runs of neighbours, the most frequent ones
WIDEST = 4  # glyphs in a run
MOST_STARTS = 1_500_000  # of runs that are counted, at random: bounds memory where texts are long
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
    singles, occurrences = _count(places, lengths)
    vectors = company_of(occurrences, size, seed)
    counts = np.asarray(occurrences.sum(axis=0)).ravel()
    single = singles >= 0
    texts = unit(np.asarray(occurrences @ weighted_company(occurrences, vectors, seed)))
    return Meanings(singles[single].astype(np.int32), vectors[single], counts[single], texts.astype(np.float32))


def _count(places: np.ndarray, lengths: np.ndarray) -> tuple[np.ndarray, scipy.sparse.csr_matrix]:
    """Return the glyph that a frequent gram is, -1 where it is several, int [grams], and 1 where a text holds a gram.

    The second is float32, of shape [texts, grams].
    """
    rows = np.repeat(np.arange(len(lengths)), lengths)
    singles, where, which, total = [], [], [], 0
    for starts, numbers, glyphs in _grams(places, rows):
        singles.append(glyphs)
        where.append(rows[starts])
        which.append(total + numbers)
        total += len(glyphs)
    every, texts = np.concatenate(which), np.concatenate(where)
    kept = frequent(np.bincount(every, minlength=total), len(lengths), MOST_GRAMS)
    column = np.full(total, -1)
    column[kept] = np.arange(len(kept))
    there = column[every] >= 0
    ones = np.ones(there.sum(), np.float32)
    matrix = scipy.sparse.csr_matrix((ones, (texts[there], column[every][there])), shape=(len(lengths), len(kept)))
    matrix.data[:] = 1.0  # a gram that stands there twice counts once
    return np.concatenate(singles)[kept], matrix


def _grams(places: np.ndarray, rows: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yield for each width where its grams start, the number of each, and the glyph that each number is, or -1.

    A gram lies within one of the `rows` and holds no blank. What stands there once is not made longer: that would
    stand there once, too.
    """
    inked = places > BLANK
    starts = np.flatnonzero(inked)
    if len(starts) > MOST_STARTS:
        starts = np.sort(np.random.default_rng(0).choice(starts, MOST_STARTS, replace=False))
    numbers = np.zeros(len(starts), np.int64)
    for width in range(WIDEST):
        ends = np.minimum(starts + width, len(places) - 1)
        whole = (starts + width == ends) & inked[ends] & (rows[starts] == rows[ends])
        starts, keys = starts[whole], numbers[whole] * SPAN + places[ends[whole]]
        grams, numbers, counts = np.unique(keys, return_inverse=True, return_counts=True)
        yield starts, numbers, grams if width == 0 else np.full(len(grams), -1)
        again = counts[numbers] > 1
        starts, numbers = starts[again], numbers[again]
