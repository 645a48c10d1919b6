"""What glyphs and texts mean, told from unlabelled texts alone: which glyphs and runs keep company in a text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.sparse
from sklearn.feature_extraction.text import TfidfTransformer

from ganclf.encoders.glyphs.char_ngrams import SPAN, WIDEST, longer
from ganclf.encoders.ngrams.cooccurrence import company_of, frequent, unit, weighted_company
from ganclf.encoders.ngrams.tfidf import latent_rows
from ganclf.rendering.atlas import BLANK

MOST_RUNS = 150_000  # glyphs and runs of neighbours, the most frequent ones
LEAST_COUNT = 3  # texts that hold a run; fewer where the texts are few
MOST_STARTS = 1_500_000  # of runs that are counted, at random: bounds memory where texts are long


@dataclass(frozen=True)
class Meanings:
    """What was learned of glyphs, runs and texts.

    Attributes:
        glyphs: places in the atlas that have a vector, int32, shape [n].
        vectors: theirs, of unit length, float32, shape [n, size].
        counts: in how many texts each stands, shape [n].
        texts: of unit length, float32, shape [texts, size]; zeros for a text without any frequent run.
        runs: keys of glyphs and runs, int64, rising, shape [runs].
        rows: what each adds to a text, float32, shape [runs, size].
        latent: likewise, to tell which runs stand in it, float, shape [runs, latent size].
    """

    glyphs: np.ndarray
    vectors: np.ndarray
    counts: np.ndarray
    texts: np.ndarray
    runs: np.ndarray
    rows: np.ndarray
    latent: np.ndarray


def find_meanings(places: np.ndarray, lengths: np.ndarray, size: int, latent: int, seed: int) -> Meanings:
    """Learn from texts.

    Args:
        places: in the atlas, one text after the other, int32, shape [characters].
        lengths: characters of each text, int, shape [texts].
        size: numbers of a vector.
        latent: numbers of latent semantic analysis; 0 for none.
        seed: of the SVD.
    """
    runs, occurrences = _count(places, lengths)
    vectors = company_of(occurrences, size, seed)
    counts = np.asarray(occurrences.sum(axis=0)).ravel()
    rows = weighted_company(occurrences, vectors, seed)
    texts = unit(np.asarray(occurrences @ rows)).astype(np.float32)
    single = (runs >= 0) & (runs < SPAN)
    singles = runs[single].astype(np.int32), vectors[single], counts[single]
    return Meanings(*singles, texts, runs, rows, _latent(occurrences, latent, seed))


def _latent(occurrences: scipy.sparse.csr_matrix, size: int, seed: int) -> np.ndarray:
    """What a run adds to a text's latent semantic analysis, float, shape [runs, size]."""
    if not min(size, occurrences.shape[1]):
        return np.zeros((occurrences.shape[1], size))
    weights = TfidfTransformer().fit(occurrences)
    return latent_rows(weights.transform(occurrences), weights.idf_, size, seed)


def _count(places: np.ndarray, lengths: np.ndarray) -> tuple[np.ndarray, scipy.sparse.csr_matrix]:
    """Return the keys of the frequent runs, int64, rising, [runs], and 1 where a text holds a run.

    The second is float32, of shape [texts, runs].
    """
    rows = np.repeat(np.arange(len(lengths)), lengths)
    starts, keys = (np.concatenate(each) for each in zip(*_runs(places, rows), strict=True))
    runs, which, counts = np.unique(keys, return_inverse=True, return_counts=True)
    kept = frequent(counts, len(lengths), MOST_RUNS, LEAST_COUNT)
    column = np.full(len(runs), -1)
    column[kept] = np.arange(len(kept))
    there = column[which] >= 0
    ones = np.ones(there.sum(), np.float32)
    at = rows[starts[there]], column[which][there]
    matrix = scipy.sparse.csr_matrix((ones, at), shape=(len(lengths), len(kept)))
    matrix.data[:] = 1.0  # a run that stands there twice counts once
    return runs[kept], matrix


def _runs(places: np.ndarray, rows: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield for each width where its runs start, and their keys, int64.

    A run lies within one of the `rows` and holds no blank. What stands there once is not made longer: that would
    stand there once, too.
    """
    inked = places > BLANK
    starts = np.flatnonzero(inked)
    if len(starts) > MOST_STARTS:
        starts = np.sort(np.random.default_rng(0).choice(starts, MOST_STARTS, replace=False))
    keys = np.zeros(len(starts), np.int64)
    for width in range(WIDEST):
        ends = np.minimum(starts + width, len(places) - 1)
        whole = (starts + width == ends) & inked[ends] & (rows[starts] == rows[ends])
        starts, keys = starts[whole], longer(keys[whole], places[ends[whole]])
        yield starts, keys
        _, numbers, counts = np.unique(keys, return_inverse=True, return_counts=True)
        again = counts[numbers] > 1
        starts, keys = starts[again], keys[again]
