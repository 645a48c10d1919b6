"""The teacher of the game: each view of the texts forms an opinion, the opinions are joined, and a pupil learns them.

Several encoders side by side as features help a linear model and not a game. As opinions they help both: each view has
logistic regression and label spreading of its own, and their standardized log probabilities are averaged, weighted by
how reliable halves of the labels show each view to be. The pupil (`pupil.py`) learns the surest answers as a linear
model of what is served; what it answers is the teacher of the game.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from ganclf.classification.semi_supervised.label_names import ClassNames, NameRows
from ganclf.classification.semi_supervised.label_shift import ClassPriors, estimate_class_priors
from ganclf.classification.semi_supervised.many_classes import has_many_classes
from ganclf.classification.semi_supervised.opinions import Opinion, Teaching
from ganclf.classification.semi_supervised.pupil import fit_pupil, surest_labels
from ganclf.classification.semi_supervised.reliability import (
    DEFAULT_ACCURACY,
    estimate_reliability,
    plain_teacher,
)
from ganclf.classification.semi_supervised.spectral_prior import fit_linear, scaling_of, spectral_scaling
from ganclf.classification.semi_supervised.teacher import (
    build_neighbor_graph,
    join_opinions,
    sharpen,
    soft_pseudo_labels,
)
from ganclf.config import GameConfig
from ganclf.data.rows import UNLABELED, EncodedTexts, View
from ganclf.errors import DataError

PROVISIONAL_SHARE = 0.1  # of the texts of each predicted class that stand for labeled ones where there are none
SHARPNESS = 10.0  # of the shares: a view whose expected accuracy is 0.1 lower counts 1/e as much


def fit_teaching(
    rows: EncodedTexts, labels: np.ndarray, linear: LogisticRegression, config: GameConfig, names: ClassNames | None
) -> Teaching:
    """Let each view form an opinion, join them, and teach the pupil.

    Args:
        rows: n encoded texts.
        labels: int from 0 to classes - 1, or UNLABELED, shape [n].
        linear: fitted on the features of the labeled rows.
        config: of the game.
        names: of the classes; None where they are not to be used.

    Returns:
        The teacher and what it was made of.
    """
    if has_many_classes(len(linear.classes_)):
        return Teaching((), estimate_reliability(rows.features, labels, linear, config), None)
    formed = [
        _form_opinion(view, labels, config, names, linear if is_whole(view, rows) else None) for view in views_of(rows)
    ]
    shares = shares_of(np.array([opinion.reliability.expected for opinion in formed]))
    expected = max(opinion.reliability.expected for opinion in formed)
    joined = _joined([opinion.reliability.teacher for opinion in formed], shares, expected)
    best = formed[int(shares.argmax())].reliability
    priors = best.priors
    if config.class_priors == "estimated" and best.linear is not None:
        priors = estimate_class_priors(rows.features, labels, linear, expected, config.seed)
    scaling = scaling_of(linear, rows.features, config.seed)
    teacher, pupil = _teach_pupil(rows, labels, joined, priors, expected, scaling, config)
    weight = mean_weight(shares, [opinion.reliability.unlabeled_weight for opinion in formed])
    opinions = tuple(_without_teacher(*pair) for pair in zip(formed, shares.tolist(), strict=True))
    whole = replace(best, unlabeled_weight=weight, expected=expected, priors=priors, teacher=teacher)
    return Teaching(opinions, whole, pupil)


def shares_of(expected: np.ndarray) -> np.ndarray:
    """The shares of views in the joined opinions by their expected accuracies; both of shape [views]."""
    shares = np.exp(SHARPNESS * (expected - expected.max()))
    return shares / shares.sum()


def mean_weight(shares: np.ndarray, weights: Sequence[float]) -> float:
    """The views' mean weight of the unlabeled rows; rounding does not lift it above 1, which no game takes."""
    return min(1.0, float(shares @ np.asarray(weights)))


def expected_accuracies(views: Sequence[View], labels: np.ndarray, config: GameConfig) -> dict[str, float]:
    """How accurate halves of the labels show the opinion of each view to be, without names of the classes.

    Args:
        views: of n texts.
        labels: int from 0 to classes - 1, or UNLABELED, shape [n].
        config: of the game.

    Returns:
        The expected accuracy by the view's name, 0 to 1.
    """
    return {view.name: _form_opinion(view, labels, config, None, None).reliability.expected for view in views}


def teach_by_names(rows: EncodedTexts, config: GameConfig, names: ClassNames | None) -> tuple[Teaching, np.ndarray]:
    """Make teacher and pupil from the names of the classes alone; no text has a label.

    Args:
        rows: n encoded texts.
        config: of the game.
        names: of the classes; None where they say nothing.

    Returns:
        The teaching, and provisional labels: the surest texts of each class, for the terms of the game that need some;
        int, UNLABELED elsewhere, shape [n].

    Raises:
        DataError: the names say nothing, or no encoder knows words.
    """
    if names is None:
        raise DataError(
            "No text has a label, and classes that are called by numbers or codes say nothing. Describe them with "
            "--label-descriptions FILE, or label a few texts."
        )
    views = [view for view in views_of(rows) if view.encode]
    if not views:
        raise DataError(
            "No text has a label, and this encoder does not know what the names of the classes mean. Choose --encoder "
            "use, or pretrained with --preset, or label a few texts."
        )
    unlabeled, classes = np.full(len(rows), UNLABELED), int(names.labels.max()) + 1
    if has_many_classes(classes):
        raise DataError(
            f"No text has a label, and {classes:,} classes are too many to learn from their names. Label a few texts "
            "of each class."
        )
    formed = [_form_opinion(view, unlabeled, config, names, None) for view in views]
    share = 1.0 / len(formed)
    answers = [opinion.reliability.teacher for opinion in formed]
    expected = _agreement(answers)
    priors = ClassPriors(*(np.full(classes, 1.0 / classes),) * 2)
    joined = _joined(answers, [share] * len(formed), expected)
    scaling = spectral_scaling(rows.features, config.seed)
    teacher, pupil = _teach_pupil(rows, unlabeled, joined, priors, expected, scaling, config)
    provisional = surest_labels(teacher, PROVISIONAL_SHARE, unlabeled)
    opinions = tuple(_without_teacher(opinion, share) for opinion in formed)
    whole = replace(formed[0].reliability, expected=expected, priors=priors, teacher=teacher)
    return Teaching(opinions, whole, pupil), provisional


