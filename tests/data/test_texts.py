"""What a user gives as texts: one column in any form, or a sentence."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from ganclf.data.texts import as_column, as_texts
from ganclf.errors import DataError

TEXTS = ["good sun", "bad rain"]
FORMS = {
    "list": TEXTS,
    "tuple": tuple(TEXTS),
    "iterator": (text for text in TEXTS),
    "array": np.array(TEXTS),
    "objects": np.array(TEXTS, dtype=object),
    "column of an array": np.array(TEXTS, dtype=object).reshape(2, 1),
    "column of strings": np.array(TEXTS).reshape(2, 1),
    "list of rows": [[text] for text in TEXTS],
    "series": pd.Series(TEXTS, index=[7, 3]),
    "string series": pd.Series(TEXTS, dtype="string"),
    "categories": pd.Series(TEXTS, dtype="category"),
    "index": pd.Index(TEXTS),
    "frame": pd.DataFrame({"text": TEXTS}),
    "string frame": pd.DataFrame({"text": pd.array(TEXTS, dtype="string")}),
    "arrow frame": pd.DataFrame({"text": pd.array(TEXTS, dtype="string[pyarrow]")}),
    "arrow table": pa.table({"text": TEXTS}),
    "arrow array": pa.chunked_array([TEXTS]),
}


@pytest.mark.parametrize("form", FORMS)
def test_one_column_is_its_texts_in_every_form(form):
    given = FORMS[form] if form != "iterator" else iter(TEXTS)
    assert as_texts(given) == TEXTS


MANY = {f"column {i}": [1] for i in range(12)}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            pd.DataFrame({"a": [1], "text": [2], "c": [3]}),
            r"X has 3 columns \['a', 'text', 'c'\]: give one, such as X\['a'\]",
        ),
        (pd.DataFrame(MANY), r"X has 12 columns \[.*'column 9', …\]: give one"),
        (pd.DataFrame(index=[0, 1]), "X has no column"),
        (pa.table({"a": ["x"], "b": ["y"]}), r"X has 2 columns \['a', 'b'\]"),
        (np.array([["a", "b"]]), r"X has the shape \[1, 2\]"),
        (np.array("a"), r"X has the shape \[\]"),
        (np.zeros((2, 1, 1)), r"X has the shape \[2, 1, 1\]"),
        ("good sun", "X is one text, 'good sun', and a list is needed"),
        (b"good sun", "X is one text, b'good sun'"),
        ({"text": TEXTS}, "X is a dict"),
        (set(TEXTS), "X is a set"),
        (3, "X is a int"),
        (None, "X is a NoneType"),
    ],
)
def test_what_is_no_column_is_refused_and_columns_are_named(given, message):
    with pytest.raises(DataError, match=message):
        as_texts(given)


@pytest.mark.parametrize("missing", [None, float("nan"), np.nan, pd.NA, pd.NaT, ""])
def test_a_missing_text_is_an_empty_one(missing):
    assert as_texts(["a", missing]) == ["a", ""]
    assert as_texts(pd.DataFrame({"text": ["a", missing]})) == ["a", ""]


def test_other_values_are_written_as_a_file_shows_them():
    numbers = [3, 3.0, 2.5, True, np.int64(3), np.float32(3.0), np.bool_(False)]
    assert as_texts(numbers) == ["3", "3", "2.5", "true", "3", "3", "false"]
    assert as_texts(pd.Series([1, None])) == ["1", ""]
    assert as_texts(["包裹".encode(), b"\xff", np.str_("sun"), np.bytes_(b"rain")]) == ["包裹", "\ufffd", "sun", "rain"]
    assert as_texts(["half \ud800 pair"]) == ["half   pair"]


@pytest.mark.parametrize(
    "value",
    [["two", "words"], [], {"text": "a"}, datetime.date(2026, 1, 1), object(), ("a", "b"), np.array(["a", "b"])],
)
def test_a_row_that_is_no_text_is_named(value):
    with pytest.raises(DataError, match=f"row 2 of X is not a text but a {type(value).__name__}"):
        as_texts(["a", value])


def test_numbers_of_an_array_stay_those_of_numpy():
    assert {type(value) for value in as_column(np.array([1, 2], np.int16), "y")} == {np.int16}
