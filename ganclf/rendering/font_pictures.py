"""Characters of a font as pictures: black on white, each with its character as the text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import numpy as np

from ganclf.data.image_containers import Pictures, as_png
from ganclf.errors import DataError
from ganclf.rendering.fonts import Face, open_face

SUFFIXES = (".ttf", ".otf", ".ttc", ".otc")
DRAWN = ("L", "N", "P")  # first letters of the categories of characters that are drawn: letters, numbers, marks
_NAMED = re.compile(r"(?:U\+|uni)([0-9A-Fa-f]{4,6})")  # as fonts and their tools name characters


def is_font(path: Path) -> bool:
    """Whether a file is a font, by the end of its name."""
    return path.suffix.lower() in SUFFIXES


def open_font(path: Path, option: str = "--data") -> Face:
    """The first face of a font that is given as pictures; `option` named it, for messages.

    Raises:
        DataError: there is no such file.
        ConfigError: it can't be read.
    """
    if not path.is_file():
        raise DataError(f"{option} {path}: there is no such file.")
    return open_face(path, option=option)


def choose_characters(faces: Sequence[Face], count: int, seed: int) -> list[str]:
    """Characters that all faces have, at most `count`: at random among those of GB 2312, then among all others.

    Args:
        faces: 1 or more.
        count: of characters.
        seed: of the choice.
    """
    both = frozenset.intersection(*(face.characters for face in faces))
    known = [chr(code) for code in sorted(both) if unicodedata.category(chr(code))[0] in DRAWN]
    order = np.random.default_rng(seed).permutation(len(known))
    shuffled = sorted((known[index] for index in order), key=lambda character: not _is_usual(character))
    return sorted(shuffled[:count])


def font_pictures(face: Face, characters: Sequence[str], size: int) -> Pictures:
    """Draw characters, black on white, `size` pixels of a side; those without any ink are left out."""
    drawn = face.render([ord(character) for character in characters], size)
    inked = [place for place, picture in enumerate(drawn) if picture.any()]
    names = [characters[place] for place in inked]
    empty = [""] * len(inked)
    return Pictures(str(face.file), names, empty, names, empty, lambda index: as_png(255 - drawn[inked[index]]))


def character_of(name: str) -> str:
    """The character that a file's name stands for, as 永.png or U+6C38.png; else the name without its ending."""
    stem = PurePosixPath(name).stem
    found = _NAMED.fullmatch(stem)
    return chr(int(found[1], 16)) if found and int(found[1], 16) <= 0x10FFFF else stem


def _is_usual(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
