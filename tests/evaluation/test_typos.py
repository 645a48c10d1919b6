"""Typing mistakes: as many as asked, each a real change, in any script, and no text is broken."""

import unicodedata

import numpy as np
import pytest

from ganclf.evaluation.typos import TYPOS, add_typos, split_letters

ENGLISH = ["Where is my parcel? I ordered it on 3 May.", "The blue one was CHARGED twice."] * 100
CHINESE = ["快递怎么还没到，我等了三天", "发票开错了，请重新开一张"] * 100
TEXTS = {"english": ENGLISH, "chinese": CHINESE, "mixed": ["我的 iPhone 15 坏了", "Где мой заказ?", "πού είναι"] * 50}
EVERY = pytest.mark.parametrize("kind", list(TYPOS))


@EVERY
@pytest.mark.parametrize("texts", TEXTS.values(), ids=TEXTS)
def test_the_seed_repeats_the_mistakes_and_texts_keep_their_places(kind, texts):
    first, same, other = (add_typos(texts, kind, 0.3, seed) for seed in (1, 1, 2))
    assert first == same != other
    assert len(first) == len(texts)
    assert add_typos(texts, kind, 0.0, 1) == texts


@EVERY
@pytest.mark.parametrize("text", ["", "a", "字", " ", "?!", "👍🏽", "e\u0301", "\ud800", "aa", "\x00b"])
def test_the_shortest_texts_survive(kind, text):
    for seed in range(5):
        (found,) = add_typos([text], kind, 1.0, seed)
        assert bool(found) == bool(text)


@pytest.mark.parametrize("texts", [ENGLISH, CHINESE], ids=["english", "chinese"])
@pytest.mark.parametrize("rate", [0.1, 0.5])
def test_as_many_letters_are_replaced_as_asked_and_spaces_and_punctuation_stay(texts, rate):
    before, after = "".join(texts), "".join(add_typos(texts, "replaced", rate, 0))
    assert len(after) == len(before)
    changed = [one != other for one, other in zip(before, after, strict=True) if one.isalnum()]
    assert np.mean(changed) == pytest.approx(rate, abs=0.03)
    assert all(one == other for one, other in zip(before, after, strict=True) if not one.isalnum())


def test_no_letter_is_replaced_by_itself():
    for texts in (ENGLISH, CHINESE):
        before, after = "".join(texts), "".join(add_typos(texts, "replaced", 1.0, 0))
        same = {one for one, other in zip(before, after, strict=True) if one == other and one.isalnum()}
        assert same <= {"3"}  # the only digit: there is no other to take


def test_a_letter_is_replaced_by_one_of_its_script_and_case_that_occurs():
    for texts in TEXTS.values():
        for before, after in zip(texts, add_typos(texts, "replaced", 0.5, 0), strict=True):
            assert set(after) <= set("".join(texts))
            for one, other in zip(before, after, strict=True):
                assert unicodedata.category(one) == unicodedata.category(other)
                assert (
                    unicodedata.name(one, "").split("-")[0].split()[:1]
                    == (unicodedata.name(other, "").split("-")[0].split()[:1])
                )


@pytest.mark.parametrize("texts", [ENGLISH, CHINESE], ids=["english", "chinese"])
def test_as_many_letters_are_dropped_as_asked_and_the_others_keep_their_order(texts):
    after = add_typos(texts, "dropped", 0.2, 0)
    letters = [sum(map(str.isalnum, "".join(part))) for part in (texts, after)]
    assert letters[1] / letters[0] == pytest.approx(0.8, abs=0.03)
    for one, other in zip(texts, after, strict=True):
        rest = iter(one)
        assert all(letter in rest for letter in other)


@pytest.mark.parametrize("texts", TEXTS.values(), ids=TEXTS)
def test_swapping_loses_nothing_and_moves_no_letter_out_of_its_word(texts):
    after = add_typos(texts, "swapped", 0.5, 0)
    assert after != texts
    for one, other in zip(texts, after, strict=True):
        assert [sorted(word) for word in one.split()] == [sorted(word) for word in other.split()]
        moved = [a != b for a, b in zip(one, other, strict=True)]
        assert sum(moved) % 2 == 0
        for place in np.flatnonzero(moved)[::2]:
            assert one[place : place + 2] == other[place : place + 2][::-1]


def test_equal_neighbors_are_not_swapped_and_a_letter_is_moved_once():
    assert add_typos(["aa aa"], "swapped", 1.0, 0) == ["aa aa"]
    assert add_typos(["abcdef"], "swapped", 1.0, 0) == ["badcfe"]


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("e\u0301a", ["e\u0301", "a"]),
        ("हिन्दी", ["हि", "न्", "दी"]),
        ("👨‍👩‍👧x", ["👨‍👩‍👧", "x"]),
        ("👍🏽好", ["👍🏽", "好"]),
        ("❤️", ["❤️"]),
        ("𠮷野", ["𠮷", "野"]),
        ("\u0301a", ["\u0301", "a"]),
    ],
)
def test_what_a_reader_sees_as_one_letter_is_one(text, letters):
    assert split_letters(text) == letters


def test_an_accent_goes_where_its_letter_goes():
    assert add_typos(["e\u0301a"], "swapped", 1.0, 0) == ["ae\u0301"]
    assert set(add_typos(["e\u0301a"] * 20, "dropped", 0.5, 0)) == {"e\u0301a", "e\u0301", "a"}
