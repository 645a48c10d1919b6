"""Co-occurrence embeddings of words, learned from unlabeled texts.

Positive pointwise mutual information (PPMI) and a truncated SVD (Levy & Goldberg 2014). A text is the weighted mean of
its words without the component that all texts share: smooth inverse frequency (SIF, Arora et al. 2017).
"""

from __future__ import annotations

import numpy as np
import scipy.sparse
from sklearn.utils.extmath import randomized_svd

CONTEXT_SMOOTHING = 0.75  # exponent of a context's frequency (Levy et al. 2015)
SIF_SMOOTHING = 0.01  # a word with this document frequency has half of the weight
POWER_ITERATIONS = 3  # of the randomized SVD
MIN_DOCUMENT_FREQUENCY = 5  # texts that hold a word that gets an embedding; fewer where the texts are few
MAX_PAIRS = 100_000_000  # of two words in one text, about: bounds time and memory where texts are long


def most_frequent(
    document_frequency: np.ndarray, texts: int, max_words: int, min_frequency: int = MIN_DOCUMENT_FREQUENCY
) -> np.ndarray:
    """Return the indices of the most frequent words, ascending.

    Args:
        document_frequency: texts that hold each word, shape [words].
        texts: number of texts.
        max_words: words that are kept.
        min_frequency: texts that hold a word that is kept; fewer where the texts are few.
    """
    order = np.argsort(-document_frequency, kind="stable")[:max_words]
    return np.sort(order[document_frequency[order] >= min(min_frequency, 1 + texts // 2000)])


def ppmi_embeddings(occurrences: scipy.sparse.csr_matrix, size: int, seed: int) -> np.ndarray:
    """Factorize how much more often than by chance two words occur in the same text.

    Args:
        occurrences: 1 where a text holds a word, float32, shape [texts, words].
        size: numbers per vector.
        seed: of the SVD, and of the words that are kept where texts are too many or too long.

    Returns:
        float32 of unit length, shape [words, size]; zeros for a word that occurs alone.
    """
    pairs = _cooccurrences(_subsampled(occurrences, seed))
    totals = np.maximum(np.asarray(pairs.sum(axis=1)).ravel(), 1.0)
    contexts = totals**CONTEXT_SMOOTHING
    pairs = pairs.tocoo()
    information = np.log(pairs.data * contexts.sum() / (totals[pairs.row] * contexts[pairs.col]))
    positive = information > 0
    indices = pairs.row[positive], pairs.col[positive]
    matrix = scipy.sparse.csr_matrix((information[positive], indices), shape=pairs.shape)
    rank = min(size, *matrix.shape)
    if rank == 0 or matrix.nnz == 0:
        return np.zeros((matrix.shape[0], size), np.float32)
    left, singular_values, _ = randomized_svd(matrix, rank, n_iter=POWER_ITERATIONS, random_state=seed)
    return l2_normalized(np.pad(left * np.sqrt(singular_values), [(0, 0), (0, size - rank)])).astype(np.float32)


def sif_weighted(occurrences: scipy.sparse.csr_matrix, vectors: np.ndarray, seed: int) -> np.ndarray:
    """Weight words by smooth inverse frequency and remove the component that all texts share.

    Args:
        occurrences: as in `ppmi_embeddings`.
        vectors: of the words, shape [words, size].
        seed: of the SVD.

    Returns:
        float32, shape [words, size]; a text is the sum of its words' rows.
    """
    frequency = np.asarray(occurrences.mean(axis=0)).ravel()
    weighted = vectors * (SIF_SMOOTHING / (SIF_SMOOTHING + frequency))[:, None]
    _, _, right = randomized_svd(np.asarray(occurrences @ weighted), 1, random_state=seed)
    return (weighted - np.outer(weighted @ right[0], right[0])).astype(np.float32)


def l2_normalized(rows: np.ndarray) -> np.ndarray:
    """Scale rows to unit length; zeros stay zeros. Shape [n, size]."""
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)


def _cooccurrences(occurrences: scipy.sparse.csr_matrix) -> scipy.sparse.csr_matrix:
    pairs = (occurrences.T @ occurrences).tocsr()
    pairs.setdiag(0)
    pairs.eliminate_zeros()
    return pairs


def _subsampled(occurrences: scipy.sparse.csr_matrix, seed: int) -> scipy.sparse.csr_matrix:
    """Drop words of all texts at random where there are too many pairs: better than dropping texts as a whole."""
    pairs = np.sum(np.diff(occurrences.indptr).astype(np.float64) ** 2)
    if pairs <= MAX_PAIRS:
        return occurrences
    entries = occurrences.tocoo()
    kept = np.random.default_rng(seed).random(entries.nnz) < np.sqrt(MAX_PAIRS / pairs)
    return scipy.sparse.csr_matrix((entries.data[kept], (entries.row[kept], entries.col[kept])), shape=entries.shape)
