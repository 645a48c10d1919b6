"""What a user gives as labels, and the type in which classes come back."""

from __future__ import annotations

import datetime
import tracemalloc
import warnings
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from ganclf.classification.folds import LabeledFolds
from ganclf.classification.label_types import check_comparable, class_names, classes_of
from ganclf.classification.labels import as_labels, encode_labels
from ganclf.errors import DataError, ModelError

LABELS = ["sun", None, "rain"]


@pytest.mark.parametrize(
    "given",
    [
        tuple(LABELS),
        np.array(LABELS, dtype=object),
        np.array(LABELS, dtype=object).reshape(3, 1),
        pd.Series(LABELS, index=[5, 1, 2]),
        pd.Series(LABELS, dtype="category"),
        pd.Series(LABELS, dtype="string"),
        pd.DataFrame({"label": LABELS}),
        pd.DataFrame({"label": pd.array(LABELS, dtype="string")}),
        [" sun ", "\t", "rain\n"],
        ["sun\u3000", pd.NaT, "rain"],
        ["sun", pd.NA, "rain"],
        ["sun", -1, "rain"],
        ["sun", -1.0, "rain"],
        ["sun", Decimal("NaN"), "rain"],
    ],
)
def test_labels_may_come_in_any_form_of_one_column(given):
    encoded = encode_labels(given, 3)
    assert encoded.classes.tolist() == ["rain", "sun"]
    assert encoded.idx.tolist() == [1, -1, 0]


@pytest.mark.parametrize(
    ("given", "dtype", "names"),
    [
        ([7, None, 3], np.int64, ["3", "7"]),
        (np.array([7, -1, 3], np.int16), np.int16, ["3", "7"]),
        (np.array([200, 3, 3], np.uint8), np.uint8, ["3", "200"]),
        (pd.Series([7, None, 3]), np.float64, ["3", "7"]),
        (pd.Series([7, None, 3], dtype="Int64"), np.int64, ["3", "7"]),
        (pd.DataFrame({"stars": [7, 7, 3]}), np.int64, ["3", "7"]),
        ([0.5, 2, None], np.float64, ["0.5", "2"]),
        (np.array([0.1, 2, np.nan], np.float32), np.float32, ["0.1", "2"]),
        ([True, False, None], np.bool_, ["false", "true"]),
        (np.array([True, False, False]), np.bool_, ["false", "true"]),
        (pd.Series([True, None, False], dtype="boolean"), np.bool_, ["false", "true"]),
        (["1", "-1", "2"], np.dtype("<U2"), ["-1", "1", "2"]),
    ],
)
def test_classes_keep_their_type_and_come_back_from_their_published_names(given, dtype, names):
    encoded = encode_labels(given, 3)
    assert encoded.classes.dtype == dtype
    assert class_names(encoded.classes) == names
    stored = None if encoded.classes.dtype.kind == "U" else encoded.classes.dtype.name
    again = classes_of(names, stored)
    assert again.dtype == dtype
    assert again.tolist() == encoded.classes.tolist()


def test_a_truth_value_is_never_unlabeled():
    assert as_labels([True, False, np.bool_(False)]) == [True, False, False]


def test_integers_beyond_the_exact_floats_keep_their_value():
    large = [2**62 + 1, 2**62 + 3]
    classes = encode_labels(large, 2).classes
    assert classes_of(class_names(classes), classes.dtype.name).tolist() == large


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["a", 1], r"labels are of several types: strings \(such as 'a'\) and whole numbers \(such as 1\)"),
        ([True, 1], r"truth values \(such as True\) and whole numbers"),
        (["a", 0.5], r"numbers \(such as 0.5\) and strings"),
        ([2**70, 1], r"the label 1180591620717411303424 needs more than 64 bits"),
        ([datetime.date(2026, 1, 1), "a"], "a label is of the type date"),
        (pd.Series(pd.to_datetime(["2026-01-01", None])), "a label is of the type datetime64"),
        ([b"a", b"b"], "a label is of the type bytes"),
        ([float("inf"), 1.0], "a label is of the type float: inf"),
        (["a\ud800", "b"], r"row 1 of y: the label 'a\\ud800' is not valid Unicode"),
        (pd.DataFrame({"a": [1, 2], "b": [1, 2]}), r"y has 2 columns \['a', 'b'\] with values such as 2; give one"),
        (
            pd.DataFrame({"a": ["x", "y"], "id": [1, 2]}),
            r"y has 2 columns \['a', 'id'\] with values that are no numbers",
        ),
        (np.array([["x", "y"], ["z", "u"]]), r"y has 2 columns with values that are no numbers; give one column"),
        ("ab", "y is one text"),
        (["a"], "2 texts but 1 labels"),
        (["a", " a "], r"Labels of 1 class\(es\): \['a'\]"),
    ],
)
def test_labels_that_make_no_classes_are_refused_in_words(given, message):
    with pytest.raises(DataError, match=message):
        encode_labels(given, 2)


def test_gaps_that_an_array_of_strings_wrote_out_are_warned_of():
    with pytest.warns(UserWarning, match=r"the class\(es\) \['nan'\] look like missing labels"):
        encode_labels(np.array(["yes", "no", np.nan]), 3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        encode_labels(["null", "NA", "none"], 3)


def test_memory_grows_with_classes_not_with_rows_times_the_longest_name():
    labels = ["x" * 20_000] * 20_000 + ["y"] * 2
    tracemalloc.start()
    encoded = encode_labels(labels, len(labels))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert np.bincount(encoded.idx).tolist() == [20_000, 2]
    assert peak < 10 * 2**20


def test_strings_are_never_compared_with_numbers():
    check_comparable([1, True, 0.5], np.array([False, True]))
    check_comparable(["1"], np.array(["1", "2"]))
    with pytest.raises(DataError, match=r"the classes are strings, such as '1', and a label is 1"):
        check_comparable([1], np.array(["1", "2"]))
    with pytest.raises(DataError, match=r"the classes are not strings, such as .*, and a label is '1'"):
        check_comparable(["1"], np.array([1, 2]))


@pytest.mark.parametrize(
    ("names", "type_name"),
    [(["a", "b"], "int64"), (["yes", "no"], "bool"), (["1", "300"], "uint8"), (["1"], "object"), (["1"], "no type")],
)
def test_names_that_are_not_of_the_stored_type_are_refused(names, type_name):
    with pytest.raises(ModelError, match="publish the model again"):
        classes_of(names, type_name)


def test_folds_take_labels_in_every_form():
    y = pd.DataFrame({"label": [1, 2, None] * 4})
    for train, test in LabeledFolds(2).split(pd.DataFrame({"text": ["a"] * 12}), y):
        assert len(train) == 8
        assert len(test) == 4
