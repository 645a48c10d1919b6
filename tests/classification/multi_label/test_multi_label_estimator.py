"""The estimator with several labels a text: what it takes, what it answers, and that files and pickles keep it."""

import pickle

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from sklearn.base import clone
from sklearn.metrics import f1_score
from sklearn.model_selection import cross_val_score

from ganclf import GANClassifier
from ganclf.classification.folds import LabeledFolds
from ganclf.classification.labels import encode_labels
from ganclf.data.rows import is_labeled
from ganclf.errors import ConfigError, DataError

WORDS = {"late": "the parcel came late {}", "broken": "the lamp was broken {}", "polite": "your people were kind {}"}
NAMES = sorted(WORDS)
SMALL = {"steps": 40, "batch_size": 16, "labeled_batch_size": 8, "width": 16, "random_state": 0}


def rows(count=96, labeled=48):
    """Texts of one or two sentences, each of which gives a label."""
    generator, texts, labels = np.random.default_rng(0), [], []
    for number in range(count):
        names = sorted(generator.choice(NAMES, 1 + number % 2, replace=False).tolist())
        texts.append(". ".join(WORDS[name].format(number % 7) for name in names))
        labels.append(names if number < labeled else None)
    return texts, labels


TEXTS, LABELS = rows()
MATRIX = np.array([[-1] * 3 if each is None else [int(name in each) for name in NAMES] for each in LABELS])


@pytest.fixture(scope="module")
def fitted():
    return GANClassifier(**SMALL).fit(TEXTS, LABELS)


def test_it_learns_which_labels_a_text_has(fitted):
    truth = np.array([[int(WORDS[name].split(" {")[0] in text) for name in NAMES] for text in TEXTS])
    assert fitted.classes_.tolist() == NAMES
    assert f1_score(truth[48:], fitted.predict(TEXTS[48:]), average="micro") > 0.9
    assert fitted.predict_labels([TEXTS[0]])[0] == tuple(LABELS[0])


def test_probabilities_are_of_each_label_by_itself(fitted):
    probabilities = fitted.predict_proba(TEXTS)
    assert probabilities.shape == (96, 3)
    assert probabilities.sum(axis=1).max() > 1.2  # texts with two labels
    np.testing.assert_array_equal(fitted.predict(TEXTS), probabilities >= fitted.thresholds_)


@pytest.mark.parametrize(
    ("y", "names"),
    [
        (LABELS, None),
        ([None if each is None else set(each) for each in LABELS], None),
        (pd.Series(LABELS), None),
        (MATRIX, NAMES),
        (pd.DataFrame(MATRIX, columns=NAMES), None),
        (np.where(MATRIX < 0, np.nan, MATRIX), NAMES),
        (scipy.sparse.csr_matrix(MATRIX), NAMES),
    ],
    ids=["lists", "sets", "a Series of lists", "an array", "a table", "NaN for unlabeled", "a sparse matrix"],
)
def test_all_forms_are_the_same_labels(y, names):
    encoded = encode_labels(y, len(TEXTS), names)
    assert encoded.multi_label
    assert encoded.classes.tolist() == NAMES
    np.testing.assert_array_equal(encoded.idx, MATRIX)


def test_columns_without_names_are_numbered():
    assert encode_labels(MATRIX, len(TEXTS)).classes.tolist() == [0, 1, 2]


def test_a_row_of_zeros_is_a_text_without_any_of_the_labels():
    assert encode_labels(np.array([[0, 0], [1, 0], [0, 1], [-1, -1]]), 4).idx[0].tolist() == [0, 0]
    assert is_labeled(encode_labels([[], ["a"], ["b"]], 3).idx).tolist() == [False, True, True]  # as in files


def test_files_and_pickles_answer_alike(fitted, tmp_path):
    fitted.save(tmp_path / "model")
    for copy in (GANClassifier.load(tmp_path / "model"), pickle.loads(pickle.dumps(fitted))):
        np.testing.assert_array_equal(copy.predict(TEXTS), fitted.predict(TEXTS))
        np.testing.assert_array_equal(copy.thresholds_, fitted.thresholds_)
        assert copy.multi_label
        assert copy.predict_labels(TEXTS[:2]) == fitted.predict_labels(TEXTS[:2])


def test_the_score_is_the_share_of_texts_with_all_labels_right(fitted):
    right = (fitted.predict(TEXTS[:48]) == MATRIX[:48]).all(axis=1).mean()
    assert fitted.score(TEXTS, LABELS) == pytest.approx(right)
    assert fitted.score(TEXTS, MATRIX) == pytest.approx(right)


def test_scikit_learn_scores_folds(fitted):
    copy = clone(fitted).set_params(calibration="none", steps=25, game="off")
    assert cross_val_score(copy, TEXTS, MATRIX, cv=LabeledFolds(2), scoring="f1_micro").min() > 0.6


def test_every_text_may_be_labeled():
    model = GANClassifier(**SMALL).fit(TEXTS[:48], LABELS[:48])
    assert f1_score(MATRIX[:48], model.predict(TEXTS[:48]), average="micro") > 0.9


def test_one_label_per_class_is_enough():
    labels = [["late"], ["broken", "polite"]] + [None] * 94
    model = GANClassifier(**SMALL | {"steps": 10, "game": "off"}).fit(TEXTS, labels)
    assert model.predict(TEXTS).shape == (96, 3)
    assert "second label" in model.explanation()


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"game": "triple"}, "--game triple"), ({"tune": "labels", "encoder": "glyph"}, "--tune labels")],
)
def test_what_needs_one_label_per_text_is_refused(settings, message):
    with pytest.raises(ConfigError, match=message):
        GANClassifier(**SMALL | settings).fit(TEXTS, LABELS)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (np.array([[0, 2]] * 96), "such as 2"),
        ([["a"]] + ["b"] * 95, "row 2"),
        ([["a"]] * 96, "1 class"),
        ([["a", 1]] + [["b"]] * 95, "several types"),
        (np.ones((4, 3)), "96 texts but 4 rows"),
    ],
)
def test_labels_that_can_not_be_read_are_refused(y, message):
    with pytest.raises(DataError, match=message):
        encode_labels(y, 96)


@pytest.mark.parametrize(
    "settings",
    [
        {"game": "off", "thresholds": "half", "class_priors": "labels"},
        {"adversarial_loss": "wasserstein", "penalty": "gradient"},
        {"adversarial_loss": "relativistic", "fooling_weight": 1.0},
        {"consistency_weight": 1.0, "pseudo_label_weight": 1.0, "virtual_adversarial_weight": 1.0},
        {"class_weights": "balanced", "thresholds": "macro", "calibration": "cross-fit"},
        {"space": "image", "image_characters": 8},
    ],
)
@pytest.mark.usefixtures("eagerly")
def test_games_and_terms_work_with_several_labels(settings):
    model = GANClassifier(**SMALL | {"steps": 2, "calibration": "none"} | settings).fit(TEXTS, LABELS)
    assert np.isfinite(model.predict_proba(TEXTS)).all()
