"""The methods that are compared: each gets the same labels and classifies the same texts."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from importlib.util import find_spec
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

from benchmarks.encoded import Encoded
from benchmarks.evaluation_splits import FewShotSample
from ganclf.classification.baselines.linear import fit_predict_linear
from ganclf.classification.baselines.semi_supervised import (
    fit_predict_label_spreading,
    fit_predict_self_training,
)
from ganclf.classification.estimator import GANClassifier
from ganclf.config import GameConfig
from ganclf.data.rows import UNLABELED
from ganclf.errors import ConfigError
from ganclf.evaluation.metrics import calibration_error

GAME, GAME_PREFIX, OFF, PUBLISHED = "game", "game_", "game_off", "published"
DEFAULT_GAME = "game_k+1"
SCOPE_AUROC, SOFTMAX_AUROC = "scope_auroc", "softmax_auroc"
SECONDS = "seconds"  # among a method's settings: how long it took, if a part was done before
MethodOutput = tuple[np.ndarray, dict[str, Any]]  # a label per test text, and the settings that it chose


@dataclass(frozen=True)
class Trial:
    """One few-shot sample of encoded texts, and the game's configuration."""

    encoded: Encoded
    sample: FewShotSample
    game: GameConfig  # its seed is that of the sample

    @property
    def texts(self) -> list[str]:
        """All texts of the split; `sample` has indices into them."""
        return self.encoded.split.texts

    @property
    def classes(self) -> np.ndarray:
        """The labels, sorted, shape [classes]."""
        return np.unique([label for label in self.sample.train_labels if label])

    @property
    def class_ids(self) -> np.ndarray:
        """The class of each row of the sample, UNLABELED where there is none, int, shape [n]."""
        ids = {name: i for i, name in enumerate(self.classes)}
        return np.array([ids[label] if label else UNLABELED for label in self.sample.train_labels])

    @property
    def labeled(self) -> tuple[np.ndarray, np.ndarray]:
        """Indices of the labeled texts, and their labels."""
        labeled = [i for i, label in enumerate(self.sample.train_labels) if label]
        return self.sample.train_idx[labeled], np.array([self.sample.train_labels[i] for i in labeled])


_last: list[tuple[Trial, GANClassifier, float]] = []  # the last trained game, and its seconds


def run_game(trial: Trial) -> MethodOutput:
    """The game `trial.game.game` alone, without what it is stacked with."""
    classifier, seconds = _fitted(trial)
    X_test = trial.encoded.features[trial.sample.test_idx]
    predicted = classifier.classes_[classifier.game_probabilities(X_test).argmax(axis=1)]
    return predicted, {SECONDS: seconds, "unlabeled_weight": classifier.ensemble_.reliability.unlabeled_weight}


def publish(trial: Trial) -> MethodOutput:
    """What a run publishes: the game `trial.game.game`, stacked with the linear model."""
    classifier, seconds = _fitted(trial)
    probabilities = classifier.probabilities(trial.encoded.features[trial.sample.test_idx])
    predicted = classifier.classes_[probabilities.argmax(axis=1)]
    error = calibration_error(predicted == np.array(trial.sample.test_labels), probabilities.max(axis=1))
    chosen = classifier.stacking_.to_json() | {"method": classifier.stacking_.method, "calibration_error": error}
    if len(trial.sample.ood_idx):
        chosen |= _scope(classifier, trial)
    return predicted, chosen | {SECONDS: seconds, "unlabeled_weight": classifier.ensemble_.reliability.unlabeled_weight}


def _scope(classifier: GANClassifier, trial: Trial) -> dict[str, float]:
    """Out-of-distribution detection: area under the ROC curve of two scores."""
    in_scope, ood = (trial.encoded.features[idx] for idx in (trial.sample.test_idx, trial.sample.ood_idx))
    is_in_scope = np.repeat([1, 0], [len(in_scope), len(ood)])
    rows = np.concatenate([in_scope, ood])
    softmax = classifier.game_probabilities(rows).max(axis=1)
    scores = {SCOPE_AUROC: classifier.scope(rows), SOFTMAX_AUROC: softmax}
    return {name: float(roc_auc_score(is_in_scope, score)) for name, score in scores.items()}


def fit_game(trial: Trial) -> GANClassifier:
    """Train the game `trial.game.game` with the estimator that users have; the last one is kept."""
    return _fitted(trial)[0]


def _fitted(trial: Trial) -> tuple[GANClassifier, float]:
    if not (_last and _same(_last[0][0], trial)):
        start = time.perf_counter()
        classifier = GANClassifier(**asdict(trial.encoded.config), **asdict(trial.game))
        classifier.encoder_ = trial.encoded.encoder
        classifier.fit_encoded(trial.encoded.training_rows(trial.sample.train_idx), trial.sample.train_labels)
        _last[:] = [(trial, classifier, time.perf_counter() - start)]
    return _last[0][1:]


