"""The published model beside the same thing without the game and beside linear baselines, on the same labels."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from sklearn.base import clone

from ganclf.classification.baselines.linear import fit_predict_linear
from ganclf.classification.estimator import GANClassifier
from ganclf.classification.labels import Labels
from ganclf.classification.trained import TrainedModel, train
from ganclf.data import folds
from ganclf.data.rows import EncodedTexts
from ganclf.evaluation.perturbations import NO_PERTURBATIONS, Perturbations, perturbed
from ganclf.evaluation.report import FEATURES_LINEAR, GAME, GAME_OFF, PUBLISHED, TFIDF_LINEAR


@dataclass(frozen=True)
class MethodResult:
    """Predictions of one method for the test texts.

    Attributes:
        predicted: labels, shape [m].
        seconds: fitting and predicting, without encoding.
        settings: what the method chose for itself.
        confidence: probability of each prediction, shape [m]; only of the published model.
        perturbed: predictions for the same texts perturbed, by the kind; only of the published model.
    """

    predicted: np.ndarray
    seconds: float
    settings: dict[str, Any]
    confidence: np.ndarray | None = None
    perturbed: dict[str, np.ndarray] = field(default_factory=dict)


def compare_methods(
    model: TrainedModel, X_test: Sequence[str], *, compare: bool, perturbations: Perturbations = NO_PERTURBATIONS
) -> dict[str, MethodResult]:
    """Predict the test texts with a fitted model, and with other methods fitted on the same labels.

    Args:
        model: stays as it is; other games are fitted as clones.
        X_test: m texts.
        compare: also the game off and two tuned linear models.
        perturbations: of the texts, for further predictions of the fitted model.

    Returns:
        Results by method: PUBLISHED, the stacking of game and linear model, first.
    """
    classifier = model.classifier
    test_rows = EncodedTexts.of(classifier.encoder_.transform(X_test))
    name = GAME if classifier.game != "off" else GAME_OFF
    results = {PUBLISHED: _published(model, X_test, test_rows, perturbations), name: _game(model, test_rows)}
    if not compare:
        return results
    if name == GAME:
        without = clone(classifier).set_params(game="off", calibration="none")
        without.encoder_ = classifier.encoder_
        results[GAME_OFF] = _game(train(without, model.rows, model.texts, model.labels), test_rows)
    labeled_idx = [i for i, label in enumerate(model.labels) if label]
    y = np.array([model.labels[i] for i in labeled_idx])
    features, tfidf = model.rows.features, classifier.encoder_.tfidf
    results[FEATURES_LINEAR] = _linear(classifier, features[labeled_idx], y, test_rows.features)
    results[TFIDF_LINEAR] = _linear(classifier, tfidf([model.texts[i] for i in labeled_idx]), y, tfidf(X_test))
    return results


def cross_validate_methods(
    classifier: GANClassifier,
    texts: Sequence[str],
    labels: Labels,
    *,
    count: int,
    compare: bool,
    perturbations: Perturbations = NO_PERTURBATIONS,
    started: Callable[[int], None] = lambda number: None,
) -> tuple[dict[str, MethodResult], np.ndarray]:
    """Hold a fold of the labeled rows out in turn, as if it were a test file; clones are fitted.

    Args:
        classifier: whose settings are used.
        texts: n texts.
        labels: n labels, None for unlabeled.
        count: folds, at most.
        compare: as of `compare_methods`.
        perturbations: as of `compare_methods`.
        started: called with the number of each fold, from 1.

    Returns:
        The joined results, and the indices of the test texts in `texts`.
    """
    unlabeled_idx = [i for i, label in enumerate(labels) if not label]
    rounds, indices = [], []
    for number, (train_idx, test_idx) in enumerate(folds(list(labels), count, classifier.seed), start=1):
        started(number)
        model = fit_clone(classifier, texts, labels, np.union1d(train_idx, unlabeled_idx).astype(int))
        X_test = [texts[i] for i in test_idx]
        rounds.append(compare_methods(model, X_test, compare=compare, perturbations=perturbations))
        indices.append(test_idx)
    joined = {name: _joined([results[name] for results in rounds]) for name in rounds[0]}
    return joined, np.concatenate(indices)


def fit_clone(
    classifier: GANClassifier, texts: Sequence[str], labels: Labels, idx: Sequence[int] | np.ndarray
) -> TrainedModel:
    """Fit a clone of `classifier` on some of the texts."""
    copy, X, y = clone(classifier), [texts[i] for i in idx], [labels[i] for i in idx]
    return train(copy, copy.encode(X, y), X, y)


def _joined(results: list[MethodResult]) -> MethodResult:
    predicted = np.concatenate([result.predicted for result in results])
    seconds, settings = sum(result.seconds for result in results), {"folds": [result.settings for result in results]}
    confidences = [result.confidence for result in results if result.confidence is not None]
    perturbed_ = {kind: np.concatenate([each.perturbed[kind] for each in results]) for kind in results[0].perturbed}
    return MethodResult(predicted, seconds, settings, np.concatenate(confidences) if confidences else None, perturbed_)


def _published(
    model: TrainedModel, X_test: Sequence[str], test_rows: EncodedTexts, perturbations: Perturbations
) -> MethodResult:
    classifier = model.classifier
    probabilities, stacking = classifier.probabilities(test_rows), classifier.stacking_
    return MethodResult(
        predicted=classifier.classes_[probabilities.argmax(axis=1)],
        seconds=model.seconds,
        settings=stacking.to_json() | {"method": stacking.method},
        confidence=probabilities.max(axis=1),
        perturbed={
            kind: classifier.predict(changed) for kind, changed in perturbed(X_test, perturbations, classifier.seed)
        },
    )


def _game(model: TrainedModel, test_rows: EncodedTexts) -> MethodResult:
    def predict() -> tuple[np.ndarray, dict[str, Any]]:
        return model.classifier.classes_[model.classifier.game_probabilities(test_rows).argmax(axis=1)], {}

    result = _timed(predict)
    return replace(result, seconds=result.seconds + model.seconds)


def _linear(classifier: GANClassifier, X: Any, y: np.ndarray, X_test: Any) -> MethodResult:
    def fit_predict() -> tuple[np.ndarray, dict[str, Any]]:
        predicted, strength = fit_predict_linear(X, y, X_test, classifier.seed, classifier.class_weights)
        return predicted, {"C": strength}

    return _timed(fit_predict)


def _timed(predict: Callable[[], tuple[np.ndarray, dict[str, Any]]]) -> MethodResult:
    start = time.perf_counter()
    predicted, settings = predict()
    return MethodResult(predicted, time.perf_counter() - start, settings)
