"""The game as scikit-learn knows an estimator."""

from __future__ import annotations

import copy
import doctest
import io
import json
import pickle
import pydoc
import re
import shutil
from dataclasses import fields
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.utils import get_tags
from weather import LABELS, TEXTS

from ganclf import GANClassifier
from ganclf.classification.folds import LabeledFolds
from ganclf.classification.labels import encode_labels
from ganclf.classification.parameters import STUB, stub
from ganclf.config import EncoderConfig, GameConfig
from ganclf.errors import ConfigError, DataError, GanclfError, ModelError

NUMBERS = [7, 3, None, 3, 7, None, None]
ASKED = ["good sun", "awful rain", ""]
ALL_LABELED = ["sun", "rain", "sun", "rain", "sun", "rain", "sun"]


@pytest.fixture
def classifier(tiny) -> GANClassifier:
    return GANClassifier(**tiny)


def test_its_arguments_are_the_fields_of_the_configuration_with_their_defaults():
    expected = {each.name: each.default for kind in (EncoderConfig, GameConfig) for each in fields(kind)}
    expected["random_state"] = expected.pop("seed")
    assert GANClassifier().get_params() == expected | {"tensorboard": None, "verbose": 0}


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
def test_a_missing_label_may_be_written_in_any_way(labels):
    encoded = encode_labels(labels, len(TEXTS))
    assert encoded.idx.tolist() == [1, 0, -1, 0, 1, -1, -1]
    assert encoded.classes.tolist() == ["rain", "sun"]


@pytest.mark.parametrize(
    "labels",
    [
        NUMBERS,
        np.array(NUMBERS, dtype=float),
        np.array(NUMBERS, dtype=np.float32),
        pd.Series(NUMBERS, dtype="Int64"),
        np.array([-1 if number is None else number for number in NUMBERS]),
        [-1.0 if number is None else number for number in NUMBERS],
    ],
    ids=["list", "float64", "float32", "Int64", "-1", "-1.0"],
)
def test_numbers_may_be_labels(labels):
    encoded = encode_labels(labels, len(TEXTS))
    assert encoded.idx.tolist() == [1, 0, -1, 0, 1, -1, -1]
    assert encoded.classes.tolist() == [3, 7]


def test_0_is_a_label_and_the_text_minus_one_too():
    assert encode_labels([0, 1, None], 3).idx.tolist() == [0, 1, -1]
    assert encode_labels([False, True, None], 3).idx.tolist() == [0, 1, -1]
    assert encode_labels(["-1", "1", None], 3).idx.tolist() == [0, 1, -1]


def test_fitting_again_with_the_same_seed_gives_the_same_answers_to_any_sequence(fitted, tiny):
    again = GANClassifier(**tiny | {"game": "off"}).fit(["snow", "ice"], ["a", "b"]).set_params(game=fitted.game)
    again.fit(pd.Series(TEXTS), pd.Series(LABELS))
    np.testing.assert_allclose(again.predict_proba(pd.Series(ASKED)), fitted.predict_proba(ASKED), atol=1e-6)


def test_the_two_parts_of_fitting_can_be_called_one_by_one(fitted, tiny):
    apart = GANClassifier(**tiny)
    features = apart.encode(np.array(TEXTS))
    assert features.features.shape == (len(TEXTS), tiny["size"])
    apart.fit_encoded(features, np.array(LABELS))
    np.testing.assert_allclose(apart.predict_proba(np.array(ASKED)), fitted.predict_proba(ASKED), atol=1e-6)
    np.testing.assert_allclose(apart.probabilities(features), fitted.predict_proba(TEXTS), atol=1e-6)


def test_it_can_be_cross_validated(classifier):
    scores = cross_val_score(classifier.set_params(game="off"), TEXTS[:6], ALL_LABELED[:6], cv=2)
    assert scores.shape == (2,)
    assert ((scores >= 0) & (scores <= 1)).all()


