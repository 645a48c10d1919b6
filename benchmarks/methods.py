"""The methods that are compared. Each is given the same labels and answers the same texts."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from importlib.util import find_spec
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

from benchmarks.encoded import Encoded
from benchmarks.evaluation_splits import Draw
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
SECONDS = "seconds"  # among what a method chose: how long it took, where a part was done before
Answer = tuple[np.ndarray, dict[str, Any]]  # a label for each asked text, what the method chose for itself


@dataclass(frozen=True)
class Task:
    """One draw on encoded texts."""

    encoded: Encoded
    draw: Draw
    game: GameConfig  # its seed is the draw's

    @property
    def texts(self) -> list[str]:
        """All texts of the field; `draw` has places in them."""
        return self.encoded.field.texts

    @property
    def classes(self) -> np.ndarray:
        """The labels, sorted, shape [classes]."""
        return np.unique([label for label in self.draw.labels if label])

    @property
    def numbers(self) -> np.ndarray:
        """The class of each row of the draw, UNLABELED where there is none, int, shape [n]."""
        place = {name: number for number, name in enumerate(self.classes)}
        return np.array([place[label] if label else UNLABELED for label in self.draw.labels])

    @property
    def labelled(self) -> tuple[np.ndarray, np.ndarray]:
        """Places of the labelled texts, and their labels."""
        known = [place for place, label in enumerate(self.draw.labels) if label]
        return self.draw.rows[known], np.array([self.draw.labels[place] for place in known])


_last: list[tuple[Task, GANClassifier, float]] = []  # the game that was played last, and its seconds


def play_game(task: Task) -> Answer:
    """The game `task.game.game` alone, without what it is blended with."""
    classifier, seconds = _learned(task)
    asked = task.encoded.features[task.draw.asked]
    answers = classifier.classes_[classifier.game_probabilities(asked).argmax(axis=1)]
    return answers, {SECONDS: seconds, "trust": classifier.ensemble_.reliability.unlabeled_weight}


def publish(task: Task) -> Answer:
    """What a run publishes: the game `task.game.game`, blended with the linear model as the labels say."""
    classifier, seconds = _learned(task)
    probabilities = classifier.probabilities(task.encoded.features[task.draw.asked])
    predicted = classifier.classes_[probabilities.argmax(axis=1)]
    error = calibration_error(predicted == np.array(task.draw.truth), probabilities.max(axis=1))
    chosen = classifier.stacking_.to_json() | {"method": classifier.stacking_.method, "calibration_error": error}
    if len(task.draw.outside):
        chosen |= _scope(classifier, task)
    return predicted, chosen | {SECONDS: seconds, "trust": classifier.ensemble_.reliability.unlabeled_weight}


def _scope(classifier: GANClassifier, task: Task) -> dict[str, float]:
    """How well texts of no class are told from the others: area under the ROC curve of two scores."""
    inside, outside = (task.encoded.features[places] for places in (task.draw.asked, task.draw.outside))
    belongs = np.repeat([1, 0], [len(inside), len(outside)])
    rows = np.concatenate([inside, outside])
    softmax = classifier.game_probabilities(rows).max(axis=1)
    scores = {SCOPE_AUROC: classifier.scope(rows), SOFTMAX_AUROC: softmax}
    return {name: float(roc_auc_score(belongs, score)) for name, score in scores.items()}


def fit_game(task: Task) -> GANClassifier:
    """Play the game `task.game.game`, through the estimator that users have, or return it if it was played last."""
    return _learned(task)[0]


def _learned(task: Task) -> tuple[GANClassifier, float]:
    if not (_last and _same(_last[0][0], task)):
        start = time.perf_counter()
        classifier = GANClassifier(**asdict(task.encoded.config), **asdict(task.game))
        classifier.encoder_ = task.encoded.encoder
        classifier.play(task.encoded.features[task.draw.rows], task.draw.labels)
        _last[:] = [(task, classifier, time.perf_counter() - start)]
    return _last[0][1:]


def _same(one: Task, other: Task) -> bool:
    rows = np.array_equal(one.draw.rows, other.draw.rows) and one.draw.labels == other.draw.labels
    return rows and one.encoded is other.encoded and one.game == other.game


def fit_features(task: Task) -> Answer:
    """Tuned logistic regression on the encoder's features."""
    return _fit_linear(task, task.encoded.features)


