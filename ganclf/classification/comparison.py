"""The published model beside the same thing without the game and beside linear baselines, on the same labels."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import clone

from ganclf.classification.baselines.linear import fit_predict_linear
from ganclf.classification.estimator import GANClassifier
from ganclf.classification.label_types import class_names
from ganclf.classification.labels import EncodedLabels, encode_labels
from ganclf.classification.multi_label.linear import fit_predict_one_vs_rest
from ganclf.classification.trained import TrainedModel, train
from ganclf.data import folds
from ganclf.data.rows import EncodedTexts, is_labeled
from ganclf.evaluation.perturbations import NO_PERTURBATIONS, Perturbations, perturbed
from ganclf.evaluation.report import FEATURES_LINEAR, GAME, GAME_OFF, PUBLISHED, TFIDF_LINEAR

if TYPE_CHECKING:
    from ganclf.classification.games.training import SharedGame


@dataclass(frozen=True)
class MethodResult:
    """Predictions of one method for the test texts.

    Attributes:
        predicted: labels, shape [m]; with several labels a text 0 and 1 for each class, shape [m, classes].
        seconds: fitting and predicting, without encoding.
        settings: what the method chose for itself.
        confidence: probability of each prediction, shape [m]; only of the published model with one label a text.
        perturbed: predictions for the same texts perturbed, by the kind; only of the published model.
        probabilities: of each class, shape [m, classes]; only with several labels a text, as the next two.
        thresholds: from which a class was predicted, shape [classes].
        classes: names of the columns, shape [classes].
    """

    predicted: np.ndarray
    seconds: float
    settings: dict[str, Any]
    confidence: np.ndarray | None = None
    perturbed: dict[str, np.ndarray] = field(default_factory=dict)
    probabilities: np.ndarray | None = None
    thresholds: np.ndarray | None = None
    classes: np.ndarray | None = None


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
    methods = METHODS[classifier.multi_label]
    test_rows = EncodedTexts.of(classifier.encoder_.transform(X_test))
    name = GAME if classifier.game != "off" else GAME_OFF
    results = {PUBLISHED: methods.published(model, X_test, test_rows, perturbations)}
    results[name] = methods.game(model, test_rows)
    if not compare:
        return results
    if name == GAME:
        without = clone(classifier).set_params(game="off", calibration="none")
        without.encoder_ = classifier.encoder_
        results[GAME_OFF] = methods.game(train(without, model.rows, model.texts, model.labels), test_rows)
    labels = encode_labels(model.labels, len(model.texts))
    labeled_idx = np.flatnonzero(is_labeled(labels.idx)).tolist()
    features, tfidf = model.rows.features, classifier.encoder_.tfidf
    results[FEATURES_LINEAR] = methods.linear(classifier, features[labeled_idx], labels, test_rows.features)
    X = tfidf([model.texts[i] for i in labeled_idx])
    results[TFIDF_LINEAR] = methods.linear(classifier, X, labels, tfidf(X_test))
    return results


def cross_validate_methods(
    trained: TrainedModel,
    *,
    count: int,
    compare: bool,
    perturbations: Perturbations = NO_PERTURBATIONS,
    started: Callable[[int], None] = lambda number: None,
    **parameters: Any,
) -> tuple[dict[str, MethodResult], np.ndarray]:
    """Hold a fold of the labeled rows out in turn, as if it were a test file; clones are fitted.

    Args:
        trained: whose settings, texts and labels are used.
        count: folds, at most.
        compare: as of `compare_methods`.
        perturbations: as of `compare_methods`.
        started: called with the number of each fold, from 1.
        parameters: of the clones, where they differ from those of `trained`.

    Returns:
        The joined results, and the indices of the test texts in `texts`.
    """
    from ganclf.classification.games.training import SharedGame

    unlabeled_idx = [i for i, label in enumerate(trained.labels) if not label]
    rounds, indices, shared = [], [], SharedGame()
    for number, (train_idx, test_idx) in enumerate(
        folds(list(trained.labels), count, trained.classifier.seed), start=1
    ):
        started(number)
        model = fit_clone(trained, np.union1d(train_idx, unlabeled_idx).astype(int), shared, **parameters)
        X_test = [trained.texts[i] for i in test_idx]
        rounds.append(compare_methods(model, X_test, compare=compare, perturbations=perturbations))
        indices.append(test_idx)
    joined = {name: _joined([results[name] for results in rounds]) for name in rounds[0]}
    return joined, np.concatenate(indices)


def fit_clone(
    model: TrainedModel, idx: Sequence[int] | np.ndarray, shared: SharedGame | None = None, **parameters: Any
) -> TrainedModel:
    """Fit a clone of a classifier on some of its texts, with other `parameters`; `shared` as of `train`."""
    copy = clone(model.classifier).set_params(**parameters)
    X, y = [model.texts[i] for i in idx], [model.labels[i] for i in idx]
    vectors = None if model.teacher_vectors is None else model.teacher_vectors[np.asarray(idx, int)]
    return train(copy, copy.encode(X, y, vectors), X, y, vectors, shared)


def _joined(results: list[MethodResult]) -> MethodResult:
    seconds, settings = sum(result.seconds for result in results), {"folds": [result.settings for result in results]}
    if results[0].classes is not None:
        return join_label_sets(results, seconds, settings)
    predicted = np.concatenate([result.predicted for result in results])
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


def _linear(classifier: GANClassifier, X: Any, labels: EncodedLabels, X_test: Any) -> MethodResult:
    y = labels.classes[labels.idx[is_labeled(labels.idx)]]

    def fit_predict() -> tuple[np.ndarray, dict[str, Any]]:
        predicted, strength = fit_predict_linear(X, y, X_test, classifier.seed, classifier.class_weights)
        return predicted, {"C": strength}

    return _timed(fit_predict)


def _timed(predict: Callable[[], tuple[np.ndarray, dict[str, Any]]]) -> MethodResult:
    start = time.perf_counter()
    predicted, settings = predict()
    return MethodResult(predicted, time.perf_counter() - start, settings)


def _published_sets(
    model: TrainedModel, X_test: Sequence[str], test_rows: EncodedTexts, perturbations: Perturbations
) -> MethodResult:
    classifier, stacking = model.classifier, model.classifier.stacking_
    result = _sets(classifier, classifier.probabilities(test_rows), stacking.thresholds, model.seconds)
    changed = {kind: classifier.predict(texts) for kind, texts in perturbed(X_test, perturbations, classifier.seed)}
    return replace(result, settings=stacking.to_json() | {"method": stacking.method}, perturbed=changed)


def _game_sets(model: TrainedModel, test_rows: EncodedTexts) -> MethodResult:
    start, classifier = time.perf_counter(), model.classifier
    alone = classifier.ensemble_.game_alone(classifier.game_probabilities(model.rows))
    probabilities = alone.of_game(classifier.game_probabilities(test_rows))
    return _sets(classifier, probabilities, alone.thresholds, model.seconds + time.perf_counter() - start)


def _linear_sets(classifier: GANClassifier, X: Any, labels: EncodedLabels, X_test: Any) -> MethodResult:
    start, y = time.perf_counter(), labels.idx[is_labeled(labels.idx)]
    probabilities, thresholds, strength = fit_predict_one_vs_rest(
        X, y, X_test, classifier.seed, classifier.class_weights, classifier.thresholds
    )
    result = _sets(classifier, probabilities, thresholds, time.perf_counter() - start)
    return replace(result, settings={"C": strength})


def _sets(classifier: GANClassifier, probabilities: np.ndarray, thresholds: np.ndarray, seconds: float) -> MethodResult:
    predicted = (probabilities >= thresholds).astype(np.int64)
    names = np.array(class_names(classifier.classes_))
    return MethodResult(predicted, seconds, {}, probabilities=probabilities, thresholds=thresholds, classes=names)


def join_label_sets(results: list[MethodResult], seconds: float, settings: dict[str, Any]) -> MethodResult:
    """Put results for several labels a text one after the other; a class that a fold had not is never predicted.

    The thresholds are the means of the folds'.
    """
    classes = np.array(sorted({name for result in results for name in result.classes.tolist()}))  # type: ignore[union-attr]
    parts = [aligned(result, classes) for result in results]
    perturbed_ = {kind: np.concatenate([each.perturbed[kind] for each in parts]) for kind in parts[0].perturbed}
    return MethodResult(
        predicted=np.concatenate([part.predicted for part in parts]),
        seconds=seconds,
        settings=settings,
        perturbed=perturbed_,
        probabilities=np.concatenate([np.asarray(part.probabilities) for part in parts]),
        thresholds=np.nanmean([np.asarray(part.thresholds) for part in parts], axis=0),
        classes=classes,
    )


def aligned(result: MethodResult, classes: Sequence[str] | np.ndarray) -> MethodResult:
    """The same with these classes, among which are its own; the others have probability 0 and no threshold."""
    places = {name: place for place, name in enumerate(classes)}
    own = [places[name] for name in result.classes.tolist()]  # type: ignore[union-attr]

    def spread(values: np.ndarray, empty: float) -> np.ndarray:
        wide = np.full((*values.shape[:-1], len(classes)), empty, values.dtype)
        wide[..., own] = values
        return wide

    return replace(
        result,
        predicted=spread(result.predicted, 0),
        perturbed={kind: spread(each, 0) for kind, each in result.perturbed.items()},
        probabilities=spread(np.asarray(result.probabilities), 0.0),
        thresholds=spread(np.asarray(result.thresholds), np.nan),
        classes=np.asarray(classes),
    )


@dataclass(frozen=True)
class Methods:
    """How each method predicts the test texts, with one label a text or with several."""

    published: Callable[[TrainedModel, Sequence[str], EncodedTexts, Perturbations], MethodResult]
    game: Callable[[TrainedModel, EncodedTexts], MethodResult]
    linear: Callable[[GANClassifier, Any, EncodedLabels, Any], MethodResult]


METHODS = {False: Methods(_published, _game, _linear), True: Methods(_published_sets, _game_sets, _linear_sets)}
