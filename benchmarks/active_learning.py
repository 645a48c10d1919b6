"""Further labels for a draw: suggested by the game that was played on its first ones, or chosen at random."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from benchmarks.encoded import Encoded
from benchmarks.evaluation_splits import Draw, Field
from benchmarks.methods import Task, fit_game
from benchmarks.plan import EACH_CLASS, RANDOM, SUGGESTED, Planned
from benchmarks.variants import Variant
from ganclf.classification.active_learning import candidates, choose
from ganclf.errors import DataError

AFTER = 1  # sets the second choice's random numbers apart from those of the first


@dataclass(frozen=True)
class Choice:
    """What there is to choose from after the first labels.

    Attributes:
        encoded: all texts.
        draw: the first labels.
        free: places of the rows that can be labelled further, int; their texts are new.
        probabilities: of the game on the first labels, for each free row, shape [free, classes].
        per_class: rows to choose, as many as that for each class in sum.
        seed: of the choice.
    """

    encoded: Encoded
    draw: Draw
    free: np.ndarray
    probabilities: np.ndarray
    per_class: int
    seed: int

    @property
    def truth(self) -> np.ndarray:
        """The label of each free row."""
        return np.array([self.encoded.field.labels[place] for place in self.free])

    @property
    def count(self) -> int:
        """Rows to choose."""
        return self.per_class * len({label for label in self.draw.labels if label})


def at_random(choice: Choice) -> np.ndarray:
    """Any rows: what a user without a suggestion does."""
    return np.random.default_rng([choice.seed, AFTER]).choice(choice.free, choice.count, replace=False)


def at_random_in_each_class(choice: Choice) -> np.ndarray:
    """As many of every class: a choice that knows the labels before they are given."""
    generator, truth = np.random.default_rng([choice.seed, AFTER]), choice.truth
    parts = [choice.free[truth == name] for name in np.unique(truth)]
    return np.concatenate([generator.choice(part, choice.per_class, replace=False) for part in parts])


def suggested(choice: Choice) -> np.ndarray:
    """As `python -m ganclf.suggest` does."""
    features, draw = choice.encoded.features, choice.draw
    known = draw.rows[[label is not None for label in draw.labels]]
    places = choose(choice.probabilities, features[choice.free], features[known], choice.count, choice.seed)
    return choice.free[places]


WAYS: dict[str, Callable[[Choice], np.ndarray]] = {
    RANDOM: at_random,
    EACH_CLASS: at_random_in_each_class,
    SUGGESTED: suggested,
}


def draw_further(encoded: Encoded, planned: Planned) -> Draw:
    """Draw the first labels and add those of `planned.way`; asked are the rows that no way labels."""
    draw = encoded.field.draw(planned.labels, planned.seed)
    picks = _picks(encoded, replace(planned, method="", variant=Variant(), way=""))  # the same for all of these
    added = set(picks[planned.way].tolist())
    given = zip(draw.rows.tolist(), draw.labels, strict=True)
    labels = [encoded.field.labels[row] if row in added else label for row, label in given]
    kept = ~np.isin(draw.asked, np.concatenate(list(picks.values())))
    truth = [label for label, keep in zip(draw.truth, kept, strict=True) if keep]
    return Draw(draw.rows, labels, draw.asked[kept], truth)


@lru_cache(maxsize=1)
def _picks(encoded: Encoded, planned: Planned) -> dict[str, np.ndarray]:
    """The rows that each way labels: one game for all of them."""
    draw = encoded.field.draw(planned.labels, planned.seed)
    free = _free(encoded.field, draw, planned.more)
    classifier = fit_game(Task(encoded, draw, planned.game))
    probabilities = classifier.probabilities(encoded.features[free])
    choice = Choice(encoded, draw, free, probabilities, planned.more, planned.seed)
    return {name: way(choice) for name, way in WAYS.items()}


def _free(field: Field, draw: Draw, more: int) -> np.ndarray:
    """Places of the rows that can be labelled further."""
    new = draw.rows[candidates([field.texts[row] for row in draw.rows], draw.labels)]
    found = {row: label for row in new.tolist() if (label := field.labels[row])}
    fewest = min(Counter(found.values()).get(label, 0) for label in draw.labels if label)
    if fewest <= more:
        raise DataError(f"{field.name}: --suggest {more}: of a class {fewest} different rows are left. Ask for fewer.")
    return np.array(list(found))
