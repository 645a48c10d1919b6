"""Labels that are probably wrong: confident learning on cross-fitted predictions (Northcutt, Jiang & Chuang 2021)."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from ganclf.classification.baselines.linear import small_fits
from ganclf.classification.label_types import class_names
from ganclf.classification.labels import encode_labels
from ganclf.classification.semi_supervised.agreement import kappa
from ganclf.classification.semi_supervised.cross_fitting import CrossFit, held_out_rows
from ganclf.classification.semi_supervised.stacking import Stacking
from ganclf.classification.semi_supervised.teacher import safe_log
from ganclf.classification.trained import TrainedModel
from ganclf.contract import LABEL_ISSUES_FILE
from ganclf.data.rows import UNLABELED

FOLDS = 5
LOG_INVERSE_TEMPERATURES = (-2.0, 3.0)  # between which predictions are calibrated
MIN_LABELS = 2  # of a class: with fewer none of its labels is doubted, and no text is said to belong to it
MIN_PROBABILITY = 0.6  # of the suggested class
MIN_KAPPA = 0.25  # of predictions and labels: models that agree less are wrong more often than the labels
MAX_CELLS = 20_000_000  # probabilities of all labeled rows for all classes, above which labels are not checked
HEADER = ("row", "label", "suggested", "label_probability", "suggested_probability")


@dataclass(frozen=True)
class LabelIssues:
    """Labeled rows that are probably wrong, the most doubtful first.

    Attributes:
        idx: of the rows, int, shape [m].
        suggested: the class that was meant instead, int, shape [m].
        given_probability: that the given label is right, float, shape [m].
        suggested_probability: that the suggested one is, float, shape [m].
        checked: how many labeled rows were checked.
    """

    idx: np.ndarray
    suggested: np.ndarray
    given_probability: np.ndarray
    suggested_probability: np.ndarray
    checked: int


def find_label_issues(probabilities: np.ndarray, labels: np.ndarray) -> LabelIssues:
    """Estimate how many labels of each class are wrong, and doubt as many: the least likely ones.

    A row counts towards a class whose own mean probability, over the rows with its label, it reaches. These counts say
    how many rows with one label belong to another class. A label is doubted if it is among so many of its class with
    the lowest probability, and among so many of the pair of classes with the largest margin; both rules together are
    the most precise of the paper's. Models of few labels are often wrong themselves, and the counts take that for wrong
    labels: so the class that was meant must also have MIN_PROBABILITY.

    Args:
        probabilities: of labeled rows, calibrated, by models that were not trained on the row's label, shape
            [n, classes].
        labels: int, shape [n].

    Returns:
        What is found; `idx` are places in `labels`. Classes with fewer than MIN_LABELS labels take no part, and nothing
        is found where the predictions agree with the labels little more than by chance.
    """
    rows, counts = np.arange(len(labels)), np.bincount(labels, minlength=probabilities.shape[1])
    takes_part = counts >= MIN_LABELS
    if kappa(probabilities[takes_part[labels]].argmax(axis=1), labels[takes_part[labels]]) < MIN_KAPPA:
        takes_part[:] = False
    given = probabilities[rows, labels]
    wrong = _wrong_labels(probabilities, labels, takes_part)
    of_class, of_pair = np.zeros(len(labels), bool), np.zeros(len(labels), bool)
    for label in np.flatnonzero(takes_part):
        members = np.flatnonzero(labels == label)
        of_class[members[np.argsort(given[members], kind="stable")[: wrong[label].sum()]]] = True
        for other in np.flatnonzero(wrong[label]):
            margin = probabilities[members, other] - given[members]
            of_pair[members[np.argsort(-margin, kind="stable")[: wrong[label, other]]]] = True
    others = np.where(takes_part, probabilities, -1.0)
    others[rows, labels] = -1.0
    suggested, best = others.argmax(axis=1), others.max(axis=1)
    idx = np.flatnonzero(of_class & of_pair & (best >= MIN_PROBABILITY))
    idx = idx[np.argsort(given[idx] - best[idx], kind="stable")]
    return LabelIssues(idx, suggested[idx], given[idx], best[idx], int(takes_part[labels].sum()))


def _wrong_labels(probabilities: np.ndarray, labels: np.ndarray, takes_part: np.ndarray) -> np.ndarray:
    """Estimate how many rows with one label belong to another class; int, shape [classes, classes], 0 on the diagonal.

    That is the confident joint, scaled to the number of labels of each class.
    """
    rows, classes = np.arange(len(labels)), len(takes_part)
    counts = np.bincount(labels, minlength=classes)
    usual = np.bincount(labels, weights=probabilities[rows, labels], minlength=classes) / np.maximum(counts, 1)
    reached = np.where(takes_part & (probabilities >= usual), probabilities, -1.0)
    confident = takes_part[labels] & (reached.max(axis=1) > 0.0)
    joint = np.zeros((classes, classes))
    np.add.at(joint, (labels[confident], reached[confident].argmax(axis=1)), 1.0)
    joint *= (counts / np.maximum(joint.sum(axis=1), 1.0))[:, None]
    np.fill_diagonal(joint, 0.0)
    return np.round(joint).astype(int)


def check_labels(
    features: np.ndarray,
    labels: np.ndarray,
    linear: LogisticRegression,
    cross_fit: CrossFit | None = None,
    stacking: Stacking | None = None,
    seed: int = 0,
) -> LabelIssues | None:
    """Predict every labeled row by models that did not see its label, and look for labels that are probably wrong.

    Args:
        features: float32, shape [n, size].
        labels: int, UNLABELED where there is none, shape [n].
        linear: fitted on all labels and on no unlabeled row; clones of it are cross-validated.
        cross_fit: held-out predictions of a game, which count where every other label has one.
        stacking: weights of game and linear model.
        seed: of the folds.

    Returns:
        What is found; None where fewer than two classes have MIN_LABELS labels, or there are too many rows and classes.
    """
    labeled = np.flatnonzero(labels != UNLABELED)
    y = labels[labeled]
    if (np.bincount(y) >= MIN_LABELS).sum() < 2 or len(y) * len(linear.classes_) > MAX_CELLS:
        return None
    log_proba = safe_log(cross_validated(features[labeled], y, linear, seed))
    if cross_fit and stacking:
        log_proba = _with_game(log_proba, labels, labeled, cross_fit, stacking, seed)
    found = find_label_issues(calibrated(log_proba, y), y)
    return LabelIssues(
        labeled[found.idx], found.suggested, found.given_probability, found.suggested_probability, found.checked
    )


def report_label_issues(model: TrainedModel, labeled_rows: Sequence[int | str]) -> dict[str, Any]:
    """Check the labels of a trained model, for its report.

    Args:
        model: fitted in this process.
        labeled_rows: where a user finds each labeled text, in their order.

    Returns:
        `sentence`, `checked` and `rows` with the columns of HEADER; empty where nothing was checked. With several
        labels a text nothing is checked.
    """
    nothing: dict[str, Any] = {"sentence": "", "checked": 0, "rows": []}
    classifier = model.classifier
    if classifier.multi_label:
        return nothing
    labels, ensemble = encode_labels(model.labels, len(model.texts)), classifier.ensemble_
    found = check_labels(
        model.rows.features, labels.idx, ensemble.plain, ensemble.cross_fit, classifier.stacking_, ensemble.config.seed
    )
    if found is None:
        return nothing
    names, places = class_names(labels.classes), np.cumsum(labels.idx != UNLABELED) - 1
    of_label, of_other = (p.round(4).tolist() for p in (found.given_probability, found.suggested_probability))
    columns = (
        [labeled_rows[places[row]] for row in found.idx],
        [names[label] for label in labels.idx[found.idx]],
        [names[label] for label in found.suggested],
        of_label,
        of_other,
    )
    rows = [dict(zip(HEADER, values, strict=True)) for values in zip(*columns, strict=True)]
    return {"sentence": _sentence(len(rows), found.checked), "checked": found.checked, "rows": rows}


def write_label_issues(rows: Sequence[Mapping[str, Any]], folder: Path) -> None:
    """Write LABEL_ISSUES_FILE: rows of the user's file and labels, without texts; no file without rows."""
    if rows:
        with (folder / LABEL_ISSUES_FILE).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, HEADER)
            writer.writeheader()
            writer.writerows(rows)


