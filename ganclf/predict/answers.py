"""What a model answers for a batch of texts, and the columns that it becomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ganclf.contract import IN_SCOPE, LABEL, LABELS, PROBABILITIES

if TYPE_CHECKING:  # --help answers at once
    import numpy as np

PROBABILITY = "probability"
PROBABILITY_DIGITS, SCOPE_DIGITS = 6, 4
JOINT = "|"  # between several labels of a text in a cell


@dataclass(frozen=True)
class Answers:
    """The answers for n texts.

    Attributes:
        classes: k names.
        probabilities: float32, shape [n, k].
        in_scope: float32, shape [n]; None: the model has no such score.
        chosen: which classes a text has, bool, shape [n, k]; None: the model gives one label a text.
    """

    classes: Sequence[str]
    probabilities: np.ndarray
    in_scope: np.ndarray | None = None
    chosen: np.ndarray | None = None


@dataclass(frozen=True, kw_only=True)
class AnswerForm:
    """Which columns answers have, and when a label is left out.

    Attributes:
        scope: whether there are in-scope scores.
        multi_label: whether a text can have several labels.
        as_objects: whether several labels and all probabilities are lists and objects, as JSON has them, or cells.
        top_k: the most probable classes that are named, no more than there are; 0: one, and in objects all.
        abstain_below: no label whose probability is lower.
        scope_below: no label where the in-scope score is lower.
    """

    scope: bool
    multi_label: bool
    as_objects: bool
    top_k: int = 0
    abstain_below: float = 0.0
    scope_below: float = 0.0

    def names(self) -> list[str]:
        """The columns, in order."""
        names = [LABEL, PROBABILITY]
        if self.multi_label:
            names = [LABELS] if self.as_objects else [LABELS, PROBABILITIES]
        names += [IN_SCOPE] if self.scope else []
        if self.as_objects:
            return [*names, PROBABILITIES]
        first = 1 if self.multi_label else 2  # the first is the label itself
        ranks = range(first, self.top_k + 1)
        return names + [f"{name}_{rank}" for rank in ranks for name in (LABEL, PROBABILITY)]

    def digits(self, name: str) -> int | None:
        """After the point, of a column of fractions; None for others."""
        if name == IN_SCOPE:
            return SCOPE_DIGITS
        return PROBABILITY_DIGITS if name.startswith(PROBABILITY) else None

    def values(self, answers: Answers) -> dict[str, list[Any]]:
        """The values of each column, n of each."""
        import numpy as np

        count = len(answers.classes)
        ranked = min(self.top_k or (count if self.as_objects else 1), count)
        order = _most_probable(answers.probabilities, ranked)
        sure = np.take_along_axis(answers.probabilities, order, axis=1).astype(float).round(PROBABILITY_DIGITS)
        names = np.array(answers.classes, dtype=object)[order]
        values = self._labels(answers, names, sure)
        if self.scope:
            values[IN_SCOPE] = _or_none(answers.in_scope, len(order))
        if self.as_objects:
            pairs = zip(names.tolist(), sure.tolist(), strict=True)
            values[PROBABILITIES] = [dict(zip(*pair, strict=True)) for pair in pairs]
        for rank in range(ranked):
            values[f"{LABEL}_{rank + 1}"] = names[:, rank].tolist()
            values[f"{PROBABILITY}_{rank + 1}"] = sure[:, rank].tolist()
        empty: list[Any] = [None] * len(order)
        return {name: values.get(name, empty) for name in self.names()}  # None: a server's next model has fewer

    def _labels(self, answers: Answers, names: np.ndarray, sure: np.ndarray) -> dict[str, list[Any]]:
        import numpy as np

        in_scope = np.ones(len(names), bool)
        if answers.in_scope is not None:
            in_scope = ~(answers.in_scope < self.scope_below)  # a score that is missing is not below
        if not self.multi_label:
            kept = in_scope & ~(answers.probabilities.max(axis=1) < self.abstain_below)
            labels = [label if each else None for label, each in zip(names[:, 0], kept, strict=True)]
            return {LABEL: labels, PROBABILITY: sure[:, 0].tolist()}
        chosen = np.zeros_like(answers.probabilities, bool) if answers.chosen is None else answers.chosen
        chosen = chosen & in_scope[:, None] & ~(answers.probabilities < self.abstain_below)
        several = [_chosen(answers, row, which) for row, which in enumerate(chosen)]
        if self.as_objects:
            return {LABELS: [list(each) for each in several]}
        return {
            LABELS: [JOINT.join(each) for each in several],
            PROBABILITIES: [
                JOINT.join(f"{value:.{PROBABILITY_DIGITS}f}" for value in each.values()) for each in several
            ],
        }


def spread(values: Mapping[str, list[Any]], filled: Sequence[bool]) -> dict[str, list[Any]]:
    """Put the values of the texts that are not blank on their rows; the others get None."""
    if all(filled):
        return dict(values)
    spread: dict[str, list[Any]] = {}
    for name, column in values.items():
        given = iter(column)
        spread[name] = [next(given) if full else None for full in filled]
    return spread


def _most_probable(probabilities: np.ndarray, count: int) -> np.ndarray:
    """Indices of the most probable classes, the first first, shape [n, count]."""
    import numpy as np

    if count == 1:
        return probabilities.argmax(axis=1)[:, None]
    return np.argsort(-probabilities, axis=1, kind="stable")[:, :count]


def _chosen(answers: Answers, row: int, which: np.ndarray) -> dict[str, float]:
    """The labels of a text and their probabilities, the most probable first."""
    pairs = [
        (answers.classes[index], float(answers.probabilities[row, index])) for index in which.nonzero()[0].tolist()
    ]
    return dict(sorted(pairs, key=lambda pair: -pair[1]))


def _or_none(scores: np.ndarray | None, count: int) -> list[float | None]:
    if scores is None:
        return [None] * count
    return [None if score != score else round(score, SCOPE_DIGITS) for score in scores.astype(float).tolist()]
