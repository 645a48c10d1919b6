"""The game as scikit-learn knows an estimator."""

from __future__ import annotations

import copy
import pickle
from dataclasses import fields
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from weather import LABELS, TEXTS

from ganclf import GANClassifier
from ganclf.config import EncoderConfig, GameConfig
from ganclf.errors import ConfigError, DataError, GanclfError, ModelError

NUMBERS = [7, 3, None, 3, 7, None, None]
ASKED = ["good sun", "awful rain", ""]
ALL_LABELLED = ["sun", "rain", "sun", "rain", "sun", "rain", "sun"]


@pytest.fixture
def classifier(tiny) -> GANClassifier:
    return GANClassifier(**tiny)


def test_its_arguments_are_the_fields_of_the_configuration_with_their_defaults():
    expected = {each.name: each.default for kind in (EncoderConfig, GameConfig) for each in fields(kind)}
    assert GANClassifier().get_params() == expected | {"tensorboard": None, "verbose": False}


def test_an_unknown_argument_is_refused():
    with pytest.raises(TypeError, match="learning_rat"):
        GANClassifier(learning_rat=0.1)
    with pytest.raises(TypeError):
        GANClassifier(3)


def test_set_params_changes_what_get_params_tells(classifier):
    assert classifier.set_params(steps=9, game="off").get_params() | {"steps": 9, "game": "off"} == (
        classifier.get_params()
    )
    with pytest.raises(ValueError, match="Invalid parameter 'stops'"):
        classifier.set_params(stops=1)


def test_a_clone_has_the_arguments_and_nothing_learned(fitted):
    cloned = clone(fitted)
    assert cloned.get_params() == fitted.get_params()
    assert not [name for name in vars(cloned) if name.endswith("_")]


def test_making_one_checks_nothing_and_fitting_does(tiny):
    wrong = GANClassifier(**tiny | {"dropout": 2.0})
    with pytest.raises(ConfigError, match=r"--dropout: 2\.0"):
        wrong.fit(TEXTS, LABELS)


@pytest.mark.parametrize(
    "ask",
    [
        "predict",
        "predict_proba",
        "save",
    ],
)
def test_before_fit_nothing_is_answered(ask, tmp_path):
    with pytest.raises(NotFittedError):
        getattr(GANClassifier(), ask)(tmp_path / "none" if ask == "save" else ASKED)
    assert not (tmp_path / "none").exists()


def test_probabilities_are_those_of_the_classes_in_order(fitted):
    probabilities = fitted.predict_proba(ASKED)
    assert probabilities.shape == (3, 2)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    assert fitted.classes_.tolist() == ["rain", "sun"]
    assert fitted.predict(ASKED).tolist() == [["rain", "sun"][place] for place in probabilities.argmax(axis=1)]


def test_nothing_asked_is_nothing_answered(fitted):
    assert fitted.predict_proba([]).shape == (0, 2)
    assert fitted.predict([]).shape == (0,)


def test_the_history_has_a_list_a_player(fitted):
    assert {name: len(losses) for name, losses in fitted.history_.items()} == {
        "classifier_loss": 1,
        "generator_loss": 1,
    }


@pytest.mark.parametrize(
    "labels",
    [
        [label or "" for label in LABELS],
        [label or float("nan") for label in LABELS],
        [label or np.nan for label in LABELS],
        np.array(LABELS, dtype=object),
        np.array([label or "" for label in LABELS]),
        pd.Series(LABELS, dtype=object),
        pd.Series(LABELS),
        pd.Series(LABELS, dtype="string"),
    ],
    ids=["empty", "nan", "numpy nan", "objects", "strings", "series", "series of str", "series of string"],
)
def test_a_missing_label_may_be_written_in_any_way(classifier, labels):
    assert classifier._number(labels, len(TEXTS)).tolist() == [1, 0, -1, 0, 1, -1, -1]
    assert classifier.classes_.tolist() == ["rain", "sun"]


