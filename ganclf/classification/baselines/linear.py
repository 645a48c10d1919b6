"""Linear baselines on the same labels, as strong as they can be made."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from threadpoolctl import threadpool_limits

C_GRID = (0.1, 1.0, 10.0, 100.0, 1000.0)  # inverse strength of the L2 penalty
C_SINGLE_LABEL = 10.0  # where a class has one label there is nothing to cross-validate with
TUNING_ROWS = 4000  # C is chosen on about so many rows; the fit is on all
MAX_ITERATIONS = 2000


def tuned_logistic_regression(X: Any, y: np.ndarray, seed: int, class_weights: str = "none") -> LogisticRegression:
    """Fit multinomial logistic regression; C by cross-validated accuracy on these labelled rows only.

    With balanced weights C is chosen by the mean of the classes' recalls, which counts classes as the weights do.

    Args:
        X: dense or sparse, shape [n, size].
        y: int, shape [n].
        seed: of the folds.
        class_weights: none or balanced.
    Returns:
        The fitted estimator; its `C` is the chosen one.
    """
    model = LogisticRegression(max_iter=MAX_ITERATIONS, class_weight=sklearn_weights(class_weights))
    with threadpool_limits(1, "blas"):  # small matrices: on busy cores more threads take ten times as long
        return model.set_params(C=_choose_c(model, X, y, seed)).fit(X, y)


def weights_of(model: LogisticRegression) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients [size, classes] and intercept [classes] of the logits, also where there are two classes."""
    coefficients, intercept = model.coef_, model.intercept_
    if len(coefficients) == 1:  # scikit-learn keeps the second class's alone
        coefficients, intercept = np.stack([0.0 * coefficients[0], coefficients[0]]), np.array([0.0, intercept[0]])
    return coefficients.T, intercept


def sklearn_weights(class_weights: str) -> str | None:
    """scikit-learn's word for `none` or `balanced`."""
    return None if class_weights == "none" else class_weights


def answer_linearly(
    X: Any, y: np.ndarray, asked: Any, seed: int, class_weights: str = "none"
) -> tuple[np.ndarray, float]:
    """Fit tuned logistic regression to X and y and predict `asked`; return the predictions and the chosen C."""
    if scipy.sparse.issparse(X):
        used = np.unique(X.indices)  # a word without a labelled text has weight 0 anyway: the same fit, much faster
        X, asked = X[:, used], asked[:, used]
    model = tuned_logistic_regression(X, y, seed, class_weights)
    return model.predict(asked), float(model.C)


def _choose_c(model: LogisticRegression, X: Any, y: np.ndarray, seed: int) -> float:
    fewest = int(np.unique(y, return_counts=True)[1].min())
    if fewest < 2:
        return C_SINGLE_LABEL
    if len(y) > TUNING_ROWS:
        part = part_of_each_class(y, TUNING_ROWS, seed)
        X, y = X[part], y[part]
        fewest = int(np.unique(y, return_counts=True)[1].min())
    folds = StratifiedKFold(min(5, fewest), shuffle=True, random_state=seed)
    by = "balanced_accuracy" if model.class_weight else "accuracy"
    search = GridSearchCV(model, {"C": list(C_GRID)}, scoring=by, cv=folds, refit=False)
    return float(search.fit(X, y).best_params_["C"])


def part_of_each_class(y: np.ndarray, rows: int, seed: int) -> np.ndarray:
    """Places of about `rows` rows, of every class two or more where it has them."""
    generator, classes = np.random.default_rng(seed), np.unique(y)
    limit = max(2, rows // len(classes))
    shuffled = [generator.permutation(np.flatnonzero(y == each)) for each in classes]
    return np.sort(np.concatenate([places[:limit] for places in shuffled]))
