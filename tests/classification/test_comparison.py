"""Every method is fitted on the same labels and predicts the same texts, which none of them was trained on."""

from __future__ import annotations

import numpy as np
import pytest

from ganclf import GANClassifier
from ganclf.classification.baselines.linear import C_GRID, C_SINGLE_LABEL, fit_predict_linear
from ganclf.classification.comparison import MethodResult, compare_methods, cross_validate_methods, fit_clone
from ganclf.classification.trained import TrainedModel, train
from ganclf.config import EncoderConfig
from ganclf.data.rows import EncodedTexts
from ganclf.encoders import NgramEncoder
from ganclf.evaluation.perturbations import Perturbations
from ganclf.evaluation.typos import add_typos

METHODS = {"published", "game", "game_off", "features_logistic_regression", "tfidf_logistic_regression"}
TEXTS = ["good fine day", "bad awful day", "good nice sun", "awful bad rain", "fine nice day", "rain awful", "good sun",
         "bad rain rain", "hail hail"]  # fmt: skip
LABELS = ["sun", "rain", "sun", "rain", "sun", "rain", None, None, "hail"]
X_TEST = ["good day", "zebra zebra"]


def trained(classifier: GANClassifier, texts=TEXTS, labels=LABELS) -> TrainedModel:
    return train(classifier, classifier.encode(texts, labels), texts, labels)


def untrained(classifier: GANClassifier, texts=TEXTS, labels=LABELS) -> TrainedModel:
    return TrainedModel(classifier, texts, labels, EncodedTexts(np.zeros((len(texts), 1), np.float32)), 0.0)


@pytest.fixture
def classifier(tiny) -> GANClassifier:
    return GANClassifier(**tiny)


@pytest.fixture(scope="module")
def model(tiny) -> TrainedModel:
    return trained(GANClassifier(**tiny))


@pytest.fixture(scope="module")
def results(model) -> dict[str, MethodResult]:
    return compare_methods(model, X_TEST, compare=True, perturbations=Perturbations(typos=0.5))


def test_the_game_is_compared_with_three_other_methods(results):
    assert set(results) == METHODS
    assert next(iter(results)) == "published"
    for result in results.values():
        assert result.predicted.shape == (2,)
        assert set(result.predicted.tolist()) <= {"sun", "rain", "hail"}
        assert result.seconds > 0
    assert results["features_logistic_regression"].settings == {"C": C_SINGLE_LABEL}  # hail has one label
    assert results["game"].settings == {}
    assert results["published"].settings == {"game_weight": 1.0, "inverse_temperature": 1.0, "method": "game"}
    assert results["published"].confidence.shape == (2,)


def test_comparing_leaves_the_fitted_model_as_it_is(model, results):
    classifier = model.classifier
    network, head = classifier.network_, classifier.head_
    before = classifier.predict_proba(TEXTS)
    compare_methods(model, X_TEST, compare=True)
    assert classifier.game == "k+1"
    assert (classifier.network_, classifier.head_) == (network, head)
    np.testing.assert_array_equal(classifier.predict_proba(TEXTS), before)
    assert results["published"].predicted.tolist() == classifier.predict(X_TEST).tolist()


def test_the_encoder_is_fitted_without_the_test_texts(model, results):
    classifier = model.classifier
    alone = NgramEncoder(EncoderConfig(size=classifier.size, vocabulary_size=classifier.vocabulary_size)).fit(TEXTS)
    np.testing.assert_array_equal(classifier.encoder_.vocabulary.buckets, alone.vocabulary.buckets)
    np.testing.assert_array_equal(classifier.encoder_.vocabulary.idf, alone.vocabulary.idf)


def test_a_game_that_is_off_has_its_own_name_and_c_is_chosen_where_labels_suffice(classifier):
    classifier.set_params(game="off")
    results = compare_methods(trained(classifier, TEXTS[:6], LABELS[:6]), X_TEST, compare=True)
    assert set(results) == METHODS - {"game"}
    for name in ("features_logistic_regression", "tfidf_logistic_regression"):
        assert results[name].settings["C"] in C_GRID


