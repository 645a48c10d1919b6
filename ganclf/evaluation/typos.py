"""Typos: letters replaced, dropped or swapped, in any script. Pure functions of texts and a seed."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np

JOINER = "\u200d"  # makes one sign of the characters before and after it
STAYS_WITH_BASE = ("Mn", "Mc", "Me", "Cf")  # accents, vowel signs, variation selectors, joiners
SKIN_TONES = range(0x1F3FB, 0x1F400)

Letters = list[str]  # of one text; a letter may have several code points
Alphabet = dict[tuple[str, str], Letters]  # letters that occur, sorted, by script and case


def add_typos(texts: Sequence[str], kind: str, rate: float, seed: int) -> list[str]:
    """Mistype a share of the letters and digits of each text; spaces and punctuation stay.

    Args:
        texts: n strings; a text that is not empty never becomes empty.
        kind: replaced: by another letter of the same script and case that occurs in the texts; dropped; or
            swapped: with the next letter of the same word, so that up to twice the share is out of place.
        rate: probability of each letter, from 0 to 1.
        seed: the same one makes the same typos.

    Returns:
        n strings.
    """
    generator = np.random.default_rng(seed)
    split = [split_letters(text) for text in texts]
    alphabet = _alphabet(split) if kind == "replaced" else {}
    return ["".join(TYPOS[kind](letters, rate, generator, alphabet)) for letters in split]


def split_letters(text: str) -> Letters:
    """Split into letters as a reader sees them: accents, joined signs and skin tones stay with their base."""
    if text.isascii():
        return list(text)
    letters: Letters = []
    for character in text:
        if letters and (_stays_with_base(character) or letters[-1].endswith(JOINER)):
            letters[-1] += character
        else:
            letters.append(character)
    return letters


def _stays_with_base(character: str) -> bool:
    return unicodedata.category(character) in STAYS_WITH_BASE or ord(character) in SKIN_TONES


def _replace(letters: Letters, rate: float, generator: np.random.Generator, alphabet: Alphabet) -> Letters:
    hit = _hit(letters, rate, generator)
    return [_another(letter, alphabet, generator) if i in hit else letter for i, letter in enumerate(letters)]


def _drop(letters: Letters, rate: float, generator: np.random.Generator, alphabet: Alphabet) -> Letters:
    hit = _hit(letters, rate, generator)
    return [letter for i, letter in enumerate(letters) if i not in hit] or letters


def _swap(letters: Letters, rate: float, generator: np.random.Generator, alphabet: Alphabet) -> Letters:
    swapped, moved = list(letters), -1
    for i in sorted(_hit(letters[:-1], rate, generator)):
        following = letters[i + 1]
        if i > moved and following[0].isalnum() and following != letters[i]:
            moved = i + 1  # it is not moved on to the end of the word
            swapped[i], swapped[moved] = following, letters[i]
    return swapped


TYPOS: dict[str, Callable[[Letters, float, np.random.Generator, Alphabet], Letters]] = {
    "replaced": _replace,
    "dropped": _drop,
    "swapped": _swap,
}


def _hit(letters: Letters, rate: float, generator: np.random.Generator) -> set[int]:
    """Indices of letters and digits, each with the probability `rate`."""
    drawn = generator.random(len(letters)) < rate
    return {i for i in np.flatnonzero(drawn).tolist() if letters[i][0].isalnum()}


def _another(letter: str, alphabet: Alphabet, generator: np.random.Generator) -> str:
    """Another letter of the same kind, or the same one where the texts have no other."""
    alike = alphabet[_kind(letter[0])]
    if len(alike) < 2:
        return letter
    drawn = int(generator.integers(len(alike) - 1))
    return alike[drawn + (drawn >= bisect_left(alike, letter))]  # never itself


def _alphabet(split: Sequence[Letters]) -> Alphabet:
    alphabet: Alphabet = {}
    for letter in sorted({letter for letters in split for letter in letters if letter[0].isalnum()}):
        alphabet.setdefault(_kind(letter[0]), []).append(letter)
    return alphabet


@lru_cache(maxsize=100_000)
def _kind(character: str) -> tuple[str, str]:
    """Script, by the first word of Unicode's name, and category, which includes case and digits."""
    return unicodedata.name(character, "").split(" ")[0].split("-")[0], unicodedata.category(character)
