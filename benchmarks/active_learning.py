"""Further labels for a few-shot sample: suggested by the game trained on its first ones, or chosen at random."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from benchmarks.encoded import Encoded
from benchmarks.evaluation_splits import EvaluationSplit, FewShotSample
from benchmarks.methods import Trial, fit_game
from benchmarks.plan import RANDOM, STRATIFIED, SUGGESTED, PlannedCell
from benchmarks.variants import Variant
from ganclf.classification.active_learning import candidates, choose
from ganclf.errors import DataError

SECOND_ROUND = 1  # its random numbers differ from those of the first sample


@dataclass(frozen=True)
class QueryPool:
    """The rows that a query strategy chooses from.

    Attributes:
        encoded: all texts.
        sample: the first labels.
        pool: indices of the rows that can get further labels, int, shape [n]; no text is there twice.
        probabilities: of the game trained on the first labels, per row of the pool, shape [n, classes].
        per_class: rows to choose, on average per class.
        seed: of the choice.
    """

    encoded: Encoded
    sample: FewShotSample
    pool: np.ndarray
    probabilities: np.ndarray
    per_class: int
    seed: int

    @property
    def true_labels(self) -> np.ndarray:
        """The true label of each row of the pool."""
        return np.array([self.encoded.split.labels[i] for i in self.pool])

    @property
    def count(self) -> int:
        """Rows to choose."""
        return self.per_class * len({label for label in self.sample.train_labels if label})


def query_random(query: QueryPool) -> np.ndarray:
    """Any rows: what a user without a suggestion does."""
    return np.random.default_rng([query.seed, SECOND_ROUND]).choice(query.pool, query.count, replace=False)


def query_stratified(query: QueryPool) -> np.ndarray:
    """As many of every class: an oracle, since it needs the labels before they are given."""
    generator, labels = np.random.default_rng([query.seed, SECOND_ROUND]), query.true_labels
    parts = [query.pool[labels == name] for name in np.unique(labels)]
    return np.concatenate([generator.choice(part, query.per_class, replace=False) for part in parts])


def query_suggested(query: QueryPool) -> np.ndarray:
    """As `python -m ganclf.suggest` does."""
    features, sample = query.encoded.features, query.sample
    labeled_idx = sample.train_idx[[label is not None for label in sample.train_labels]]
    chosen = choose(query.probabilities, features[query.pool], features[labeled_idx], query.count, query.seed)
    return query.pool[chosen]


QUERY_STRATEGIES: dict[str, Callable[[QueryPool], np.ndarray]] = {
    RANDOM: query_random,
    STRATIFIED: query_stratified,
    SUGGESTED: query_suggested,
}


def sample_further_labels(encoded: Encoded, planned: PlannedCell) -> FewShotSample:
    """Sample the first labels and add those of `planned.strategy`; rows that no strategy labels are scored."""
    sample = encoded.split.sample(planned.labels, planned.seed)
    queried = _query(encoded, replace(planned, method="", variant=Variant(), strategy=""))  # the same for all
    added = set(queried[planned.strategy].tolist())
    given = zip(sample.train_idx.tolist(), sample.train_labels, strict=True)
    labels = [encoded.split.labels[row] if row in added else label for row, label in given]
    kept = ~np.isin(sample.test_idx, np.concatenate(list(queried.values())))
    test_labels = [label for label, keep in zip(sample.test_labels, kept, strict=True) if keep]
    return FewShotSample(sample.train_idx, labels, sample.test_idx[kept], test_labels)


@lru_cache(maxsize=1)
def _query(encoded: Encoded, planned: PlannedCell) -> dict[str, np.ndarray]:
    """The rows that each strategy labels: one game for all of them."""
    sample = encoded.split.sample(planned.labels, planned.seed)
    pool = _candidates(encoded.split, sample, planned.further_labels)
    classifier = fit_game(Trial(encoded, sample, planned.game))
    probabilities = classifier.probabilities(encoded.features[pool])
    query = QueryPool(encoded, sample, pool, probabilities, planned.further_labels, planned.seed)
    return {name: strategy(query) for name, strategy in QUERY_STRATEGIES.items()}


def _candidates(split: EvaluationSplit, sample: FewShotSample, per_class: int) -> np.ndarray:
    """Indices of the rows that can get further labels."""
    new = sample.train_idx[candidates([split.texts[row] for row in sample.train_idx], sample.train_labels)]
    found = {row: label for row in new.tolist() if (label := split.labels[row])}
    smallest = min(Counter(found.values()).get(label, 0) for label in sample.train_labels if label)
    if smallest <= per_class:
        raise DataError(
            f"{split.name}: --suggest {per_class}: one class has {smallest} different rows left. Ask for fewer."
        )
    return np.array(list(found))
