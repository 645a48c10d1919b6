"""Linear baselines on the same labels, as strong as they can be made."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import scipy.sparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from threadpoolctl import threadpool_limits

from ganclf.evaluation.metrics import without_class_count_warning

C_GRID = (0.1, 1.0, 10.0, 100.0, 1000.0)  # inverse strength of the L2 penalty
C_SINGLE_LABEL = 10.0  # where a class has one label, cross-validation is impossible
TUNING_ROWS = 4000  # about as many rows choose C; the fit is on all
MAX_ITERATIONS = 2000


@contextmanager
def small_fits() -> Iterator[None]:
    """Fit on small matrices: with one thread, since on busy cores more take ten times as long, and without warnings.

    The warnings are two that scikit-learn repeats at every fit: of the number of classes, and of fits that end at
    MAX_ITERATIONS, which are good enough to compare values of C.
    """
    with threadpool_limits(1, "blas"), without_class_count_warning(), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield


def tuned_logistic_regression(X: Any, y: np.ndarray, seed: int, class_weights: str = "none") -> LogisticRegression:
    """Fit multinomial logistic regression; C by cross-validated accuracy on these labeled rows only.

    With balanced weights C is chosen by the mean of the classes' recalls, which counts classes as the weights do.

    Args:
        X: dense or sparse, shape [n, size].
        y: int, shape [n].
        seed: of the folds.
        class_weights: none or balanced.

    Returns:
        The fitted estimator; its `C` is the chosen one.
    """
    model = LogisticRegression(max_iter=MAX_ITERATIONS, class_weight=sklearn_class_weight(class_weights))
    with small_fits():
        return model.set_params(C=_choose_c(model, X, y, seed)).fit(X, y)


def logit_weights(model: LogisticRegression) -> tuple[np.ndarray, np.ndarray]:
    """Return coefficients [size, classes] and intercept [classes] of the logits, also where there are two classes."""
    coefficients, intercept = model.coef_, model.intercept_
    if len(coefficients) == 1:  # scikit-learn keeps the second class's alone
        coefficients, intercept = np.stack([0.0 * coefficients[0], coefficients[0]]), np.array([0.0, intercept[0]])
    return coefficients.T, intercept


def sklearn_class_weight(class_weights: str) -> str | None:
    """Translate `none` or `balanced` to scikit-learn's `class_weight`."""
    return None if class_weights == "none" else class_weights


def fit_predict_linear(
    X: Any, y: np.ndarray, X_test: Any, seed: int, class_weights: str = "none"
) -> tuple[np.ndarray, float]:
    """Fit tuned logistic regression to X and y and predict `X_test`.

    Args:
        X: dense or sparse, shape [n, size].
        y: labels, shape [n].
        X_test: likewise, shape [m, size].
        seed: of the folds that choose C.
        class_weights: none or balanced.

    Returns:
        The predictions, shape [m], and the chosen C.
    """
    if scipy.sparse.issparse(X):
        used = np.unique(X.indices)  # a word without a labeled text has weight 0 anyway: the same fit, much faster
        X, X_test = X[:, used], X_test[:, used]
    model = tuned_logistic_regression(X, y, seed, class_weights)
    return model.predict(X_test), float(model.C)


def stratified_subsample(y: np.ndarray, rows: int, seed: int) -> np.ndarray:
    """Choose about `rows` rows, of every class two or more where it has them.

    Args:
        y: int, shape [n].
        rows: how many are wanted.
        seed: of the choice.

    Returns:
        Indices, sorted, int.
    """
    generator, classes = np.random.default_rng(seed), np.unique(y)
    limit = max(2, rows // len(classes))
    shuffled = [generator.permutation(np.flatnonzero(y == label)) for label in classes]
    return np.sort(np.concatenate([idx[:limit] for idx in shuffled]))


def _choose_c(model: LogisticRegression, X: Any, y: np.ndarray, seed: int) -> float:
    min_count = int(np.unique(y, return_counts=True)[1].min())
    if min_count < 2:
        return C_SINGLE_LABEL
    if len(y) > TUNING_ROWS:
        idx = stratified_subsample(y, TUNING_ROWS, seed)
        X, y = X[idx], y[idx]
        min_count = int(np.unique(y, return_counts=True)[1].min())
    folds = StratifiedKFold(min(5, min_count), shuffle=True, random_state=seed)
    scoring = "balanced_accuracy" if model.class_weight else "accuracy"
    search = GridSearchCV(model, {"C": list(C_GRID)}, scoring=scoring, cv=folds, refit=False)
    return float(search.fit(X, y).best_params_["C"])
