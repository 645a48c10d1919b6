"""Which texts to label next: a typical one from each of many clusters, uncertain clusters first.

Clusters and typical rows as in TypiClust (Hacohen et al. 2022). Here, too, uncertain rows count up to double, and all
predicted classes get the same number. The most uncertain rows themselves are outliers: with few labels they harm.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.neighbors import NearestNeighbors
from threadpoolctl import threadpool_limits

MAX_ROWS = 20_000  # that are clustered; of more, a random part: bounds time
MAX_CLUSTERS = 500  # with more labels than that a cluster gives several rows
NEIGHBORS = 20  # a row is typical whose nearest neighbors are near


def candidates(texts: Sequence[str], labels: Sequence[str | None]) -> np.ndarray:
    """Return the indices of texts that can be suggested, int, sorted, shape [candidates].

    They have no label and are not empty. Of equal texts the first counts, and none if one of them has a label. Texts
    are compared without the space around them.
    """
    keys = [text.strip() for text in texts]
    excluded = {key for key, label in zip(keys, labels, strict=True) if label} | {""}
    first = {key: i for i, key in reversed(list(enumerate(keys)))}
    return np.array(sorted(i for key, i in first.items() if key not in excluded), dtype=int)


def uncertainty(probabilities: np.ndarray) -> np.ndarray:
    """Return 1 minus the margin between the two most likely classes (Scheffer et al. 2001), from 0 to 1, shape [n].

    Args:
        probabilities: shape [n, classes], two classes or more.
    """
    second, first = np.partition(probabilities, -2, axis=1)[:, -2:].T
    return 1.0 - (first - second)


def threshold_uncertainty(probabilities: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """Return how near the most doubtful class of each text is to its threshold, from 0 to 1, shape [n].

    For models of several labels per text: the minimum over the classes, as in Brinker 2006.

    Args:
        probabilities: independent ones, shape [n, classes].
        thresholds: from which a text has a label, shape [classes].
    """
    spans = np.where(probabilities >= thresholds, 1.0 - thresholds, thresholds)
    return 1.0 - (np.abs(probabilities - thresholds) / np.maximum(spans, 1e-6)).min(axis=1)


def choose(
    probabilities: np.ndarray,
    features: np.ndarray,
    labeled: np.ndarray,
    count: int,
    seed: int,
    thresholds: np.ndarray | None = None,
) -> np.ndarray:
    """Choose rows to label: from uncertain clusters without a labeled row, the most typical row of each.

    The predicted classes take turns, as long as they have rows: labels of mostly one or two classes would bias the
    class priors that are learned from them.

    Args:
        probabilities: of the n candidates, shape [n, classes].
        features: of the candidates, shape [n, size].
        labeled: features of the labeled rows, shape [m, size].
        count: number of rows; with fewer candidates, all are chosen.
        seed: of the clusters.
        thresholds: of a model of several labels per text, shape [classes].

    Returns:
        Different indices from 0 to n - 1, the most valuable first, int, shape [min(count, n)].
    """
    sample = _sample(len(features), max(MAX_ROWS, count), seed)
    clusters, taken = _cluster(features[sample], labeled, count, seed)
    doubt = (
        uncertainty(probabilities[sample])
        if thresholds is None
        else threshold_uncertainty(probabilities[sample], thresholds)
    )
    weight = np.bincount(clusters, 1.0 + doubt, minlength=len(taken))
    predicted, chosen_per_class = probabilities[sample].argmax(axis=1), np.zeros(probabilities.shape[1], int)
    rows = {
        cluster: _most_typical_first(features[sample], np.flatnonzero(clusters == cluster))
        for cluster in np.unique(clusters)
    }
    chosen: list[int] = []
    while len(chosen) < min(count, len(sample)):
        best = min(rows, key=lambda c: (chosen_per_class[predicted[rows[c][0]]], taken[c], -weight[c]))
        chosen.append(rows[best].pop(0))
        taken[best] += 1
        chosen_per_class[predicted[chosen[-1]]] += 1
        if not rows[best]:
            del rows[best]
    return sample[np.array(chosen, dtype=int)]


def _sample(rows: int, max_rows: int, seed: int) -> np.ndarray:
    """All indices, or `max_rows` of them at random."""
    if rows <= max_rows:
        return np.arange(rows)
    return np.sort(np.random.default_rng(seed).choice(rows, max_rows, replace=False))


def _cluster(features: np.ndarray, labeled: np.ndarray, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the cluster of each row, and the number of labeled rows in each cluster."""
    joined = np.concatenate([features, labeled])
    clusters = min(count + len(labeled), len(joined), MAX_CLUSTERS)
    # threads add up in any order, and the choice would not repeat exactly
    with threadpool_limits(1, "openmp"), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer different rows than clusters
        found = KMeans(clusters, n_init=1, random_state=seed).fit(joined).labels_
    return found[: len(features)], np.bincount(found[len(features) :], minlength=clusters)


def _most_typical_first(features: np.ndarray, idx: np.ndarray) -> list[int]:
    """Sort the rows of a cluster by their mean distance to their nearest neighbors in it."""
    neighbors = min(NEIGHBORS, len(idx) - 1)
    if not neighbors:
        return idx.tolist()
    search = NearestNeighbors(n_neighbors=neighbors, algorithm="brute").fit(features[idx])
    return idx[np.argsort(search.kneighbors()[0].mean(axis=1), kind="stable")].tolist()