@pytest.mark.parametrize(
    "labels",
    [
        NUMBERS,
        np.array(NUMBERS, dtype=float),
        np.array(NUMBERS, dtype=np.float32),
        pd.Series(NUMBERS, dtype="Int64"),
    ],
    ids=["list", "float64", "float32", "Int64"],
)
def test_numbers_may_be_labels(classifier, labels):
    assert classifier._number(labels, len(TEXTS)).tolist() == [1, 0, -1, 0, 1, -1, -1]
    assert classifier.classes_.tolist() == [3, 7]


def test_0_is_a_label(classifier):
    assert classifier._number([0, 1, None], 3).tolist() == [0, 1, -1]
    assert classifier._number([False, True, None], 3).tolist() == [0, 1, -1]


def test_fitting_again_with_the_same_seed_gives_the_same_answers_to_any_sequence(fitted, tiny):
    again = GANClassifier(**tiny | {"game": "off"}).fit(["snow", "ice"], ["a", "b"]).set_params(game=fitted.game)
    again.fit(pd.Series(TEXTS), pd.Series(LABELS))
    np.testing.assert_allclose(again.predict_proba(pd.Series(ASKED)), fitted.predict_proba(ASKED), atol=1e-6)


def test_the_two_parts_of_fitting_can_be_called_one_by_one(fitted, tiny):
    apart = GANClassifier(**tiny)
    features = apart.encode(np.array(TEXTS))
    assert features.shape == (len(TEXTS), tiny["size"])
    apart.play(features, np.array(LABELS))
    np.testing.assert_allclose(apart.predict_proba(np.array(ASKED)), fitted.predict_proba(ASKED), atol=1e-6)
    np.testing.assert_allclose(apart.probabilities(features), fitted.predict_proba(TEXTS), atol=1e-6)


def test_it_can_be_cross_validated(classifier):
    scores = cross_val_score(classifier.set_params(game="off"), TEXTS[:6], ALL_LABELLED[:6], cv=2)
    assert scores.shape == (2,)
    assert ((scores >= 0) & (scores <= 1)).all()


def test_a_grid_can_be_searched(classifier):
    split = [(range(4), range(4, 6))]
    grid = GridSearchCV(classifier, {"steps": [1, 2], "game": ["off"]}, cv=split).fit(TEXTS[:6], ALL_LABELLED[:6])
    assert grid.best_params_["steps"] in (1, 2)
    assert np.isfinite(grid.cv_results_["mean_test_score"]).all()
    assert set(grid.predict(ASKED)) <= {"sun", "rain"}


def test_numbers_of_numpy_and_paths_may_be_arguments_and_are_published(tiny, tmp_path):
    numbers = {name: np.int64(value) for name, value in tiny.items() if isinstance(value, int)}
    rest = {"calibration": "none", "dropout": np.float32(0.25), "tensorboard": tmp_path / "logs"}
    loaded = GANClassifier.load(GANClassifier(**numbers, **rest).fit(TEXTS, LABELS).save(tmp_path / "model"))
    assert loaded.get_params()["dropout"] == 0.25
    assert Path(loaded.tensorboard) == tmp_path / "logs"
    assert list((tmp_path / "logs").rglob("events.out.tfevents.*"))


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (["a", "b"], "7 texts but 2 labels"),
        ([None] * 7, r"Labels of 0 class\(es\)"),
        (["a", None, "a", None, None, None, None], r"Labels of 1 class\(es\): \['a'\]; two or more are needed"),
    ],
)
def test_labels_that_cannot_be_learned_from_are_refused(classifier, labels, message):
    with pytest.raises(DataError, match=message):
        classifier.fit(TEXTS, labels)


def test_nothing_to_learn_from_is_refused(classifier):
    with pytest.raises(DataError):
        classifier.fit([], [])


def test_a_single_text_in_place_of_a_list_is_refused(fitted):
    with pytest.raises((DataError, TypeError)):
        fitted.predict("good day")


