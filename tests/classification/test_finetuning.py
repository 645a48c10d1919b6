"""Rounds of fine-tuning: which rows get a pseudo-label, and what the encoder is trained on."""

from dataclasses import replace

import numpy as np
import pytest

from ganclf.classification.finetuning import (
    FineTuning,
    distill,
    finetune_contrastive,
    most_confident_per_class,
    pseudo_label,
)
from ganclf.config import EncoderConfig, GameConfig
from ganclf.data.rows import UNLABELED

RANDOM = np.random.default_rng(0)
TRUTH = np.arange(200) % 2
ROWS = RANDOM.normal(size=(200, 6)) + np.where(TRUTH[:, None] == 1, 1.5, -1.5)
ROWS = (ROWS / np.linalg.norm(ROWS, axis=1, keepdims=True)).astype(np.float32)
LABELS = np.where(np.arange(200) < 6, TRUTH, UNLABELED)
TEXTS = [str(number) for number in range(200)]
GAME = GameConfig(steps=40, width=16, depth=1, latent_size=4, batch_size=32, labeled_batch_size=4)


class Numbers:
    """An encoder whose texts are the idx of rows; keeps the labels that tune it."""

    def __init__(self):
        self.given = []

    def transform(self, texts, advance=lambda done: None):
        return ROWS[[int(text) for text in texts]]

    def fit_transform(self, texts, labels, advance=lambda done: None):
        return self.transform(texts, advance)

    def tune(self, texts, labels, advance=lambda done: None):
        self.given.append(labels)

    def distill(self, texts, answers, advance=lambda done: None):
        self.given.append((texts, answers))


def tuning(encoder, labels=LABELS, rounds=2):
    config = EncoderConfig(encoder="pretrained", preset="any", tune="contrastive", tune_rounds=rounds)
    return FineTuning(encoder, TEXTS, labels, config, GAME)


def test_the_most_confident_rows_of_every_class_are_chosen_in_proportion_to_its_share():
    certainty = np.array([0.9, 0.6, 0.8, 0.7, 0.95, 0.55, 0.99, 0.51])
    probabilities = np.stack([certainty, 1 - certainty], axis=1)
    probabilities[4:] = probabilities[4:, ::-1]
    allowed = np.array([False, True, True, True, True, True, False, True])
    idx, classes = most_confident_per_class(probabilities, allowed, 4)
    assert idx.tolist() == [2, 3, 4, 5]
    assert classes.tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize("rows", [0, 3])
def test_where_no_row_may_be_chosen_none_is(rows):
    idx, classes = most_confident_per_class(np.full((rows, 2), 0.5), np.zeros(rows, bool), 4)
    assert len(idx) == len(classes) == 0


def test_labels_stay_and_pseudo_labels_are_mostly_right(monkeypatch):
    monkeypatch.setattr("ganclf.classification.finetuning.PSEUDO_LABELS", 60)
    labels = pseudo_label(tuning(Numbers()))
    assert (labels[LABELS >= 0] == LABELS[LABELS >= 0]).all()
    chosen = (labels >= 0) & (LABELS < 0)
    assert 50 <= chosen.sum() <= 62
    assert (labels == TRUTH)[chosen].mean() > 0.95


def test_no_more_rows_are_encoded_than_there_are_candidates(monkeypatch):
    monkeypatch.setattr("ganclf.classification.finetuning.CANDIDATES", 50)
    labels = pseudo_label(tuning(Numbers()))
    assert (labels >= 0).sum() <= 56


@pytest.mark.parametrize("rounds", [1, 3])
def test_the_first_round_has_the_labels_alone(rounds):
    encoder = Numbers()
    finetune_contrastive(tuning(encoder, rounds=rounds))
    assert len(encoder.given) == rounds
    np.testing.assert_array_equal(encoder.given[0], LABELS)
    assert all((labels >= 0).sum() > (LABELS >= 0).sum() for labels in encoder.given[1:])


def test_labels_of_all_rows_are_allowed():
    np.testing.assert_array_equal(pseudo_label(tuning(Numbers(), TRUTH)), TRUTH)


def test_a_game_that_collapses_gives_no_pseudo_labels_and_a_warning():
    wild = replace(tuning(Numbers()), game=replace(GAME, learning_rate=1.0, entropy_weight=1e30))
    with pytest.warns(UserWarning, match="This round has the labeled texts alone"):
        np.testing.assert_array_equal(pseudo_label(wild), LABELS)


def test_the_encoder_is_distilled_from_some_rows(monkeypatch):
    monkeypatch.setattr("ganclf.classification.finetuning.DISTILLATION_ROWS", 100)
    encoder = Numbers()
    distill(tuning(encoder))
    texts, answers = encoder.given[0]
    assert len(texts) == 106
    known = LABELS[[int(text) for text in texts]] >= 0
    truth = TRUTH[[int(text) for text in texts]]
    assert (answers[known, truth[known]] == 1).all()
    assert (answers.argmax(axis=1) == truth).mean() > 0.9


def test_where_every_game_collapses_nothing_is_learned_and_each_gives_a_warning():
    encoder = Numbers()
    wild = replace(tuning(encoder), game=replace(GAME, learning_rate=1.0, entropy_weight=1e30))
    with pytest.warns(UserWarning, match="This game is left out") as warned:
        distill(wild)
    assert encoder.given == []
    assert sum("left out" in str(each.message) for each in warned) == 3
