from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks import encoded, run
from benchmarks.data_set import Columns
from benchmarks.evaluation_splits import UNDRAWN, make_split
from benchmarks.markdown import report
from benchmarks.plan import PlannedCell
from benchmarks.run import load_data_set
from benchmarks.variants import Variant
from ganclf.config import EncoderConfig, GameConfig
from ganclf.data.rows import EncodedTexts


class Learner:
    """In place of the estimator; records what its encoder was fitted on."""

    given: list = []  # noqa: RUF012

    def __init__(self, random_state, verbose, **config):
        self.seed = random_state
        self.encoder_ = SimpleNamespace(transform=lambda texts: np.ones((len(texts), 2), np.float32))

    def encode(self, texts, labels=None):
        self.given.append((self.seed, len(texts), labels))
        return EncodedTexts(np.zeros((len(texts), 2), np.float32))


@pytest.fixture
def split(folder, monkeypatch):
    monkeypatch.setattr(encoded, "GANClassifier", Learner)
    monkeypatch.setattr(Learner, "given", [])
    return make_split(load_data_set("colors", Columns()), UNDRAWN, 200_000)


def planned(seed, tune="none", pooling="preset"):
    return PlannedCell(
        "game_off",
        2,
        seed,
        Variant(),
        EncoderConfig(encoder="pretrained", preset="tiny", tune=tune, pooling=pooling),
        GameConfig(seed=seed),
    )


def test_an_encoder_without_tuning_sees_no_label_and_is_shared_by_all_draws(split):
    run._encode(split, planned(100))
    assert Learner.given == [(0, 90, None)]
    assert planned(100).shares_features_with == planned(101).shares_features_with


def test_an_encoder_that_chooses_views_sees_the_labels_of_its_draw(split):
    chooses = planned(100, pooling="auto")
    run._encode(split, chooses)
    ((_, _, labels),) = Learner.given
    assert labels == split.sample(2, 100).train_labels
    assert chooses.shares_features_with != planned(101, pooling="auto").shares_features_with
    assert chooses.encoder_name == "pretrained (views by labels)"


def test_a_tuned_encoder_sees_the_labels_of_its_draw_and_no_others(split):
    run._encode(split, planned(100, "contrastive"))
    ((seed, count, labels),) = Learner.given
    assert (seed, count) == (100, 90)
    assert labels == split.sample(2, 100).train_labels
    assert sum(label is not None for label in labels) == 6
    assert planned(100, "contrastive").shares_features_with != planned(101, "contrastive").shares_features_with


def test_texts_outside_the_pool_are_encoded_but_not_fitted_on(split):
    small = make_split(load_data_set("colors", Columns()), UNDRAWN, 20)
    found = encoded.Encoded(small, EncoderConfig())
    assert Learner.given[0][1] == 20
    assert found.features.shape == (90, 2)
    assert found.features[small.pool].sum() == 0
    assert found.features.sum() == 140


def test_the_page_says_that_a_tuned_encoder_is_fitted_for_each_draw():
    cell = {
        "data": "colors", "part": "dev", "labels": 2, "method": "game_off", "variant": "", "seed": 100,
        "encoder": planned(100, "contrastive").encoder_name, "accuracy": 0.5, "macro_f1": 0.5, "seconds": 1.0,
        "encoding_seconds": 2.0, "n_unlabeled": 9, "n_test": 9, "when": "2030-01-01", "commit": "a", "versions": {},
    }  # fmt: skip
    assert "pretrained (tuned: contrastive), fitted anew for each draw" in report("x", "x", [cell], 1, [])
