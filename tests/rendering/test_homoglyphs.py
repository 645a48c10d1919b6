"""Disguises: seeded, near by pixels, other characters for a machine, and other pairs in training than in testing."""

import unicodedata

import numpy as np
import pytest

from ganclf.rendering.homoglyphs import LEET, PARTS, SUBSTITUTES, disguise, part_of
from ganclf.rendering.neighbors import LEAST_LIKENESS, NEIGHBOURS, LookAlikes, fold

ENGLISH = ["Where is my parcel? I ordered it on 3 May.", "The blue one was CHARGED twice."] * 40
CHINESE = ["体验巅峰 倚天屠龙记十大创新概览", "60年铁树开花形状似玉米芯(组图)", "生活在别处，未来已来"] * 40
EVERY = pytest.mark.parametrize("kind", list(SUBSTITUTES))


@pytest.fixture(scope="module")
def look_alikes(atlas) -> LookAlikes:
    return LookAlikes(atlas)


def pairs(before, after):
    """Which character was replaced by which."""
    return {(one, other) for one, other in zip("".join(before), "".join(after), strict=True) if one != other}


@EVERY
def test_the_seed_repeats_a_disguise_and_texts_keep_their_length(atlas, kind):
    first, same, other = (disguise(ENGLISH, 0.3, kind, seed=seed, atlas=atlas) for seed in (1, 1, 2))
    assert first == same != other
    assert [len(text) for text in first] == [len(text) for text in ENGLISH]
    assert disguise(ENGLISH, 0.0, kind, atlas=atlas) == ENGLISH
    assert disguise(["", " ?!", "\ud800"], 1.0, kind, atlas=atlas) == ["", " ?!", "\ud800"]


@EVERY
def test_pairs_of_training_and_of_testing_are_disjoint_in_both_directions(atlas, kind):
    texts = ENGLISH + CHINESE
    train, test = (pairs(texts, disguise(texts, 1.0, kind, part=part, atlas=atlas)) for part in PARTS)
    assert len(train) > 20
    assert len(test) > 20
    unordered = [{frozenset((fold(one), fold(other))) for one, other in part} for part in (train, test)]
    assert not unordered[0] & unordered[1]


@pytest.mark.parametrize(("texts", "kind"), [(ENGLISH, "alike"), (CHINESE, "alike"), (ENGLISH, "leet")])
def test_about_as_many_letters_as_asked_are_other_characters_also_after_nfkc(atlas, texts, kind):
    after = disguise(texts, 0.2, kind, atlas=atlas)
    letters = sum(character.isalnum() for text in texts for character in text)
    changed = [
        one
        for one, other in zip("".join(texts), "".join(after), strict=True)
        if unicodedata.normalize("NFKC", one).casefold() != unicodedata.normalize("NFKC", other).casefold()
    ]
    assert all(character.isalnum() for character in changed)
    assert 0.12 < len(changed) / letters < 0.24


def test_a_disguise_is_near_by_pixels_and_nearer_than_chance(atlas):
    found = pairs(CHINESE, disguise(CHINESE, 1.0, "alike", atlas=atlas))

    def likeness(one: str, other: str) -> float:
        first, second = (atlas.images[atlas.places(each)[0]].ravel().astype(float) for each in (one, other))
        return first @ second / np.linalg.norm(first) / np.linalg.norm(second)

    assert min(likeness(one, other) for one, other in found) >= LEAST_LIKENESS - 1e-6
    chance = np.mean([likeness(one, "龙") for one, _ in found])
    assert np.mean([likeness(one, other) for one, other in found]) > chance + 0.2


def test_neighbours_are_what_a_reader_would_name(look_alikes):
    found = look_alikes.of("a末己A ")
    assert "а" in found["a"]  # Cyrillic
    assert found["末"][0] == "未"
    assert "已" in found["己"]
    assert "Α" in found["A"]  # Greek
    assert "a" not in found["A"]
    assert not found[" "]
    assert all(len(others) <= NEIGHBOURS for others in found.values())


def test_neighbours_do_not_depend_on_what_else_is_asked(look_alikes, atlas):
    assert LookAlikes(atlas).of("末")["末"] == look_alikes.of("末a中国")["末"]


def test_every_letter_of_leetspeak_has_a_pair_somewhere_and_none_is_the_letter_itself():
    for letter, others in LEET.items():
        assert {part_of(letter, other) for other in others} <= set(PARTS)
        assert letter not in {fold(other) for other in others}
