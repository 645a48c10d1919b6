"""Every method learns from the same labels and answers the same texts, which none of them has seen."""

from __future__ import annotations

import numpy as np
import pytest

from ganclf import GANClassifier
from ganclf.classification import comparison as module
from ganclf.classification.baselines.linear import C_GRID, C_SINGLE_LABEL, answer_linearly
from ganclf.classification.comparison import Entry, contest, cross_validated_contest
from ganclf.config import EncoderConfig
from ganclf.encoders import NgramEncoder
from ganclf.evaluation.perturbations import Disturbed
from ganclf.evaluation.robustness import disturb

METHODS = {"published", "game", "game_off", "features_logistic_regression", "tfidf_logistic_regression"}
TEXTS = ["good fine day", "bad awful day", "good nice sun", "awful bad rain", "fine nice day", "rain awful", "good sun",
         "bad rain rain", "hail hail"]  # fmt: skip
LABELS = ["sun", "rain", "sun", "rain", "sun", "rain", None, None, "hail"]
ASKED = ["good day", "zebra zebra"]


@pytest.fixture
def classifier(tiny) -> GANClassifier:
    return GANClassifier(**tiny)


@pytest.fixture(scope="module")
def played(tiny) -> GANClassifier:
    return GANClassifier(**tiny)


@pytest.fixture(scope="module")
def entries(played) -> dict[str, Entry]:
    """What all methods say."""
    return contest(played, TEXTS, LABELS, ASKED, compare=True, disturb=Disturbed(mistakes=0.5))


def test_to_compare_the_game_has_three_rivals(entries):
    assert set(entries) == METHODS
    for entry in entries.values():
        assert entry.predicted.shape == (2,)
        assert set(entry.predicted.tolist()) <= {"sun", "rain", "hail"}
        assert entry.seconds > 0
    assert entries["features_logistic_regression"].settings == {"C": C_SINGLE_LABEL}  # hail has one label
    assert entries["game"].settings == {}
    assert entries["published"].settings == {"share": 1.0, "power": 1.0, "method": "game"}  # nothing was cross-fitted
    assert entries["published"].confidence.shape == (2,)


def test_the_classifier_that_was_given_is_the_one_that_played(played, entries):
    assert played.game == "k+1"
    assert set(played.history_) == {"classifier_loss", "generator_loss"}
    assert entries["published"].predicted.tolist() == played.predict(ASKED).tolist()


def test_the_encoder_has_not_seen_what_is_asked(played, entries):
    alone = NgramEncoder(EncoderConfig(size=played.size, vocabulary_size=played.vocabulary_size)).fit(TEXTS)
    np.testing.assert_array_equal(played.encoder_.vocabulary.buckets, alone.vocabulary.buckets)
    np.testing.assert_array_equal(played.encoder_.vocabulary.idf, alone.vocabulary.idf)


def test_a_game_that_is_off_is_called_so_and_c_is_chosen_where_labels_suffice(classifier, monkeypatch):
    """And class weights are those of the linear rivals too."""
    told = []

    def watched(X, y, asked, seed, class_weights):
        told.append(class_weights)
        return answer_linearly(X, y, asked, seed, class_weights)

    monkeypatch.setattr(module, "answer_linearly", watched)
    classifier.set_params(game="off", class_weights="balanced")
    entries = contest(classifier, TEXTS[:6], LABELS[:6], ASKED, compare=True)
    assert set(entries) == METHODS - {"game"}
    for name in ("features_logistic_regression", "tfidf_logistic_regression"):
        assert entries[name].settings["C"] in C_GRID
    assert told == ["balanced", "balanced"]


@pytest.fixture
def rounds(monkeypatch) -> list[tuple]:
    """The contests of a cross-validation."""
    played: list[tuple] = []

    def watched(classifier, texts, labels, asked, **how):
        played.append((texts, labels, asked))
        return contest(classifier, texts, labels, asked, **how)

    monkeypatch.setattr(module, "contest", watched)
    return played


def test_each_fold_is_asked_once_also_with_typing_mistakes_and_kept_from_the_training(classifier, rounds):
    classifier.set_params(game="off")
    entries, places = cross_validated_contest(
        classifier, TEXTS, LABELS, count=3, compare=False, disturb=Disturbed(mistakes=0.2)
    )
    assert sorted(places.tolist()) == [0, 1, 2, 3, 4, 5]  # hail has one label, and stays in training
    assert [TEXTS[place] for place in places] == [text for _, _, asked in rounds for text in asked]
    assert len(rounds) == 3
    for texts, labels, asked in rounds:
        assert not set(texts) & set(asked)
        assert {"good sun", "bad rain rain", "hail hail"} <= set(texts)
        assert [LABELS[TEXTS.index(text)] for text in texts] == labels
    assert entries["game_off"].predicted.shape == entries["published"].confidence.shape == (6,)
    assert len(entries["game_off"].settings["folds"]) == 3
    assert not hasattr(classifier, "network_")  # each fold has a classifier of its own
    assert {kind: len(answers) for kind, answers in entries["published"].disturbed.items()} == dict.fromkeys(
        ("replaced", "dropped", "swapped"), 6
    )


def test_answers_of_the_folds_stand_in_the_order_of_the_places(classifier):
    separate = ["sun sun sun"] * 4 + ["rain rain"] * 4
    entries, places = cross_validated_contest(
        classifier.set_params(game="off"), separate, ["sun"] * 4 + ["rain"] * 4, count=2, compare=True
    )
    expected = np.array(["sun"] * 4 + ["rain"] * 4)[places]
    assert entries["tfidf_logistic_regression"].predicted.tolist() == expected.tolist()


def test_the_classifier_that_was_fitted_answers_texts_with_typing_mistakes(played, entries):
    assert set(entries["published"].disturbed) == {"replaced", "dropped", "swapped"}
    for kind, answers in entries["published"].disturbed.items():
        assert answers.tolist() == played.predict(disturb(ASKED, kind, 0.5, played.seed)).tolist()
    assert not any(entry.disturbed for name, entry in entries.items() if name != "published")


def test_what_is_published_is_blended_as_held_out_labels_say(tiny):
    classifier = GANClassifier(**tiny | {"calibration": "cross-fit"})
    entries = contest(classifier, TEXTS, LABELS, ASKED, compare=False)
    assert set(entries) == {"published", "game"}
    settings = entries["published"].settings
    assert settings == classifier.blend_.to_json() | {"method": classifier.blend_.method}
    assert 0.0 <= settings["share"] <= 1.0
    assert len(classifier.weighed_.crossed.truth) == 6  # hail has one label
    assert "6 labelled texts" in classifier.explanation()