def test_half_a_surrogate_pair_is_a_space(fitted):
    np.testing.assert_allclose(fitted.predict_proba(["good\ud800day"]), fitted.predict_proba(["good day"]), atol=1e-6)


def test_bytes_are_read_as_utf8(fitted):
    asked = np.array([b"good day", "包裹".encode()])
    np.testing.assert_allclose(fitted.predict_proba(asked), fitted.predict_proba(["good day", "包裹"]), atol=1e-6)


def test_a_game_that_diverges_is_an_error_with_a_remedy(tiny):
    wild = GANClassifier(**tiny | {"steps": 25}, learning_rate=1.0, entropy_weight=1e30)
    with pytest.raises(GanclfError, match=r"--learning-rate"):
        wild.fit(TEXTS, LABELS)


def test_what_is_saved_and_loaded_answers_the_same(fitted, version):
    for folder in (version, str(version.parent)):
        loaded = GANClassifier.load(folder)
        np.testing.assert_allclose(loaded.predict_proba(TEXTS), fitted.predict_proba(TEXTS), atol=1e-5)
        assert loaded.predict(TEXTS).tolist() == fitted.predict(TEXTS).tolist()
        assert loaded.classes_.tolist() == fitted.classes_.tolist()
        assert loaded.get_params() == fitted.get_params()


def test_what_is_loaded_can_be_fitted_anew_and_integer_labels_come_back_as_integers(version):
    loaded = GANClassifier.load(version).fit(TEXTS, NUMBERS)
    assert loaded.classes_.tolist() == [3, 7]
    assert loaded.predict_proba(ASKED).shape == (3, 2)
    predicted = loaded.predict(ASKED)
    assert predicted.dtype.kind == "i"
    assert set(predicted.tolist()) <= {3, 7}


def test_what_is_loaded_can_be_saved_again_as_it_was_published(version, tmp_path):
    second = GANClassifier.load(version).save(tmp_path / "second", lambda assets: (assets / "note.txt").touch())
    assert second == tmp_path / "second" / "1"
    assert (second / "saved_model.pb").read_bytes() == (version / "saved_model.pb").read_bytes()
    assert (second / "assets.extra" / "note.txt").exists()
    asked = GANClassifier.load(version).predict_proba(TEXTS)
    np.testing.assert_array_equal(GANClassifier.load(second).predict_proba(TEXTS), asked)


def test_what_is_loaded_can_be_saved_beside_itself(version, tmp_path):
    base = GANClassifier.load(version).save(tmp_path).parent
    assert GANClassifier.load(base).save(base).name == "2"


@pytest.mark.parametrize("write", [pickle.dumps, copy.deepcopy])
def test_what_is_learned_is_not_pickled_but_saved(fitted, version, write):
    for classifier in (fitted, GANClassifier.load(version)):
        with pytest.raises(GanclfError, match=r"can't be pickled.*save\(folder\).*GANClassifier\.load\(folder\)"):
            write(classifier)


def test_what_has_learned_nothing_can_be_pickled(fitted):
    unfitted = pickle.loads(pickle.dumps(clone(fitted)))  # as joblib sends it to other processes
    assert unfitted.get_params() == fitted.get_params()


def test_where_nothing_was_saved_there_is_nothing_to_load(tmp_path):
    with pytest.raises(ModelError, match="no published model"):
        GANClassifier.load(tmp_path)


def test_with_single_labels_the_game_is_as_sure_as_is_guessed(tiny):
    classifier = GANClassifier(**tiny | {"calibration": "cross-fit"}).fit(TEXTS[:4], ["sun", "rain", None, None])
    assert classifier.ensemble_.cross_fit is None
    assert classifier.predict_proba(TEXTS[:4]).max(axis=1).mean() == pytest.approx(0.6, abs=0.02)
    assert "taken for granted" in classifier.explanation()
