"""Samples beside real texts."""

from __future__ import annotations

import pytest

from ganclf.text_generation.samples import (
    compare,
    detection_accuracy,
    feature_encoder,
    nearest,
    plot_quality,
    temperature_row,
)

TRAIN = [f"the {color} {animal} sleeps {place}" for color in ("red", "blue", "old") for animal in ("cat", "dog", "cow")
         for place in ("here", "there", "at home", "in town")]  # fmt: skip
OTHER = [f"{number} apples cost {number} coins" for number in range(36)]


def words(texts):
    return [text.split() for text in texts]


def test_rows_have_real_texts_first_and_count_copies():
    rows = compare(TRAIN, TRAIN[::2], {"copier": lambda count: TRAIN[:count], "other": lambda count: OTHER[:count]}, 20,
                   0, words, feature_encoder(TRAIN, None, 0), lambda done: None)  # fmt: skip
    real, copier, other = rows
    assert real["texts"] == "real training texts"
    assert real["copies"] is None
    assert copier["copies"] == 1.0
    assert copier["new_4_grams"] == 0.0
    assert other["copies"] == 0.0
    assert other["new_4_grams"] == 1.0
    assert copier["bleu_4"] > other["bleu_4"]
    assert other["detected"] > 0.9
    assert other["frechet_distance"] > 2.0 * real["frechet_distance"] > 0.0


def test_equal_texts_are_not_told_apart():
    assert detection_accuracy(TRAIN, TRAIN) == pytest.approx(0.5, abs=0.2)


def test_the_nearest_training_text_of_a_copy_is_itself():
    (row,) = nearest(TRAIN[7:8], TRAIN)
    assert row["training_text"] == TRAIN[7]
    assert row["similarity"] == pytest.approx(1.0)


def test_the_plot_is_written(tmp_path):
    row = {"bleu_4": 0.4, "self_bleu_4": 0.5}
    plot_quality([{"texts": name} | row for name in ("real training texts", temperature_row(1.0))], tmp_path / "q.png")
    assert (tmp_path / "q.png").stat().st_size > 1000
