"""What words mean, told from unlabelled texts alone: which of them occur together in a text.

Positive pointwise mutual information and a truncated SVD (Levy & Goldberg 2014); a text is the weighted mean of its
words without the part that all texts share (Arora et al. 2017).
"""

from __future__ import annotations

import numpy as np
import scipy.sparse
from sklearn.utils.extmath import randomized_svd

SMOOTHING = 0.75  # exponent of a context's frequency (Levy et al. 2015)
RARE = 0.01  # share of the texts in which a word stands that weighs half
POWER_ITERATIONS = 3  # of the randomized SVD
LEAST_COUNT = 5  # texts that hold a word that has company; fewer where the texts are few
MOST_MEETINGS = 100_000_000  # of two words in one text, about: bounds time and memory where texts are long


def frequent(counts: np.ndarray, texts: int, most: int, least: int = LEAST_COUNT) -> np.ndarray:
    """Places of the `most` frequent words that are no rarities among so many texts, rising.

    Args:
        counts: texts that hold each word, shape [words].
        texts: how many there are.
        most: words that are kept.
        least: texts that hold a word that is kept; fewer where the texts are few.
    """
    order = np.argsort(-counts, kind="stable")[:most]
    return np.sort(order[counts[order] >= min(least, 1 + texts // 2000)])


def company_of(occurrences: scipy.sparse.csr_matrix, size: int, seed: int) -> np.ndarray:
    """Decompose how much more often than by chance two words meet.

    Args:
        occurrences: 1 where a text holds a word, float32, shape [texts, words].
        size: numbers of a vector.
        seed: of the SVD, and of the words that are read where texts are too many or too long.
    Returns:
        float32 of unit length, shape [words, size]; zeros for a word that meets none.
    """
    together = _meetings(_bounded(occurrences, seed))
    totals = np.maximum(np.asarray(together.sum(axis=1)).ravel(), 1.0)
    contexts = totals**SMOOTHING
    together = together.tocoo()
    information = np.log(together.data * contexts.sum() / (totals[together.row] * contexts[together.col]))
    positive = information > 0
    at = together.row[positive], together.col[positive]
    matrix = scipy.sparse.csr_matrix((information[positive], at), shape=together.shape)
    rank = min(size, *matrix.shape)
    if rank == 0 or matrix.nnz == 0:
        return np.zeros((matrix.shape[0], size), np.float32)
    left, strengths, _ = randomized_svd(matrix, rank, n_iter=POWER_ITERATIONS, random_state=seed)
    return unit(np.pad(left * np.sqrt(strengths), [(0, 0), (0, size - rank)])).astype(np.float32)


def weighted_company(occurrences: scipy.sparse.csr_matrix, vectors: np.ndarray, seed: int) -> np.ndarray:
    """What each word adds to its text: rare words weigh more, and the part that all texts share is out.

    Args:
        occurrences: as in `company_of`.
        vectors: of the words, shape [words, size].
        seed: of the SVD.
    Returns:
        float32, shape [words, size]; a text is the sum of its words' rows.
    """
    share = np.asarray(occurrences.mean(axis=0)).ravel()
    weighted = vectors * (RARE / (RARE + share))[:, None]
    _, _, right = randomized_svd(np.asarray(occurrences @ weighted), 1, random_state=seed)
    return (weighted - np.outer(weighted @ right[0], right[0])).astype(np.float32)


def unit(rows: np.ndarray) -> np.ndarray:
    """Rows of unit length, or zeros, shape [n, size]."""
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)


def _meetings(occurrences: scipy.sparse.csr_matrix) -> scipy.sparse.csr_matrix:
    together = (occurrences.T @ occurrences).tocsr()
    together.setdiag(0)
    together.eliminate_zeros()
    return together


def _bounded(occurrences: scipy.sparse.csr_matrix, seed: int) -> scipy.sparse.csr_matrix:
    """Leave out words of every text at random: two that meet in many texts tell more than all of a few texts."""
    meetings = np.sum(np.diff(occurrences.indptr).astype(np.float64) ** 2)
    if meetings <= MOST_MEETINGS:
        return occurrences
    read = occurrences.tocoo()
    kept = np.random.default_rng(seed).random(read.nnz) < np.sqrt(MOST_MEETINGS / meetings)
    return scipy.sparse.csr_matrix((read.data[kept], (read.row[kept], read.col[kept])), shape=read.shape)