def _sentence(found: int, checked: int) -> str:
    if not found:
        return ""
    texts = "text may have a wrong label" if found == 1 else "texts may have a wrong label"
    return (
        f"{found:,} of {checked:,} labeled {texts}: {LABEL_ISSUES_FILE}, beside the report, lists rows of your file "
        "with the label that was probably meant, the most doubtful first."
    )


def cross_validated(X: np.ndarray, y: np.ndarray, linear: LogisticRegression, seed: int) -> np.ndarray:
    """Predict each row by a clone of a linear model that was not fitted on it; C and scaling stay.

    Args:
        X: float32, shape [n, size].
        y: int, shape [n].
        linear: has the classes of `y`.
        seed: of the folds.

    Returns:
        Class probabilities, shape [n, classes]. The only row of a class has no meaning: its class can't be predicted.
    """
    probabilities = np.zeros((len(y), len(linear.classes_)))
    _, places = np.unique(y, return_inverse=True)
    single = np.bincount(places)[places] < MIN_LABELS
    several = np.flatnonzero(~single)
    folds = min(FOLDS, int(np.bincount(places[several]).max()))
    with small_fits():
        for train, held_out in StratifiedKFold(folds, shuffle=True, random_state=seed).split(several, y[several]):
            chosen = np.concatenate([several[train], np.flatnonzero(single)])
            model: Any = clone(linear).fit(X[chosen], y[chosen])
            columns = np.searchsorted(linear.classes_, model.classes_)
            probabilities[np.ix_(several[held_out], columns)] = model.predict_proba(X[several[held_out]])
    return probabilities


def calibrated(log_proba: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Give log probabilities [n, classes] the temperature of the least log loss; returns probabilities."""
    rows = np.arange(len(labels))

    def log_loss(log_inverse: float) -> float:
        return -float(log_softmax(np.exp(log_inverse) * log_proba, axis=1)[rows, labels].mean())

    found = minimize_scalar(log_loss, bounds=LOG_INVERSE_TEMPERATURES, method="bounded")
    return softmax(np.exp(found.x) * log_proba, axis=1)


def _with_game(
    log_proba: np.ndarray, labels: np.ndarray, labeled: np.ndarray, cross_fit: CrossFit, stacking: Stacking, seed: int
) -> np.ndarray:
    """Mix in the game's held-out predictions where there is one for about every row: not of one part of many labels."""
    idx = held_out_rows(labels, seed)
    if len(idx) < len(labeled) - log_proba.shape[1]:
        return log_proba
    mixed, places = log_proba.copy(), np.searchsorted(labeled, idx)
    mixed[places] = stacking.combine(cross_fit.game, log_proba[places])
    return mixed