def _same(one: Trial, other: Trial) -> bool:
    idx = np.array_equal(one.sample.train_idx, other.sample.train_idx)
    same_sample = idx and one.sample.train_labels == other.sample.train_labels
    return same_sample and one.encoded is other.encoded and one.game == other.game


def fit_features(trial: Trial) -> MethodOutput:
    """Tuned logistic regression on the encoder's features."""
    return _fit_linear(trial, trial.encoded.features)


def fit_tfidf(trial: Trial) -> MethodOutput:
    """Tuned logistic regression on tf-idf of n-grams."""
    return _fit_linear(trial, trial.encoded.tfidf)


def _fit_linear(trial: Trial, X: Any) -> MethodOutput:
    idx, labels = trial.labeled
    predicted, strength = fit_predict_linear(
        X[idx], labels, X[trial.sample.test_idx], trial.game.seed, trial.game.class_weights
    )
    return predicted, {"C": strength}


def train_self(trial: Trial) -> MethodOutput:
    """Self-training over tuned logistic regression on the features."""
    features, sample = trial.encoded.features, trial.sample
    numbers, chosen = fit_predict_self_training(
        features[sample.train_idx],
        trial.class_ids,
        features[sample.test_idx],
        trial.game.seed,
        trial.game.class_weights,
    )
    return trial.classes[numbers], chosen


def spread_labels(trial: Trial) -> MethodOutput:
    """Label spreading along the nearest neighbors in the features."""
    near, sample = trial.encoded.nearest(trial.sample.train_idx), trial.sample
    numbers, chosen = fit_predict_label_spreading(trial.class_ids, near[sample.train_idx], near[sample.test_idx])
    return trial.classes[numbers], chosen


def fit_fasttext(trial: Trial) -> MethodOutput:
    """Train the fastText classifier on the labeled texts alone."""
    from benchmarks.fasttext import predict_fasttext

    idx, labels = trial.labeled
    texts, test_texts = ([trial.texts[i] for i in rows] for rows in (idx, trial.sample.test_idx))
    return predict_fasttext(texts, labels.tolist(), test_texts, trial.game.seed)


def fit_setfit(trial: Trial) -> MethodOutput:
    """SetFit on the labeled texts alone, from the folder of the run's pretrained encoder."""
    from benchmarks.setfit import predict_setfit

    idx, labels = trial.labeled
    texts, test_texts = ([trial.texts[i] for i in rows] for rows in (idx, trial.sample.test_idx))
    return predict_setfit(trial.encoded.config.preset, texts, labels, test_texts, trial.game.seed)


BASELINES: dict[str, Callable[[Trial], MethodOutput]] = {
    "tfidf_logistic_regression": fit_tfidf,
    "features_logistic_regression": fit_features,
    "self_training": train_self,
    "label_spreading": spread_labels,
    "fasttext": fit_fasttext,
    "setfit": fit_setfit,
}
PACKAGES = {"fasttext": "fasttext", "setfit": "setfit"}  # what a method needs beyond ganclf's own dependencies
ON_REQUEST = {"setfit"}  # runs by its name only: it takes minutes, and a pretrained folder


def game_methods() -> dict[str, str]:
    """The methods that are games, with their choice of `--game`; a new game appears by itself."""
    choices = next(each.metadata["choices"] for each in fields(GameConfig) if each.name == "game")
    return {GAME_PREFIX + choice: choice for choice in sorted(choices, key=lambda choice: choice != "off")}


def method_names() -> list[str]:
    """Every method, in the order of the tables; what is published comes after its game, which is then trained once."""
    names = [*BASELINES, *game_methods()]
    names.insert(names.index(DEFAULT_GAME) + 1, PUBLISHED)
    return names


def is_game(method: str) -> bool:
    """Whether the method is a game, alone or published with what it is stacked with."""
    return method.startswith(GAME_PREFIX) or method == PUBLISHED


def is_installed(method: str) -> bool:
    """Whether what the method needs is there."""
    return method not in PACKAGES or find_spec(PACKAGES[method]) is not None


def choose_methods(requested: list[str] | None, game: str) -> list[str]:
    """The methods of a run: those requested, where `game` means the one of `--game`; else all that are installed."""
    if requested is None:
        return [method for method in method_names() if is_installed(method) and method not in ON_REQUEST]
    wanted = {GAME_PREFIX + game if method == GAME else method for method in requested}
    for method in sorted(wanted):
        if method not in method_names():
            raise ConfigError(f"--methods {method}: no such method; choose from {GAME}, {', '.join(method_names())}.")
        if not is_installed(method):
            raise ConfigError(f"--methods {method}: not installed. Install it with: pip install {PACKAGES[method]}")
    return [method for method in method_names() if method in wanted]


def predict_with(method: str, trial: Trial) -> MethodOutput:
    """Train a method and classify the test texts."""
    if method in BASELINES:
        return BASELINES[method](trial)
    if method == PUBLISHED:
        return publish(trial)
    return run_game(replace(trial, game=replace(trial.game, game=game_methods()[method])))