def test_class_weights_are_those_of_the_linear_baselines_too(classifier):
    texts = TEXTS[:6] + ["good rain day"] * 3
    labels = [*LABELS[:6], "sun", "sun", "sun"]
    model = trained(classifier.set_params(class_weights="balanced"), texts, labels)
    found = compare_methods(model, X_TEST, compare=True)["features_logistic_regression"]
    X, X_test = model.rows.features, classifier.encoder_.transform(X_TEST)
    predicted, strength = fit_predict_linear(X, np.array(labels), X_test, classifier.seed, "balanced")
    assert found.predicted.tolist() == predicted.tolist()
    assert found.settings == {"C": strength}


def test_each_fold_is_predicted_once_also_with_typos_and_kept_from_the_training(classifier):
    classifier.set_params(game="off")
    started: list[int] = []
    results, idx = cross_validate_methods(
        untrained(classifier),
        count=3,
        compare=False,
        perturbations=Perturbations(typos=0.2),
        started=started.append,
    )
    assert sorted(idx.tolist()) == [0, 1, 2, 3, 4, 5]  # hail has one label, and stays in training
    assert started == [1, 2, 3]
    assert results["game_off"].predicted.shape == results["published"].confidence.shape == (6,)
    assert len(results["game_off"].settings["folds"]) == 3
    assert not hasattr(classifier, "network_")  # each fold has a clone
    assert {kind: len(labels) for kind, labels in results["published"].perturbed.items()} == dict.fromkeys(
        ("replaced", "dropped", "swapped"), 6
    )


def test_a_clone_is_fitted_on_the_chosen_texts_alone(classifier):
    model = fit_clone(untrained(classifier), [0, 1, 2, 3, 6])
    assert model.texts == [TEXTS[i] for i in (0, 1, 2, 3, 6)]
    assert model.labels == ["sun", "rain", "sun", "rain", None]
    assert model.classifier.classes_.tolist() == ["rain", "sun"]
    assert model.classifier is not classifier
    assert not hasattr(classifier, "classes_")


def test_predictions_of_the_folds_are_in_the_order_of_the_indices(classifier):
    texts, labels = ["sun sun sun"] * 4 + ["rain rain"] * 4, ["sun"] * 4 + ["rain"] * 4
    results, idx = cross_validate_methods(
        untrained(classifier.set_params(game="off"), texts, labels), count=2, compare=True
    )
    assert results["tfidf_logistic_regression"].predicted.tolist() == np.array(labels)[idx].tolist()


def test_the_published_model_predicts_texts_with_typos(model, results):
    assert set(results["published"].perturbed) == {"replaced", "dropped", "swapped"}
    for kind, predicted in results["published"].perturbed.items():
        changed = add_typos(X_TEST, kind, 0.5, model.classifier.seed)
        assert predicted.tolist() == model.classifier.predict(changed).tolist()
    assert not any(result.perturbed for name, result in results.items() if name != "published")


def test_the_published_model_is_stacked_by_held_out_labels(tiny):
    model = trained(GANClassifier(**tiny | {"calibration": "cross-fit"}))
    results = compare_methods(model, X_TEST, compare=False)
    assert set(results) == {"published", "game"}
    classifier, settings = model.classifier, results["published"].settings
    assert settings == classifier.stacking_.to_json() | {"method": classifier.stacking_.method}
    assert 0.0 <= settings["game_weight"] <= 1.0
    assert len(classifier.ensemble_.cross_fit.labels) == 6  # hail has one label
    assert "6 labeled texts" in classifier.explanation()


def test_folds_share_one_graph_and_have_games_of_their_own_length(tiny, monkeypatch):
    classifier, copies = GANClassifier(**tiny), []

    def fit_and_keep(*arguments, **parameters):
        copies.append(fit_clone(*arguments, **parameters))
        return copies[-1]

    monkeypatch.setattr("ganclf.classification.comparison.fit_clone", fit_and_keep)
    results, idx = cross_validate_methods(untrained(classifier), count=3, compare=False, steps=3)
    assert [copy.classifier.steps for copy in copies] == [3, 3, 3]
    assert classifier.steps == tiny["steps"]
    apart = fit_clone(untrained(classifier), sorted({*range(len(TEXTS))} - set(idx[-2:].tolist())), steps=3)
    expected = apart.classifier.predict([TEXTS[i] for i in idx[-2:]])
    assert results["published"].predicted[-2:].tolist() == expected.tolist()
