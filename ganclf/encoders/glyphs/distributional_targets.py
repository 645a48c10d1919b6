"""Distributional targets: PPMI embeddings of glyphs, n-grams and texts, which the glyph networks learn to predict."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse
from sklearn.feature_extraction.text import TfidfTransformer

from ganclf.encoders.glyphs.char_ngrams import MAX_GLYPHS, count_glyph_ngrams
from ganclf.encoders.ngrams.cooccurrence import l2_normalized, ppmi_embeddings, sif_weighted
from ganclf.encoders.ngrams.tfidf import lsa_embeddings


@dataclass(frozen=True)
class DistributionalTargets:
    """Embeddings of unlabeled texts and their parts.

    Attributes:
        glyphs: ids of the glyphs that have a vector, int32, shape [n].
        vectors: of these glyphs, of unit length, float32, shape [n, size].
        counts: texts that hold each of them, shape [n].
        texts: of unit length, float32, shape [texts, size]; zeros for a text without any frequent n-gram.
        ngrams: hashes of n-grams, single glyphs among them, int64, ascending, shape [n-grams].
        rows: SIF-weighted vectors of n-grams, float32, shape [n-grams, size]; a text is their sum.
        lsa: vectors of n-grams by latent semantic analysis, float, shape [n-grams, LSA size].
    """

    glyphs: np.ndarray
    vectors: np.ndarray
    counts: np.ndarray
    texts: np.ndarray
    ngrams: np.ndarray
    rows: np.ndarray
    lsa: np.ndarray


def distributional_targets(
    glyph_ids: np.ndarray, lengths: np.ndarray, size: int, lsa_size: int, seed: int
) -> DistributionalTargets:
    """Compute the embeddings.

    Args:
        glyph_ids: one text after the other, int32, shape [characters].
        lengths: characters of each text, int, shape [texts].
        size: numbers per vector.
        lsa_size: numbers of latent semantic analysis; 0 for none.
        seed: of the SVD.
    """
    ngrams, occurrences = count_glyph_ngrams(glyph_ids, lengths)
    vectors = ppmi_embeddings(occurrences, size, seed)
    counts = np.asarray(occurrences.sum(axis=0)).ravel()
    rows = sif_weighted(occurrences, vectors, seed)
    texts = l2_normalized(np.asarray(occurrences @ rows)).astype(np.float32)
    single = (ngrams >= 0) & (ngrams < MAX_GLYPHS)
    glyphs = ngrams[single].astype(np.int32)
    lsa = _lsa(occurrences, lsa_size, seed)
    return DistributionalTargets(glyphs, vectors[single], counts[single], texts, ngrams, rows, lsa)


def _lsa(occurrences: scipy.sparse.csr_matrix, size: int, seed: int) -> np.ndarray:
    """Latent semantic analysis of n-grams, float, shape [n-grams, size]."""
    if not min(size, occurrences.shape[1]):
        return np.zeros((occurrences.shape[1], size))
    transformer = TfidfTransformer().fit(occurrences)
    return lsa_embeddings(transformer.transform(occurrences), transformer.idf_, size, seed)