@pytest.mark.parametrize("unlabeled", [-1, None])
def test_unlabeled_rows_are_in_the_training_part_of_every_fold(unlabeled, tiny):
    texts, y = TEXTS[:6] * 2, [3, 7, unlabeled, 3, 7, unlabeled] * 2
    for train, test in LabeledFolds(2).split(texts, y):
        assert {2, 5, 8, 11} <= set(train)
        assert sorted([*train, *test]) == list(range(12))
        assert sorted(y[i] for i in test) == [3, 3, 7, 7]
    scores = cross_val_score(GANClassifier(**tiny | {"game": "off"}), texts, y, cv=LabeledFolds(2), error_score="raise")
    assert scores.shape == (2,)
    assert set(scores * 4) <= {0.0, 1.0, 2.0, 3.0, 4.0}


def test_folds_of_scikit_learn_work_with_minus_one_and_leave_unlabeled_rows_out_of_the_score(tiny):
    y = np.array([3, 7, -1, 3, 7, -1])
    scores = cross_val_score(GANClassifier(**tiny | {"game": "off"}), TEXTS[:6], y, cv=2, error_score="raise")
    assert set(scores * 2) <= {0.0, 1.0, 2.0}


def test_the_score_is_the_accuracy_on_labeled_texts(fitted):
    right = fitted.predict(TEXTS[:3]).tolist()
    wrong = "rain" if right[0] == "sun" else "sun"
    assert fitted.score(TEXTS[:4], [wrong, right[1], right[2], None]) == pytest.approx(2 / 3)
    assert fitted.score(TEXTS[:2], [wrong, right[1]], sample_weight=[3, 1]) == pytest.approx(1 / 4)
    with pytest.raises(DataError, match="no labeled text to score"):
        fitted.score(TEXTS[:2], [None, -1])


def test_former_names_and_seed_are_taken():
    assert GANClassifier(guide_weight=0.5, views="own", seed=3).get_params() == (
        GANClassifier(teacher_weight=0.5, pooling="preset", random_state=3).get_params()
    )
    assert GANClassifier().set_params(seed=4, ramp_share=0.1).get_params()["random_state"] == 4
    with pytest.raises(TypeError, match="'guide_weight' is another name of 'teacher_weight'"):
        GANClassifier(guide_weight=0.5, teacher_weight=0.5)


@pytest.mark.parametrize("random_state", [None, np.random.RandomState(1)], ids=["None", "generator"])
def test_a_seed_is_drawn_once_where_none_is_given(random_state):
    classifier = GANClassifier(random_state=random_state)
    assert classifier.seed == classifier.seed == classifier.config(GameConfig).seed
    assert GANClassifier(random_state=np.random.RandomState(1)).seed == 1791095845


def test_its_tags_are_those_of_a_classifier_of_texts():
    tags = get_tags(GANClassifier())
    assert tags.estimator_type == "classifier"
    assert (tags.input_tags.string, tags.input_tags.one_d_array, tags.input_tags.two_d_array) == (True, True, False)
    assert tags.target_tags.required


def test_verbose_2_shows_what_was_learned(tiny, capsys):
    GANClassifier(**tiny | {"game": "off"}, verbose=2).fit(TEXTS, LABELS)
    shown = capsys.readouterr().err
    assert GANClassifier(**tiny | {"game": "off"}).fit(TEXTS, LABELS).explanation() in shown
    assert capsys.readouterr().err == ""


def test_an_unknown_stored_parameter_is_named_and_a_former_one_is_taken(version, tmp_path):
    copied = shutil.copytree(version, tmp_path / "1")
    file = copied / "assets.extra" / "parameters.json"
    stored = json.loads(file.read_text()) | {"forgotten": 3, "guide_weight": 0.25}
    del stored["teacher_weight"]
    file.write_text(json.dumps(stored))
    with pytest.warns(UserWarning, match=r"parameter 'forgotten' \(3\) is unknown"):
        assert GANClassifier.load(copied).teacher_weight == 0.25


