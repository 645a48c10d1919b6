"""Homoglyph attacks are seeded and near by pixels; training and testing have different pairs of characters."""

import unicodedata

import numpy as np
import pytest

from ganclf.rendering.homoglyphs import (
    LEET,
    MAX_NEIGHBORS,
    MIN_SIMILARITY,
    SPLITS,
    SUBSTITUTES,
    HomoglyphIndex,
    case_folded,
    homoglyph_attack,
    split_of,
)

ENGLISH = ["Where is my parcel? I ordered it on 3 May.", "The blue one was CHARGED twice."] * 40
CHINESE = ["体验巅峰 倚天屠龙记十大创新概览", "60年铁树开花形状似玉米芯(组图)", "生活在别处，未来已来"] * 40
EVERY = pytest.mark.parametrize("kind", list(SUBSTITUTES))


@pytest.fixture(scope="module")
def index(atlas) -> HomoglyphIndex:
    return HomoglyphIndex(atlas)


def pairs(before, after):
    """Which character was replaced by which."""
    return {(one, other) for one, other in zip("".join(before), "".join(after), strict=True) if one != other}


@EVERY
def test_the_seed_repeats_an_attack_and_texts_keep_their_length(atlas, kind):
    first, same, other = (homoglyph_attack(ENGLISH, 0.3, kind, seed=seed, atlas=atlas) for seed in (1, 1, 2))
    assert first == same != other
    assert [len(text) for text in first] == [len(text) for text in ENGLISH]
    assert homoglyph_attack(ENGLISH, 0.0, kind, atlas=atlas) == ENGLISH
    assert homoglyph_attack(["", " ?!", "\ud800"], 1.0, kind, atlas=atlas) == ["", " ?!", "\ud800"]


@EVERY
def test_pairs_of_training_and_of_testing_are_disjoint_in_both_directions(atlas, kind):
    texts = ENGLISH + CHINESE
    train, test = (pairs(texts, homoglyph_attack(texts, 1.0, kind, split=split, atlas=atlas)) for split in SPLITS)
    assert len(train) > 20
    assert len(test) > 20
    unordered = [{frozenset((case_folded(one), case_folded(other))) for one, other in split} for split in (train, test)]
    assert not unordered[0] & unordered[1]


@pytest.mark.parametrize(("texts", "kind"), [(ENGLISH, "homoglyph"), (CHINESE, "homoglyph"), (ENGLISH, "leet")])
def test_about_as_many_letters_as_asked_are_other_characters_also_after_nfkc(atlas, texts, kind):
    after = homoglyph_attack(texts, 0.2, kind, atlas=atlas)
    letters = sum(character.isalnum() for text in texts for character in text)
    changed = [
        one
        for one, other in zip("".join(texts), "".join(after), strict=True)
        if unicodedata.normalize("NFKC", one).casefold() != unicodedata.normalize("NFKC", other).casefold()
    ]
    assert all(character.isalnum() for character in changed)
    assert 0.12 < len(changed) / letters < 0.24


def test_a_homoglyph_is_near_by_pixels_and_nearer_than_chance(atlas):
    found = pairs(CHINESE, homoglyph_attack(CHINESE, 1.0, "homoglyph", atlas=atlas))

    def similarity(one: str, other: str) -> float:
        first, second = (atlas.images[atlas.glyph_ids(each)[0]].ravel().astype(float) for each in (one, other))
        return first @ second / np.linalg.norm(first) / np.linalg.norm(second)

    assert min(similarity(one, other) for one, other in found) >= MIN_SIMILARITY - 1e-6
    chance = np.mean([similarity(one, "龙") for one, _ in found])
    assert np.mean([similarity(one, other) for one, other in found]) > chance + 0.2


def test_neighbors_are_what_a_reader_would_name(index):
    found = index.neighbors("a末己A ")
    assert "а" in found["a"]  # Cyrillic
    assert found["末"][0] == "未"
    assert "已" in found["己"]
    assert "Α" in found["A"]  # Greek
    assert "a" not in found["A"]
    assert not found[" "]
    assert all(len(others) <= MAX_NEIGHBORS for others in found.values())


def test_neighbors_do_not_depend_on_what_else_is_asked(index, atlas):
    assert HomoglyphIndex(atlas).neighbors("末")["末"] == index.neighbors("末a中国")["末"]


def test_every_letter_of_leetspeak_has_a_pair_somewhere_and_none_is_the_letter_itself():
    for letter, others in LEET.items():
        assert {split_of(letter, other) for other in others} <= set(SPLITS)
        assert letter not in {case_folded(other) for other in others}
