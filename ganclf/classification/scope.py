"""Which rows `in_scope` is ranked among: unlabeled texts that the game does not see, as in split conformal prediction.

The discriminator takes the rows that it was trained on for more real than fresh texts of the same kind. Ranked among
its training rows a fresh text would look out of scope far too often. The mean cosine to the nearest labeled rows has
no such gap.
"""

from __future__ import annotations

import numpy as np

from ganclf.data.rows import is_labeled

ASIDE_SHARE, MAX_ASIDE = 0.2, 500  # of the unlabeled rows, and rows: the 5 % quantile of 500 is right to one point
MIN_UNLABELED = 500  # fewer are all trained on: they are too few to give away a part, and a part could not tell 5 %
MIN_REFERENCE = 50  # unlabeled rows to rank among; with fewer the labeled ones are taken too
MAX_CELLS = 50_000_000  # probabilities of all rows for all classes, above which the game's rows are not copied


def rows_kept_aside(labels: np.ndarray, classes: int, seed: int) -> np.ndarray:
    """Choose unlabeled rows that are not trained on, so that fresh texts can be ranked among them.

    Args:
        labels: int, shape [n], or 0 and 1 per class, shape [n, classes]; UNLABELED where there is none.
        classes: how many.
        seed: of the choice.

    Returns:
        Sorted indices; none with fewer than MIN_UNLABELED unlabeled rows, or with very many classes.
    """
    unlabeled = np.flatnonzero(~is_labeled(labels))
    if len(unlabeled) < MIN_UNLABELED or len(labels) * classes > MAX_CELLS:
        return unlabeled[:0]
    count = min(MAX_ASIDE, int(ASIDE_SHARE * len(unlabeled)))
    return np.sort(np.random.default_rng(seed).choice(unlabeled, count, replace=False))


def reference_rows(labels: np.ndarray, aside: np.ndarray) -> np.ndarray:
    """Choose the rows that `in_scope` ranks among.

    Args:
        labels: as of `rows_kept_aside`.
        aside: what that returned.

    Returns:
        Indices: the rows kept aside; without such the unlabeled rows, since a labeled one is its own nearest example;
        with fewer than MIN_REFERENCE of these all rows.
    """
    if len(aside):
        return aside
    unlabeled = np.flatnonzero(~is_labeled(labels))
    return unlabeled if len(unlabeled) >= MIN_REFERENCE else np.arange(len(labels))
