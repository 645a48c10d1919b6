"""Which rows to label next: a typical one from each of many clusters, those first of which the model is unsure.

Clusters and typical rows as in TypiClust (Hacohen et al. 2022); here rows of which the model is unsure count up to
double, and every class is given as many. The most uncertain rows themselves are odd ones: with few labels they cost
more than they teach.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.neighbors import NearestNeighbors
from threadpoolctl import threadpool_limits

MOST_ROWS = 20_000  # that are clustered; of more, a random part: bounds time
MOST_CLUSTERS = 500  # with more labels than that a cluster gives several rows
NEIGHBOURS = 20  # whose distance tells how typical a row is


def candidates(texts: Sequence[str], labels: Sequence[str | None]) -> np.ndarray:
    """Return the places of the texts that can be suggested, int, sorted, shape [candidates].

    They have no label, are not empty, and stand nowhere else: of equal texts the first counts, and none if one of them
    has a label. Texts are compared without the space around them.
    """
    keys = [text.strip() for text in texts]
    taken = {key for key, label in zip(keys, labels, strict=True) if label} | {""}
    first = {key: place for place, key in reversed(list(enumerate(keys)))}
    return np.array(sorted(place for key, place in first.items() if key not in taken), dtype=int)


def uncertainty(probabilities: np.ndarray) -> np.ndarray:
    """Return 1 minus the margin between the two likeliest classes (Scheffer et al. 2001), from 0 to 1, shape [n].

    Args:
        probabilities: shape [n, classes], two classes or more.
    """
    second, first = np.partition(probabilities, -2, axis=1)[:, -2:].T
    return 1.0 - (first - second)


def choose(probabilities: np.ndarray, features: np.ndarray, labelled: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Choose rows that are worth a label: from uncertain clusters without one, the most typical row of each.

    Every class that the model sees is given as many rows, where it has them: labels of mostly one or two classes spoil
    the shares of the classes that are learned from them.

    Args:
        probabilities: of the n rows that can be chosen, shape [n, classes].
        features: of these rows, shape [n, size].
        labelled: features of the rows that have a label, shape [m, size].
        count: rows wanted; with fewer than that, all are chosen.
        seed: of the clusters.
    Returns:
        Different places from 0 to n - 1, the most valuable first, int, shape [min(count, n)].
    """
    part = _part(len(features), max(MOST_ROWS, count), seed)
    clusters, taken = _cluster(features[part], labelled, count, seed)
    weight = np.bincount(clusters, 1.0 + uncertainty(probabilities[part]), minlength=len(taken))
    guess, given = probabilities[part].argmax(axis=1), np.zeros(probabilities.shape[1], int)
    rows = {each: _most_typical_first(features[part], np.flatnonzero(clusters == each)) for each in np.unique(clusters)}
    chosen: list[int] = []
    while len(chosen) < min(count, len(part)):
        best = min(rows, key=lambda each: (given[guess[rows[each][0]]], taken[each], -weight[each]))
        chosen.append(rows[best].pop(0))
        taken[best] += 1
        given[guess[chosen[-1]]] += 1
        if not rows[best]:
            del rows[best]
    return part[np.array(chosen, dtype=int)]


def _part(rows: int, most: int, seed: int) -> np.ndarray:
    """All places, or `most` of them at random."""
    return np.arange(rows) if rows <= most else np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))


def _cluster(features: np.ndarray, labelled: np.ndarray, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the cluster of each row, and how many labelled rows each cluster has."""
    together = np.concatenate([features, labelled])
    clusters = min(count + len(labelled), len(together), MOST_CLUSTERS)
    # threads add up in any order, and the choice would not repeat exactly
    with threadpool_limits(1, "openmp"), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer different rows than clusters
        found = KMeans(clusters, n_init=1, random_state=seed).fit(together).labels_
    return found[: len(features)], np.bincount(found[len(features) :], minlength=clusters)


def _most_typical_first(features: np.ndarray, places: np.ndarray) -> list[int]:
    """Sort the rows of a cluster by their mean distance to the nearest others in it."""
    neighbours = min(NEIGHBOURS, len(places) - 1)
    if not neighbours:
        return places.tolist()
    search = NearestNeighbors(n_neighbors=neighbours, algorithm="brute").fit(features[places])
    return places[np.argsort(search.kneighbors()[0].mean(axis=1), kind="stable")].tolist()
