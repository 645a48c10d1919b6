"""Texts and labels in the forms that people hold them, through fit, predict, score, save, load and scikit-learn."""

from __future__ import annotations

import json
import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import check_scoring
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from weather import LABELS, TEXTS

from ganclf import GANClassifier
from ganclf.errors import DataError

FRAME = pd.DataFrame({"text": TEXTS * 2})
ALL_LABELED = np.array([1, 0, 1, 0, 1, 0, 1] * 2)


@pytest.fixture
def classifier(tiny) -> GANClassifier:
    return GANClassifier(**tiny | {"game": "off"})


def test_one_column_frames_and_arrays_are_their_texts(fitted):
    expected = fitted.predict_proba(TEXTS)
    for given in (pd.DataFrame({"text": TEXTS}), np.array(TEXTS, dtype=object).reshape(-1, 1), pd.Series(TEXTS)):
        np.testing.assert_array_equal(fitted.predict_proba(given), expected)
    assert len(fitted.predict(pd.DataFrame({"text": TEXTS}))) == len(TEXTS)


def test_a_missing_text_is_answered_as_an_empty_one(fitted):
    given = fitted.predict_proba([None, pd.NA, np.nan, ""])
    np.testing.assert_allclose(given, given[[0]].repeat(4, axis=0), atol=1e-6)


@pytest.mark.parametrize("method", ["fit", "predict", "predict_proba", "score"])
def test_several_columns_are_refused_by_their_names(fitted, classifier, method):
    frame = pd.DataFrame({"id": range(7), "text": TEXTS})
    arguments = [frame, LABELS] if method in ("fit", "score") else [frame]
    with pytest.raises(DataError, match=r"X has 2 columns \['id', 'text'\]: give one, such as X\['id'\]"):
        getattr(classifier if method == "fit" else fitted, method)(*arguments)


def test_fitting_on_frames_is_fitting_on_lists(classifier, fitted, tiny):
    frame = pd.DataFrame({"text": TEXTS, "label": pd.array([f" {label}" if label else None for label in LABELS])})
    again = GANClassifier(**tiny).fit(frame[["text"]], frame[["label"]])
    np.testing.assert_allclose(again.predict_proba(TEXTS), fitted.predict_proba(TEXTS), atol=1e-6)


@pytest.mark.parametrize(
    ("y", "dtype"),
    [
        ([7, 3, None, 3, 7, pd.NA, -1], np.int64),
        (np.array([7, 3, -1, 3, 7, -1, -1], np.int32), np.int32),
        (pd.Series([7, 3, None, 3, 7, None, -1]), np.float64),
        ([0.5, 1.5, np.nan, 0.5, 1.5, 0.5, 0.5], np.float64),
        ([True, False, None, True, False, True, True], np.bool_),
        (np.array(["a", "b", "", "a", "b", "a", "a"]), np.dtype("<U1")),
    ],
    ids=["int", "int32", "int as float", "float", "bool", "str"],
)
def test_classes_keep_their_type_over_fit_pickle_save_and_load(classifier, tmp_path, y, dtype):
    copied = pickle.loads(pickle.dumps(classifier.fit(TEXTS, y)))
    folder = copied.save(tmp_path / "model")
    labeled = [i for i, label in enumerate(y) if not pd.isna(label) and label not in (-1, "")]
    given, texts = [list(y)[i] for i in labeled], [TEXTS[i] for i in labeled]
    loaded = GANClassifier.load(folder)
    for each in (classifier, copied, loaded, pickle.loads(pickle.dumps(loaded))):
        assert each.classes_.dtype == dtype
        assert each.classes_.tolist() == classifier.classes_.tolist()
        predicted = each.predict(texts)
        assert predicted.dtype == dtype
        right = (predicted == np.array(given, dtype)).mean()
        assert each.score(TEXTS, y) == pytest.approx(right)
        assert each.score(texts, predicted) == 1.0
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # the stored type is no unknown parameter
        assert GANClassifier.load(folder).get_params() == classifier.get_params()


def test_a_model_from_before_types_were_stored_has_strings(classifier, tmp_path):
    folder = classifier.fit(TEXTS, [7, 3, None, 3, 7, None, None]).save(tmp_path)
    file = folder / "assets.extra" / "parameters.json"
    stored = json.loads(file.read_text())
    assert stored.pop("label_type") == "int64"
    file.write_text(json.dumps(stored))
    loaded = GANClassifier.load(folder)
    assert loaded.classes_.tolist() == ["3", "7"]
    with pytest.raises(DataError, match="the classes are strings, such as '3', and a label is 7"):
        loaded.score(TEXTS[:1], [7])


def test_score_takes_every_form_and_counts_its_rows(fitted):
    frame = pd.DataFrame({"text": TEXTS, "label": fitted.predict(TEXTS)})
    assert fitted.score(frame[["text"]], frame[["label"]]) == 1.0
    assert fitted.score(TEXTS, [f" {label} " for label in frame["label"]]) == 1.0
    with pytest.raises(DataError, match="7 texts but 2 labels"):
        fitted.score(TEXTS, ["sun", "rain"])


@pytest.mark.parametrize(
    "y", [ALL_LABELED, ALL_LABELED.astype(bool), ALL_LABELED.astype(str)], ids=["int", "bool", "str"]
)
def test_scikit_learn_validates_it_on_frames(classifier, y):
    scoring = {"own": check_scoring(classifier), "accuracy": "accuracy", "f1_macro": "f1_macro"}
    found = cross_validate(classifier, FRAME, y, cv=2, scoring=scoring, error_score="raise")
    scores = np.array([found[f"test_{name}"] for name in scoring])
    assert scores.shape == (3, 2)
    assert ((scores >= 0) & (scores <= 1)).all()
    np.testing.assert_array_equal(scores[0], scores[1])


def test_predictions_of_cross_validation_are_of_the_labels_type(classifier):
    predicted = cross_val_predict(classifier, FRAME, pd.Series(ALL_LABELED.astype(bool)), cv=2)
    assert predicted.dtype == np.bool_


def test_it_ends_a_pipeline_that_chooses_the_column(classifier):
    table = FRAME.assign(id=range(len(FRAME)))
    pipeline = make_pipeline(FunctionTransformer(lambda frame: frame[["text"]]), classifier)
    grid = GridSearchCV(pipeline, {"ganclassifier__steps": [1]}, cv=2, error_score="raise").fit(table, ALL_LABELED)
    assert grid.predict(table).shape == (len(table),)
    assert 0 <= grid.score(table, ALL_LABELED) <= 1
