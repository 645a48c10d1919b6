"""Labels of any sortable type, one or several per row, with unlabeled rows among them, become class indices."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
import scipy.sparse

from ganclf.classification.label_types import common_type, label_kind
from ganclf.data.rows import UNLABELED, is_labeled
from ganclf.data.texts import HALF_PAIRS, MAX_NAMES, as_column, is_missing
from ganclf.errors import DataError

# per text: a label; None, NaN, "" or the number -1 where there is none. With several labels a text: a list, tuple or
# set of labels, or a table or array of 0 and 1 with a column per class
Labels = Sequence[Any]
SETS = (list, tuple, set, frozenset, np.ndarray)
LOST_GAPS = frozenset(["nan", "NaN", "None", "<NA>", "NaT"])  # as `np.array(["yes", np.nan])` writes them


@dataclass(frozen=True, eq=False)
class EncodedLabels:
    """Labels as scikit-learn's LabelEncoder or MultiLabelBinarizer has them, with UNLABELED for rows without one.

    Attributes:
        classes: the labels, sorted, shape [classes].
        idx: index of each row's label in `classes`, or UNLABELED, int64, shape [n]; with several labels a text 0 and 1
            for each class, or UNLABELED in the whole row, int64, shape [n, classes].
    """

    classes: np.ndarray
    idx: np.ndarray

    @property
    def multi_label(self) -> bool:
        """Whether a text may have several labels."""
        return self.idx.ndim == 2

    def __len__(self) -> int:
        return len(self.idx)


def is_unlabeled(label: Any) -> bool:
    """Whether a label is None, NaN, NaT, pandas.NA, a blank string, or the number -1 as in scikit-learn."""
    if isinstance(label, str):
        return not label.strip()
    return is_missing(label) or (isinstance(label, Real) and not isinstance(label, bool) and label == UNLABELED)


def as_labels(y: Labels) -> list[Any]:
    """Return one label per row as a list: None where there is none, strings without the blanks around them.

    Where rows are lists, tuples or sets of labels, each is a sorted tuple; an empty one counts as None.

    Args:
        y: a list, an array of shape [n] or [n, 1], a Series, or a table with one column.

    Raises:
        DataError: a table with several columns, or a label that is neither a string nor a number nor a truth value.
    """
    column = as_column(y, "y")
    if any(isinstance(label, SETS) for label in column):
        return [_clean_set(labels, row) for row, labels in enumerate(column, start=1)]
    return [_clean(label, row) for row, label in enumerate(column, start=1)]


def is_indicator_matrix(y: Any) -> bool:
    """Whether y is a table or an array with a column for each of several classes."""
    return getattr(y, "ndim", 0) == 2 and y.shape[1] > 1


def encode_labels(
    y: Labels | EncodedLabels | None, rows: int, class_names: Sequence[Any] | None = None
) -> EncodedLabels:
    """Encode the labels of a fit; encoded ones stay as they are.

    Args:
        y: one label per row, as in `as_labels`, or several: a list, tuple or set per row, None or an empty one where
            there are none; or a table or array of 0 and 1 with a row per text and a column per class, in which a row
            of -1 or NaN is unlabeled and a row of 0 a text that has none of the labels.
        rows: number of texts.
        class_names: of the columns of such an array; default: the names of a table's columns, or their numbers. Or of
            all classes, where no row has a label.

    Returns:
        Classes and indices.

    Raises:
        DataError: another number of labels than of rows, labels of several types, fewer than two classes, or an array
            with other values than 0 and 1.
    """
    if is_indicator_matrix(y):
        return _encode_matrix(y, rows, class_names)
    if class_names is not None and not isinstance(y, EncodedLabels):
        if y is None or not any(label is not None for label in as_labels(y)):
            return unlabeled_rows(class_names, rows)
        raise DataError(
            "class_names are for an array of 0 and 1 with a column per class, or for texts without any label; "
            "leave them out."
        )
    if y is None:
        raise DataError("No text has a label; give some, or the names of the classes as class_names.")
    labels = y if isinstance(y, EncodedLabels) else as_labels(y)
    if len(labels) != rows:
        raise DataError(f"{rows} texts but {len(labels)} labels; give one label per text, None where there is none.")
    if isinstance(labels, EncodedLabels):
        return labels
    if any(isinstance(label, tuple) for label in labels):
        return _encode_sets(labels)
    dtype = common_type(label for label in labels if label is not None)
    ordered = sorted({label for label in labels if label is not None})
    if len(ordered) < 2:
        raise DataError(f"Labels of {len(ordered)} class(es): {ordered}; two or more are needed.")
    _warn_of_lost_gaps(ordered)
    places = {label: place for place, label in enumerate(ordered)}
    idx = np.array([UNLABELED if label is None else places[label] for label in labels])
    return EncodedLabels(_as_array(ordered, dtype), idx)


def unlabeled_rows(class_names: Sequence[Any], rows: int) -> EncodedLabels:
    """Rows without any label, and the classes that they may belong to.

    Args:
        class_names: strings.
        rows: their number.

    Raises:
        DataError: fewer than two different names, or a blank one.
    """
    names = sorted({str(name).strip() for name in class_names})
    if len(names) < 2 or "" in names:
        raise DataError(f"Classes {list(class_names)}: name two different ones or more, none of them blank.")
    return EncodedLabels(np.array(names), np.full(rows, UNLABELED))


def _clean(label: Any, row: int) -> Any:
    """A label without blanks around it, None for an unlabeled row."""
    if isinstance(label, (*SETS, dict)):
        raise DataError(f"row {row} of y holds several labels, {f'{label!r}'[:60]}; give one label per text.")
    if is_unlabeled(label):
        return None
    if isinstance(label, str):
        if HALF_PAIRS.search(label):
            raise DataError(f"row {row} of y: the label {label!r} is not valid Unicode; replace it.")
        return str(label).strip()
    label_kind(label)  # refuses dates and the like
    return label


def _clean_set(labels: Any, row: int) -> tuple[Any, ...] | None:
    """The labels of one row, sorted, each once; None for an unlabeled row."""
    if not isinstance(labels, SETS):
        if is_unlabeled(labels):
            return None
        raise DataError(
            f"row {row} of y is {f'{labels!r}'[:60]}, and other rows are lists of labels; give a list in each row, or "
            "None."
        )
    cleaned = {_clean(label, row) for label in (labels.ravel() if isinstance(labels, np.ndarray) else labels)}
    named = [label for label in cleaned if label is not None]
    common_type(named)  # refuses types that can't be sorted
    return tuple(sorted(named)) or None


def _encode_sets(labels: Sequence[tuple[Any, ...] | None]) -> EncodedLabels:
    dtype = common_type(name for names in labels for name in names or ())
    ordered = sorted({name for names in labels for name in names or ()})
    if len(ordered) < 2:
        raise DataError(f"Labels of {len(ordered)} class(es): {ordered}; two or more are needed.")
    _warn_of_lost_gaps(ordered)
    return EncodedLabels(_as_array(ordered, dtype), indicator_matrix(labels, ordered))


def indicator_matrix(labels: Sequence[tuple[Any, ...] | None], classes: Sequence[Any]) -> np.ndarray:
    """Encode label sets with given classes; names that are not among them are left out.

    Args:
        labels: of each row, None where there are none.
        classes: the columns.

    Returns:
        0 and 1, or UNLABELED in the whole row, int64, shape [n, classes].
    """
    places = {label: place for place, label in enumerate(classes)}
    matrix = np.zeros((len(labels), len(places)), dtype=np.int64)
    for row, names in zip(matrix, labels, strict=True):
        if names is None:
            row[:] = UNLABELED
        row[[places[name] for name in names or () if name in places]] = 1
    return matrix


def label_set_numbers(labels: np.ndarray) -> np.ndarray:
    """Number the label sets of rows, for what needs one class per row; labels of shape [n] stay as they are.

    Args:
        labels: as of `EncodedLabels`.

    Returns:
        int64, UNLABELED where there is none, shape [n].
    """
    if labels.ndim == 1:
        return labels
    numbers = np.full(len(labels), UNLABELED)
    labeled = is_labeled(labels)
    numbers[labeled] = np.unique(labels[labeled], axis=0, return_inverse=True)[1].ravel()
    return numbers


def _encode_matrix(y: Any, rows: int, class_names: Sequence[Any] | None) -> EncodedLabels:
    columns = getattr(y, "columns", None)
    matrix = y.toarray() if scipy.sparse.issparse(y) else np.asarray(y)
    if len(matrix) != rows:
        raise DataError(
            f"{rows} texts but {len(matrix)} rows of labels; give one row per text, of -1 where it has none."
        )
    names = class_names if class_names is not None else columns if columns is not None else range(matrix.shape[1])
    names = [_clean(getattr(name, "item", lambda own=name: own)(), 1) for name in names]
    if len(names) != matrix.shape[1] or None in names or len(set(names)) < len(names):
        raise DataError(
            f"{matrix.shape[1]} columns of labels but the names {names[:5]}; give each column its own name."
        )
    shown = "" if columns is None else f" {[str(name) for name in columns[:MAX_NAMES]]}"
    described = f"y has {matrix.shape[1]} columns{shown} with values"
    remedy = "give one column of labels, or a column per class with 0 and 1, and -1 in a row without labels."
    try:
        numbers = matrix.astype(float)
    except (TypeError, ValueError):
        raise DataError(f"{described} that are no numbers; {remedy}") from None
    unlabeled = np.isnan(numbers).all(axis=1) | (numbers == UNLABELED).all(axis=1)
    wrong = ~np.isin(numbers[~unlabeled], (0.0, 1.0))
    if wrong.any():
        value = numbers[~unlabeled][wrong][0]
        raise DataError(f"{described} such as {value:g}; {remedy}")
    encoded = np.where(unlabeled[:, np.newaxis], UNLABELED, np.nan_to_num(numbers)).astype(np.int64)
    if (~unlabeled).sum() == 0 or (encoded == 1).any(axis=0).sum() < 2:
        raise DataError(f"y has labels of {(encoded == 1).any(axis=0).sum()} class(es); two or more are needed.")
    return EncodedLabels(_as_array(names, common_type(names)), encoded)


def _as_array(ordered: list[Any], dtype: np.dtype[Any]) -> np.ndarray:
    try:
        return np.array(ordered, dtype)
    except OverflowError:
        raise DataError(
            f"the label {max(ordered, key=abs)} needs more than 64 bits; give such labels as strings."
        ) from None


def _warn_of_lost_gaps(classes: list[Any]) -> None:
    """Warn of classes that look like missing labels which an array of strings has written out."""
    written = sorted(LOST_GAPS.intersection(classes))
    if written:
        warnings.warn(
            f"the class(es) {written} look like missing labels that became strings; if they are, give None there.",
            stacklevel=4,
        )