def test_help_documents_every_parameter():
    text = pydoc.render_doc(GANClassifier, renderer=pydoc.plaintext)
    for name in GANClassifier().get_params():
        assert re.search(rf"^ +\|? +{name} \(.+\): ", text, re.MULTILINE) or f"{name} (" in text, name
    assert "steps (int, default 1000): training steps." in text


def test_the_example_in_its_documentation_runs():
    [example] = [each for each in doctest.DocTestFinder(recurse=False).find(GANClassifier, globs={}) if each.examples]
    example.globs["GANClassifier"] = GANClassifier
    runner = doctest.DocTestRunner()
    runner.run(example)
    assert runner.summarize(verbose=False) == (0, 8)


def test_the_stub_that_editors_read_is_current():
    assert STUB.read_text(encoding="utf-8") == stub(), "run: python -m ganclf.classification.parameters"


def test_a_grid_can_be_searched(classifier):
    split = [(range(4), range(4, 6))]
    grid = GridSearchCV(classifier, {"steps": [1, 2], "game": ["off"]}, cv=split).fit(TEXTS[:6], ALL_LABELED[:6])
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


def through_joblib(classifier):
    stream = io.BytesIO()
    joblib.dump(classifier, stream)
    stream.seek(0)
    return joblib.load(stream)


COPIES = [lambda classifier: pickle.loads(pickle.dumps(classifier)), copy.deepcopy, through_joblib]


@pytest.mark.parametrize("copied", COPIES, ids=["pickle", "deepcopy", "joblib"])
def test_a_copy_of_what_is_learned_answers_the_same(fitted, copied, tmp_path):
    again = copied(fitted)
    np.testing.assert_allclose(again.predict_proba(TEXTS), fitted.predict_proba(TEXTS), atol=1e-5)
    assert again.get_params() == fitted.get_params()
    assert again.history_ == fitted.history_
    assert again.save(tmp_path / "copy") == tmp_path / "copy" / "1"


def test_what_is_loaded_can_be_copied_and_the_copy_again(version, tmp_path):
    loaded = GANClassifier.load(version)
    twice = pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(loaded))))
    np.testing.assert_array_equal(twice.predict_proba(TEXTS), loaded.predict_proba(TEXTS))


def test_integer_labels_stay_integers_in_a_copy(tiny):
    classifier = GANClassifier(**tiny | {"game": "off"}).fit(TEXTS, NUMBERS)
    assert pickle.loads(pickle.dumps(classifier)).classes_.tolist() == [3, 7]


def test_what_has_learned_nothing_can_be_pickled(fitted):
    unfitted = pickle.loads(pickle.dumps(clone(fitted)))  # as joblib sends it to other processes
    assert unfitted.get_params() == fitted.get_params()


@pytest.mark.parametrize("method", ["probabilities", "game_probabilities", "scope", "explanation"])
def test_what_only_a_fit_leaves_ends_in_a_sentence_after_load(method, fitted, version):
    arguments = [] if method == "explanation" else [fitted.encoder_.transform(ASKED)]
    with pytest.raises(ModelError, match=r"a loaded model has what was published.* Use predict or predict_proba"):
        getattr(GANClassifier.load(version), method)(*arguments)
    with pytest.raises(NotFittedError):
        getattr(GANClassifier(), method)(*arguments)


def test_the_documentation_names_parameters_and_no_options():
    assert "see fuse" in GANClassifier.__doc__
    assert "--" not in GANClassifier.__doc__


def test_where_nothing_was_saved_there_is_nothing_to_load(tmp_path):
    with pytest.raises(ModelError, match="no published model"):
        GANClassifier.load(tmp_path)


def test_with_single_labels_the_game_is_as_sure_as_is_guessed(tiny):
    classifier = GANClassifier(**tiny | {"calibration": "cross-fit"}).fit(TEXTS[:4], ["sun", "rain", None, None])
    assert classifier.ensemble_.cross_fit is None
    assert classifier.predict_proba(TEXTS[:4]).max(axis=1).mean() == pytest.approx(0.6, abs=0.02)
    assert "could not be compared" in classifier.explanation()
