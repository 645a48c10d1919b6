"""Disguises: characters replaced by others that a reader takes for them. Pure functions of texts and a seed.

The pairs of characters that serve in training and those that serve in testing are disjoint, in either direction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

import numpy as np

from ganclf.rendering.atlas import Atlas, load_atlas
from ganclf.rendering.neighbors import LookAlikes, fold

CHOICES = 2  # of a character's neighbours in one part, the most alike ones, of which one is drawn each time
LEET = {
    "a": "4@^", "b": "8ß6", "c": "(¢<", "d": "ÐⱭ", "e": "3€£&", "f": "ƒ#", "g": "9&6", "h": "#н", "i": "1!|",
    "k": "κ|<", "l": "1|7£", "m": "м^", "n": "ηи", "o": "0°*", "p": "9þ¶", "q": "9¶0", "r": "®я2", "s": "5$z§",
    "t": "7+†1", "u": "µvü", "v": "√^<", "w": "ωvш", "x": "×%*", "y": "¥j7λ", "z": "2%7",
}  # fmt: skip
PARTS = ("train", "test")

Substitutes = Mapping[str, Sequence[str]]  # what may stand for a character, the best first


def disguise(
    texts: Sequence[str], share: float, kind: str, part: str = "test", seed: int = 0, atlas: Atlas | None = None
) -> list[str]:
    """Replace a share of the letters and digits of each text by what looks like them; the others stay.

    Args:
        texts: n strings.
        share: probability of each letter and digit, from 0 to 1. One that nothing stands for stays as it is.
        kind: alike: near neighbours in the atlas, by pixels, such as Latin a and Cyrillic а or 末 and 未; leet: digits
            and signs for Latin letters, such as 3 for e.
        part: train or test: which pairs are used.
        seed: the same one makes the same disguise.
        atlas: pictures to compare; default: those of the default font.
    Returns:
        n strings.
    """
    generator = np.random.default_rng(seed)
    characters = {character for text in texts for character in text if character.isalnum()}
    substitutes = _of_part(SUBSTITUTES[kind](characters, atlas), part)
    return ["".join(_disguise(text, share, substitutes, generator)) for text in texts]


def _disguise(text: str, share: float, substitutes: Substitutes, generator: np.random.Generator) -> list[str]:
    hit = generator.random(len(text)) < share
    drawn = generator.random(len(text))
    characters = list(text)
    for place in np.flatnonzero(hit).tolist():
        choices = substitutes.get(text[place])
        if choices:
            characters[place] = choices[int(drawn[place] * len(choices))]
    return characters


def _of_part(substitutes: Substitutes, part: str) -> Substitutes:
    return {
        character: [other for other in others if part_of(character, other) == part][:CHOICES]
        for character, others in substitutes.items()
    }


def part_of(character: str, other: str) -> str:
    """Which part a pair of characters belongs to, the same in both directions and in any case: train or test."""
    pair = "\n".join(sorted((fold(character), fold(other))))
    return PARTS[hashlib.blake2b(pair.encode(), digest_size=1).digest()[0] % 2]


def _alike(characters: set[str], atlas: Atlas | None) -> Substitutes:
    return _look_alikes(atlas or _default_atlas()).of(characters)


def _leet(characters: set[str], atlas: Atlas | None) -> Substitutes:
    return {each: LEET[each.lower()] for each in characters if each.lower() in LEET}


@lru_cache(maxsize=2)
def _look_alikes(atlas: Atlas) -> LookAlikes:
    return LookAlikes(atlas)


@lru_cache(maxsize=1)
def _default_atlas() -> Atlas:
    return load_atlas()


SUBSTITUTES: dict[str, Callable[[set[str], Atlas | None], Substitutes]] = {"alike": _alike, "leet": _leet}
