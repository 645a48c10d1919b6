"""Words of names: which are read, and which names are near."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from ganclf.text_to_image.nearest import NO_WORD, UNKNOWN, NearestNames

TEXTS = ["account", "account off", "box off", "box", "Red Box", "红色 盒子"]


@pytest.fixture(scope="module")
def names() -> NearestNames:
    return NearestNames(TEXTS)


def nearest(names: NearestNames, text: str) -> str:
    _, places = names.nearest(names.read(tf.constant([text])), 1)
    return TEXTS[int(places[0, 0])]


def test_the_same_words_are_nearest_in_any_order_and_case(names):
    assert [nearest(names, text) for text in ("off account", "BOX", "red  box", "box, off")] == [
        "account off", "box", "Red Box", "box off",
    ]  # fmt: skip


def test_chinese_is_compared_by_characters(names):
    assert nearest(names, "红盒") == "红色 盒子"


def test_words_are_counted_once_and_unknown_ones_are_marked(names):
    read = names.read(tf.constant(["box box zebra", ""])).numpy()
    assert (read[0] != NO_WORD).sum() == 2
    assert UNKNOWN in read[0]
    assert (read[1] == NO_WORD).all()


def test_likeness_is_the_share_of_rarity_that_both_have(names):
    found = names.likeness(names.read(tf.constant(["account off"]))).numpy()[0]
    rarity = {word: np.log(7 / count) for word, count in (("account", 2), ("off", 2), ("box", 3))}
    assert found[1] == pytest.approx(1.0)
    assert found[0] == pytest.approx(rarity["account"] / (rarity["account"] + rarity["off"]), rel=1e-5)
    assert found[3] == 0.0


def test_a_training_text_is_not_near_to_itself_nor_to_a_copy_of_its_picture(names):
    likeness, places = names.nearest_others(np.array([0, 1, 1, 3, 4, 5]), 5)
    assert all(row not in found for row, found in zip(range(6), places[:, :4], strict=True))
    assert 2 not in places[1, :4]
    assert likeness[1, 0] > 0
