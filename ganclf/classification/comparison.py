"""The game against the same thing without it: every method on the same labels, asked the same texts."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from sklearn.base import clone

from ganclf.classification.baselines.linear import answer_linearly
from ganclf.classification.estimator import GANClassifier
from ganclf.data import folds
from ganclf.data.rows import EncodedRows, features_of
from ganclf.evaluation.perturbations import UNDISTURBED, Disturbed, disturbed

PUBLISHED, GAME, GAME_OFF = "published", "game", "game_off"
FEATURES_LINEAR, TFIDF_LINEAR = "features_logistic_regression", "tfidf_logistic_regression"

Labels = Sequence[str | None]


@dataclass(frozen=True)
class Entry:
    """What one method said.

    Attributes:
        predicted: label of each asked text, shape [asked].
        seconds: fitting and predicting, encoding not counted.
        settings: what the method chose for itself.
        confidence: probability of each answer, shape [asked]; only of what is published.
        disturbed: its answers to the same texts disturbed, by the kind; only of what is published.
    """

    predicted: np.ndarray
    seconds: float
    settings: dict[str, Any]
    confidence: np.ndarray | None = None
    disturbed: dict[str, np.ndarray] = field(default_factory=dict)


def contest(
    classifier: GANClassifier,
    texts: Sequence[str],
    labels: Labels,
    asked: Sequence[str],
    *,
    compare: bool,
    disturb: Disturbed = UNDISTURBED,
) -> dict[str, Entry]:
    """Fit `classifier` and, to compare, its rivals; let each answer `asked`. PUBLISHED is the blend, GAME the game.

    Args:
        classifier: is fitted in place.
        texts: n training texts; the asked ones are not among those that the encoder is fitted on.
        labels: n labels, None for unlabelled.
        asked: texts to predict.
        compare: also the game off and two tuned linear models.
        disturb: how texts are disturbed when `classifier` answers once more.
    """
    features = classifier.encode(texts, labels)
    asked_features = classifier.encoder_.transform(asked)
    name = GAME if classifier.game != "off" else GAME_OFF
    played = _play(classifier, features, labels, asked_features)
    entries = {PUBLISHED: _published(classifier, asked_features, played.seconds), name: played}
    entries[PUBLISHED] = replace(entries[PUBLISHED], disturbed=_answer_disturbed(classifier, asked, disturb))
    if not compare:
        return entries
    if name == GAME:
        rival = clone(classifier).set_params(game="off", calibration="none")
        entries[GAME_OFF] = _play(rival, features, labels, asked_features)
    known = [place for place, label in enumerate(labels) if label]
    answers = np.array([labels[place] for place in known])
    entries[FEATURES_LINEAR] = _linear(classifier, features_of(features)[known], answers, features_of(asked_features))
    weigh = classifier.encoder_.tfidf
    entries[TFIDF_LINEAR] = _linear(classifier, weigh([texts[place] for place in known]), answers, weigh(asked))
    return entries


def cross_validated_contest(
    classifier: GANClassifier,
    texts: Sequence[str],
    labels: Labels,
    *,
    count: int,
    compare: bool,
    disturb: Disturbed = UNDISTURBED,
) -> tuple[dict[str, Entry], np.ndarray]:
    """Hold a fold of the labelled rows out in turn, as if it were a test file.

    Returns:
        The joined entries, and the places of the asked texts in `texts`.
    """
    rounds, places = [], []
    for training, held_out in folds(list(labels), count, classifier.seed):
        kept = np.union1d(training, [place for place, label in enumerate(labels) if not label]).astype(int)
        asked = [texts[place] for place in held_out]
        part, answers = [texts[place] for place in kept], [labels[place] for place in kept]
        rounds.append(contest(clone(classifier), part, answers, asked, compare=compare, disturb=disturb))
        places.append(held_out)
    joined = {name: _join([entries[name] for entries in rounds]) for name in rounds[0]}
    return joined, np.concatenate(places)


def _join(entries: list[Entry]) -> Entry:
    predicted = np.concatenate([entry.predicted for entry in entries])
    seconds, settings = sum(entry.seconds for entry in entries), {"folds": [entry.settings for entry in entries]}
    sure = [entry.confidence for entry in entries if entry.confidence is not None]
    kinds = entries[0].disturbed
    disturbed = {kind: np.concatenate([entry.disturbed[kind] for entry in entries]) for kind in kinds}
    return Entry(predicted, seconds, settings, np.concatenate(sure) if sure else None, disturbed)


def _published(classifier: GANClassifier, asked: EncodedRows, seconds: float) -> Entry:
    probabilities, blend = classifier.probabilities(asked), classifier.blend_
    predicted = classifier.classes_[probabilities.argmax(axis=1)]
    return Entry(predicted, seconds, blend.to_json() | {"method": blend.method}, probabilities.max(axis=1))


def _answer_disturbed(classifier: GANClassifier, asked: Sequence[str], how: Disturbed) -> dict[str, np.ndarray]:
    return {kind: classifier.predict(texts) for kind, texts in disturbed(asked, how, classifier.seed)}


def _play(classifier: GANClassifier, features: EncodedRows, labels: Labels, asked: EncodedRows) -> Entry:
    def answer() -> tuple[np.ndarray, dict[str, Any]]:
        classifier.play(features, labels)
        return classifier.classes_[classifier.game_probabilities(asked).argmax(axis=1)], {}

    return _timed(answer)


def _linear(classifier: GANClassifier, X: Any, y: np.ndarray, asked: Any) -> Entry:
    def answer() -> tuple[np.ndarray, dict[str, Any]]:
        predicted, strength = answer_linearly(X, y, asked, classifier.seed, classifier.class_weights)
        return predicted, {"C": strength}

    return _timed(answer)


def _timed(answer: Callable[[], tuple[np.ndarray, dict[str, Any]]]) -> Entry:
    start = time.perf_counter()
    predicted, settings = answer()
    return Entry(predicted, time.perf_counter() - start, settings)