def fit_tfidf(task: Task) -> Answer:
    """Tuned logistic regression on tf-idf of n-grams."""
    return _fit_linear(task, task.encoded.tfidf)


def _fit_linear(task: Task, X: Any) -> Answer:
    places, labels = task.labelled
    predicted, strength = fit_predict_linear(
        X[places], labels, X[task.draw.asked], task.game.seed, task.game.class_weights
    )
    return predicted, {"C": strength}


def train_self(task: Task) -> Answer:
    """Self-training over tuned logistic regression on the features."""
    features, draw = task.encoded.features, task.draw
    numbers, chosen = fit_predict_self_training(
        features[draw.rows], task.numbers, features[draw.asked], task.game.seed, task.game.class_weights
    )
    return task.classes[numbers], chosen


def spread_labels(task: Task) -> Answer:
    """Label spreading along the nearest neighbours in the features."""
    near, draw = task.encoded.nearest(task.draw.rows), task.draw
    numbers, chosen = fit_predict_label_spreading(task.numbers, near[draw.rows], near[draw.asked])
    return task.classes[numbers], chosen


def fit_fasttext(task: Task) -> Answer:
    """fastText on the labelled texts alone."""
    from benchmarks.fasttext import answer_by_fasttext

    places, labels = task.labelled
    asked = [task.texts[place] for place in task.draw.asked]
    return answer_by_fasttext([task.texts[place] for place in places], labels.tolist(), asked, task.game.seed)


def fit_setfit(task: Task) -> Answer:
    """SetFit on the labelled texts alone, from the folder of the run's pretrained encoder."""
    from benchmarks.setfit import answer_by_setfit

    places, labels = task.labelled
    texts, asked = ([task.texts[place] for place in rows] for rows in (places, task.draw.asked))
    return answer_by_setfit(task.encoded.config.preset, texts, labels, asked, task.game.seed)


BASELINES: dict[str, Callable[[Task], Answer]] = {
    "tfidf_logistic_regression": fit_tfidf,
    "features_logistic_regression": fit_features,
    "self_training": train_self,
    "label_spreading": spread_labels,
    "fasttext": fit_fasttext,
    "setfit": fit_setfit,
}
PACKAGES = {"fasttext": "fasttext", "setfit": "setfit"}  # what a method needs beyond ganclf's own dependencies
ASKED_FOR = {"setfit"}  # runs by its name only: it takes minutes, and a pretrained folder


def games() -> dict[str, str]:
    """The methods that are games, with their choice of `--game`; a new game appears by itself."""
    choices = next(each.metadata["choices"] for each in fields(GameConfig) if each.name == "game")
    return {GAME_PREFIX + choice: choice for choice in sorted(choices, key=lambda choice: choice != "off")}


def method_names() -> list[str]:
    """Every method, in the order of the tables; what is published stands by its game, which is then played once."""
    names = [*BASELINES, *games()]
    names.insert(names.index(DEFAULT_GAME) + 1, PUBLISHED)
    return names


def plays(method: str) -> bool:
    """Whether the method is a game, alone or published with what it is blended with."""
    return method.startswith(GAME_PREFIX) or method == PUBLISHED


def is_installed(method: str) -> bool:
    """Whether what the method needs is there."""
    return method not in PACKAGES or find_spec(PACKAGES[method]) is not None


def choose_methods(asked: list[str] | None, game: str) -> list[str]:
    """The methods of a run: those asked for, `game` standing for the one of `--game`; else all that are installed."""
    if asked is None:
        return [method for method in method_names() if is_installed(method) and method not in ASKED_FOR]
    wanted = {GAME_PREFIX + game if method == GAME else method for method in asked}
    for method in sorted(wanted):
        if method not in method_names():
            raise ConfigError(f"--methods {method}: no such method; choose from {GAME}, {', '.join(method_names())}.")
        if not is_installed(method):
            raise ConfigError(f"--methods {method}: not installed. Install it with: pip install {PACKAGES[method]}")
    return [method for method in method_names() if method in wanted]


def answer(method: str, task: Task) -> Answer:
    """Let a method answer the asked texts."""
    if method in BASELINES:
        return BASELINES[method](task)
    if method == PUBLISHED:
        return publish(task)
    return play_game(replace(task, game=replace(task.game, game=games()[method])))
