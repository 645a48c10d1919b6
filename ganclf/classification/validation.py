"""How accurate a classifier is: on a test file, on a held-out part, or cross-validated, whichever the data allow."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ganclf.classification.comparison import MethodResult, compare_methods, cross_validate_methods, fit_clone
from ganclf.classification.semi_supervised.cross_fitting import shorter
from ganclf.classification.semi_supervised.many_classes import has_many_classes
from ganclf.classification.trained import TrainedModel
from ganclf.config import RunConfig
from ganclf.data import TrainingData, hold_out
from ganclf.evaluation.perturbations import Perturbations

HOLD_OUT_LABELS = 15  # labels per class from which a part is held out; with fewer the estimate is cross-validated
HOLD_OUT_SHARE = 0.2
MAX_HOLD_OUT_OF_MANY = 2000  # rows, with very many classes
FOLDS = 3  # each with a game and one without generator, and twice more on halves of its labels
ESTIMATE_STEPS_SHARE = 0.3  # of the game's steps, for each game of a fold: 300 instead of 1,000 lose a point


@dataclass(frozen=True)
class Evaluation:
    """Results of all methods on the same test texts.

    Attributes:
        kind: test_file, hold_out, cross_validation or none.
        sentence: the same for a reader.
        texts: the test texts.
        labels: of the test texts: names, or with several a text tuples of names.
        results: by method.
        multi_label: whether a text may have several labels.
    """

    kind: str
    sentence: str
    texts: list[str]
    labels: list[Any]
    results: dict[str, MethodResult]
    multi_label: bool = False

    @property
    def label_names(self) -> set[str]:
        """All labels of the test texts."""
        return {name for label in self.labels for name in (label if self.multi_label else (label,))}


def evaluation_rounds(data: TrainingData) -> list[str]:
    """Names of the rounds that `evaluate` begins."""
    if data.test_texts:
        return ["evaluate"]
    counts = data.summary.labeled.values()
    if max(counts) < 2:
        return []
    once = takes_plain_path(data) or min(counts) >= HOLD_OUT_LABELS
    folds = 1 if once else min(FOLDS, *(count for count in counts if count > 1))
    return [f"estimate {number} of {folds}" for number in range(1, folds + 1)]


def takes_plain_path(data: TrainingData) -> bool:
    """Whether there are so many classes that training and evaluation leave out what `many_classes` says."""
    return not data.multi_label and has_many_classes(len(data.summary.labeled))


def compares(data: TrainingData, output: RunConfig) -> bool:
    """Whether other methods are fitted on the same labels: there are some, and not very many classes."""
    return output.compare == "all" and not takes_plain_path(data) and data.summary.labeled_rows > 0


def evaluate(
    model: TrainedModel,
    data: TrainingData,
    output: RunConfig,
    begin: Callable[[str], None] = lambda name: None,
) -> Evaluation:
    """Evaluate the published model on a test file, else clones of it on labeled texts that they were not trained on.

    Args:
        model: fitted on all labels; it stays as it is.
        data: labels, and the test file if there is one.
        output: what is compared and perturbed.
        begin: called with the name of each round.

    Returns:
        The evaluation.
    """
    rounds = evaluation_rounds(data)
    how: dict[str, Any] = {
        "compare": compares(data, output),
        "perturbations": perturbations_of(output),
    }
    if data.test_texts:
        begin(rounds[0])
        results = compare_methods(model, data.test_texts, **how)
        sentence = f"On the test file: {len(data.test_texts)} labeled texts that are not in the training data."
        return Evaluation("test_file", sentence, data.test_texts, data.test_labels, results, data.multi_label)
    if not rounds and not data.summary.labeled_rows:
        sentence = (
            "No estimate: no text has a label, so how often the model is right is not known. Label a few texts of each "
            "class, or give --test FILE with labeled ones."
        )
        return Evaluation("none", sentence, [], [], {}, data.multi_label)
    if not rounds:
        sentence = "No estimate: with one label per class nothing can be held out. Give --test FILE to get one."
        return Evaluation("none", sentence, [], [], {}, data.multi_label)
    if len(rounds) == 1:
        begin(rounds[0])
        return _hold_out(model, how, takes_plain_path(data))
    return _cross_validation(model, how, lambda number: begin(rounds[number - 1]))


def perturbations_of(output: RunConfig) -> Perturbations:
    """How the test texts are perturbed."""
    return Perturbations(output.typos, output.homoglyphs, output.script)


def _as_names(label: Any) -> Any:
    return tuple(map(str, label)) if isinstance(label, tuple) else str(label)


def _hold_out_some(labels: list[Any], seed: int) -> np.ndarray:
    """Choose some labeled rows, the first of each class apart; sorted indices."""
    labeled = [i for i, label in enumerate(labels) if label]
    first = {labels[i]: i for i in reversed(labeled)}
    others = np.array([i for i in labeled if first[labels[i]] != i])
    count = min(math.ceil(HOLD_OUT_SHARE * len(labeled)), MAX_HOLD_OUT_OF_MANY, len(others))
    return np.sort(np.random.default_rng(seed).choice(others, count, replace=False))


def _hold_out(model: TrainedModel, how: dict[str, Any], plain: bool) -> Evaluation:
    labels, seed = list(model.labels), model.classifier.seed
    held = _hold_out_some(labels, seed) if plain else hold_out(labels, HOLD_OUT_SHARE, seed)
    test_idx = sorted(held.tolist())
    train_idx = sorted(set(range(len(model.texts))) - set(test_idx))
    classifier = model.classifier
    shortened: dict[str, Any] = {"steps": shorter(classifier.steps, len(classifier.classes_))} if plain else {}
    copy = fit_clone(model, train_idx, **shortened)
    texts = [model.texts[i] for i in test_idx]
    which = "of classes with two labels or more" if plain else "every class in proportion"
    sentence = (
        f"On {len(test_idx)} labeled texts that were held out, {which}. "
        "The published model was trained on all labels, these included."
    )
    names, several = [_as_names(model.labels[i]) for i in test_idx], model.classifier.multi_label
    return Evaluation("hold_out", sentence, texts, names, compare_methods(copy, texts, **how), several)


def _cross_validation(model: TrainedModel, how: dict[str, Any], started: Callable[[int], None]) -> Evaluation:
    steps = max(1, int(ESTIMATE_STEPS_SHARE * model.classifier.steps))
    results, idx = cross_validate_methods(model, count=FOLDS, started=started, steps=steps, **how)
    sentence = (
        f"Cross-validated over the {len(idx)} labeled texts (up to {FOLDS} folds), with games of {steps:,} steps; with "
        "so few the figures are rough. The published model was trained on all labels."
    )
    texts, labels = [model.texts[i] for i in idx], [_as_names(model.labels[i]) for i in idx]
    return Evaluation("cross_validation", sentence, texts, labels, results, model.classifier.multi_label)