def _agreement(answers: list[np.ndarray]) -> float:
    """Expected accuracy without labels: how often views agree, at most; a default with one view."""
    if len(answers) == 1:
        return DEFAULT_ACCURACY
    predicted = [each.argmax(axis=1) for each in answers]
    pairs = [(one == other).mean() for i, one in enumerate(predicted) for other in predicted[:i]]
    return float(np.mean(pairs))


def _without_teacher(opinion: Opinion, share: float) -> Opinion:
    """The opinion as it is kept: with its share, without the probabilities of all rows."""
    return replace(opinion, share=share, reliability=replace(opinion.reliability, teacher=np.zeros((0, 0))))


def teach_part(
    rows: EncodedTexts, labels: np.ndarray, linear: LogisticRegression, teaching: Teaching, config: GameConfig
) -> tuple[np.ndarray, LogisticRegression | None]:
    """Make teacher and pupil from a part of the labels, with the shares and weights of all labels.

    Args:
        rows: n encoded texts.
        labels: int, UNLABELED where there is none or it is held out, shape [n].
        linear: fitted on the features of these labeled rows.
        teaching: of all labels.
        config: of the game.

    Returns:
        Class probabilities, float32, shape [n, classes]; the pupil, None with very many classes.
    """
    reliability = teaching.reliability
    if not teaching.opinions:
        return plain_teacher(rows.features, linear, reliability.expected), None
    answers = []
    for view, opinion in zip(views_of(rows), teaching.opinions, strict=True):
        X, y = _with_names(view, labels, opinion.names)
        alone = opinion.names is None and is_whole(view, rows)
        anchors = len(X) - len(labels)
        model = linear if alone else fit_linear(X, y, config.seed, config.class_weights, anchors)
        scaling, own = scaling_of(model, X, config.seed), opinion.reliability
        graph = build_neighbor_graph(X, y, config.seed, scaling)
        answers.append(soft_pseudo_labels(X, model, graph, own.unlabeled_weight, own.expected)[: len(labels)])
    joined = _joined(answers, [opinion.share for opinion in teaching.opinions], reliability.expected)
    scaling = scaling_of(linear, rows.features, config.seed)
    return _teach_pupil(rows, labels, joined, reliability.priors, reliability.expected, scaling, config)


def views_of(rows: EncodedTexts) -> tuple[View, ...]:
    """The views of the texts: of several encoders, or the features alone."""
    return rows.views or (View("features", rows.features, columns=slice(0, rows.features.shape[1])),)


def is_whole(view: View, rows: EncodedTexts) -> bool:
    """Whether a view is all that is served: the linear model of the rows is then that of the view."""
    return view.columns == slice(0, rows.features.shape[1])


def _form_opinion(
    view: View, labels: np.ndarray, config: GameConfig, names: ClassNames | None, fitted: LogisticRegression | None
) -> Opinion:
    """The opinion of one view; `fitted`: its linear model of the labels without names, where there is one."""
    encoded = names.encode(view, labels) if names else None
    used = encoded if encoded and names and names.used(encoded, labels) else None
    X, y = _with_names(view, labels, used)
    linear = fitted
    anchors = len(X) - len(labels)
    if linear is None or used is not None:
        linear = fit_linear(X, y, config.seed, config.class_weights, anchors)
    without_shift = replace(config, class_priors="labels")
    reliability = estimate_reliability(X, y, linear, without_shift, anchors)
    reliability = replace(reliability, teacher=reliability.teacher[: len(labels)])
    return Opinion(view.name, reliability, 1.0, used, encoded.accuracy if encoded else None)


def _with_names(view: View, labels: np.ndarray, names: NameRows | None) -> tuple[np.ndarray, np.ndarray]:
    if names is None:
        return view.features, labels
    return np.concatenate([view.features, names.features]), np.concatenate([labels, names.labels])


def _joined(answers: list[np.ndarray], shares: Any, expected: float) -> np.ndarray:
    return answers[0] if len(answers) == 1 else sharpen(join_opinions(answers, shares), expected)


def _teach_pupil(
    rows: EncodedTexts,
    labels: np.ndarray,
    joined: np.ndarray,
    priors: ClassPriors,
    expected: float,
    scaling: np.ndarray,
    config: GameConfig,
) -> tuple[np.ndarray, LogisticRegression]:
    """The pupil of the joined opinions, and its answers, sharpened."""
    reweighted = priors.reweight(joined)
    pupil = fit_pupil(rows.features, labels, reweighted, scaling, config.seed, config.class_weights)
    return sharpen(pupil.predict_proba(rows.features), expected).astype(np.float32), pupil
