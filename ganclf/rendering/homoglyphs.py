"""Homoglyphs: characters that look alike, found among the images of an atlas, and texts written with them.

Everything is a pure function of texts and a seed. The pairs of characters for training and those for testing are
disjoint, in either direction.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np

from ganclf.cli.batching import batches
from ganclf.rendering.atlas import BLANK, Atlas, assigned_code_points, load_atlas

MAX_NEIGHBORS = 8  # per character, the most similar ones
MIN_SIMILARITY = 0.7  # cosine of two images below which nobody would take one for the other
SEARCH_BATCH = 256  # characters that are compared with the whole atlas at once: bounds memory to some 50 MB
CHOICES = 2  # neighbors of a character per split, the most similar ones, of which one is drawn each time
LEET = {
    "a": "4@^", "b": "8ß6", "c": "(¢<", "d": "ÐⱭ", "e": "3€£&", "f": "ƒ#", "g": "9&6", "h": "#н", "i": "1!|",
    "k": "κ|<", "l": "1|7£", "m": "м^", "n": "ηи", "o": "0°*", "p": "9þ¶", "q": "9¶0", "r": "®я2", "s": "5$z§",
    "t": "7+†1", "u": "µvü", "v": "√^<", "w": "ωvш", "x": "×%*", "y": "¥j7λ", "z": "2%7",
}  # fmt: skip
SPLITS = ("train", "test")

Substitutes = Mapping[str, Sequence[str]]  # what may replace a character, the best first


def homoglyph_attack(
    texts: Sequence[str], rate: float, kind: str, split: str = "test", seed: int = 0, atlas: Atlas | None = None
) -> list[str]:
    """Replace letters and digits of each text by characters that look like them.

    Args:
        texts: n strings.
        rate: probability of each letter and digit, from 0 to 1. One without a substitute stays as it is.
        kind: homoglyph: neighbors by pixels, such as Latin a and Cyrillic а or 末 and 未; leet: digits and signs for
            Latin letters, such as 3 for e.
        split: train or test: which pairs are used.
        seed: of the characters that are replaced and of their substitutes.
        atlas: images to compare; default: those of the default font.

    Returns:
        n strings of the same lengths.
    """
    generator = np.random.default_rng(seed)
    characters = {character for text in texts for character in text if character.isalnum()}
    substitutes = _of_split(SUBSTITUTES[kind](characters, atlas), split)
    return ["".join(_replaced(text, rate, substitutes, generator)) for text in texts]


def _replaced(text: str, rate: float, substitutes: Substitutes, generator: np.random.Generator) -> list[str]:
    hit = generator.random(len(text)) < rate
    drawn = generator.random(len(text))
    characters = list(text)
    for index in np.flatnonzero(hit).tolist():
        choices = substitutes.get(text[index])
        if choices:
            characters[index] = choices[int(drawn[index] * len(choices))]
    return characters


def _of_split(substitutes: Substitutes, split: str) -> Substitutes:
    return {
        character: [other for other in others if split_of(character, other) == split][:CHOICES]
        for character, others in substitutes.items()
    }


def split_of(character: str, other: str) -> str:
    """Return the split of a pair of characters, the same in both directions and in any case: train or test."""
    pair = "\n".join(sorted((case_folded(character), case_folded(other))))
    return SPLITS[hashlib.blake2b(pair.encode(), digest_size=1).digest()[0] % 2]


class HomoglyphIndex:
    """Nearest neighbors of characters by the cosine of their images; searched on first use and then kept.

    Args:
        atlas: the images. A neighbor is a letter, ideograph or digit of it that compatibility normalization (NFKC)
            leaves as it is.
    """

    def __init__(self, atlas: Atlas) -> None:
        self._atlas = atlas
        self._candidates = [code for code in assigned_code_points() if _is_candidate(code, atlas)]
        self._folded = [case_folded(chr(code)) for code in self._candidates]
        self._images = _unit_images(atlas, self._candidates)
        self._found: dict[str, tuple[str, ...]] = {}

    def neighbors(self, characters: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
        """Return the neighbors of single characters, the most similar first; none for one without an image.

        A neighbor differs also after NFKC and case folding, which many tokenizers apply.
        """
        wanted = sorted(set(characters))
        for batch in batches([each for each in wanted if each not in self._found], SEARCH_BATCH):
            self._search(batch)
        return {each: self._found[each] for each in wanted}

    def _search(self, characters: list[str]) -> None:
        similarities = _unit_images(self._atlas, [ord(each) for each in characters]) @ self._images.T
        count = min(2 * MAX_NEIGHBORS, similarities.shape[1])  # some are the same character in another case or width
        nearest = np.argpartition(-similarities, count - 1, axis=1)[:, :count]
        for character, indices, similarity in zip(characters, nearest, similarities, strict=True):
            folded = case_folded(character)
            near = [i for i in indices if similarity[i] >= MIN_SIMILARITY and self._folded[i] != folded]
            near.sort(key=lambda i: (-round(float(similarity[i]), 4), self._candidates[i]))
            self._found[character] = tuple(chr(self._candidates[i]) for i in near[:MAX_NEIGHBORS])


def case_folded(character: str) -> str:
    """Return a character after NFKC and case folding."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", character).casefold())


def _is_candidate(code: int, atlas: Atlas) -> bool:
    character = chr(code)
    stable = unicodedata.normalize("NFKC", character) == character
    return stable and character.isalnum() and atlas.index[code] > BLANK


def _unit_images(atlas: Atlas, codes: list[int]) -> np.ndarray:
    """Images as vectors of unit length, zeros where there is none; float32, shape [n, pixels]."""
    ids = atlas.glyph_ids("".join(map(chr, codes)))
    flat = atlas.images[ids].reshape(len(codes), atlas.size**2).astype(np.float32)
    flat[ids <= BLANK] = 0.0
    return flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1.0)


def _homoglyphs(characters: set[str], atlas: Atlas | None) -> Substitutes:
    return _index_of(atlas or _default_atlas()).neighbors(characters)


def _leet(characters: set[str], atlas: Atlas | None) -> Substitutes:
    return {each: LEET[each.lower()] for each in characters if each.lower() in LEET}


@lru_cache(maxsize=2)
def _index_of(atlas: Atlas) -> HomoglyphIndex:
    return HomoglyphIndex(atlas)


@lru_cache(maxsize=1)
def _default_atlas() -> Atlas:
    return load_atlas()


SUBSTITUTES: dict[str, Callable[[set[str], Atlas | None], Substitutes]] = {"homoglyph": _homoglyphs, "leet": _leet}
