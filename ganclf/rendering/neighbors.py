"""Characters that look alike: near neighbours in the atlas, by pixels."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping

import numpy as np

from ganclf.rendering.atlas import BLANK, Atlas, drawable

NEIGHBOURS = 8  # of a character, the most alike ones
LEAST_LIKENESS = 0.7  # cosine of two pictures below which nobody would take one for the other
BLOCK = 256  # characters that are compared with the whole atlas at once: bounds memory to some 50 MB


class LookAlikes:
    """The near neighbours of characters, searched for when they are first asked for.

    Args:
        atlas: the pictures. What may stand for another character is every letter, ideograph and digit of it that
            compatibility normalisation (NFKC) leaves as it is.
    """

    def __init__(self, atlas: Atlas) -> None:
        self._atlas = atlas
        self._candidates = [code for code in drawable() if _may_stand_in(code, atlas)]
        self._folded = [fold(chr(code)) for code in self._candidates]
        self._pictures = _directions(atlas, self._candidates)
        self._found: dict[str, tuple[str, ...]] = {}

    def of(self, characters: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
        """Find the neighbours of single characters, the most alike first; none for one that has no picture.

        A neighbour is still another character after NFKC and case folding, which many readers of text apply.
        """
        asked = sorted(set(characters))
        new = [each for each in asked if each not in self._found]
        for start in range(0, len(new), BLOCK):
            self._search(new[start : start + BLOCK])
        return {each: self._found[each] for each in asked}

    def _search(self, characters: list[str]) -> None:
        alike = _directions(self._atlas, [ord(each) for each in characters]) @ self._pictures.T
        most = min(2 * NEIGHBOURS, alike.shape[1])  # some are the same character in another case or width
        nearest = np.argpartition(-alike, most - 1, axis=1)[:, :most]
        for character, places, likeness in zip(characters, nearest, alike, strict=True):
            folded = fold(character)
            near = [place for place in places if likeness[place] >= LEAST_LIKENESS and self._folded[place] != folded]
            near.sort(key=lambda place: (-round(float(likeness[place]), 4), self._candidates[place]))
            self._found[character] = tuple(chr(self._candidates[place]) for place in near[:NEIGHBOURS])


def fold(character: str) -> str:
    """What is left of a character after NFKC and case folding."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", character).casefold())


def _may_stand_in(code: int, atlas: Atlas) -> bool:
    character = chr(code)
    stable = unicodedata.normalize("NFKC", character) == character
    return stable and character.isalnum() and atlas.index[code] > BLANK


def _directions(atlas: Atlas, codes: list[int]) -> np.ndarray:
    """Pictures as vectors of unit length, zeros where there is none; float32, shape [n, pixels]."""
    places = atlas.places("".join(map(chr, codes)))
    flat = atlas.images[places].reshape(len(codes), -1).astype(np.float32)
    flat[places <= BLANK] = 0.0
    return flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1.0)
