"""Which spellings are one label: those that differ by case, width, composition, blanks or invisible characters."""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u2060\ufeff]")  # soft hyphen, zero width, marks of direction
_JOINERS = "\u200c\u200d"  # between letters of Persian or Hindi they belong to the spelling
_WHOLE = re.compile(r"([+-]?)([0-9]+)(?:\.0+)?")


def tidy(label: str) -> str:
    """A label in composed characters, without invisible ones, and with single blanks inside."""
    visible = " ".join(_INVISIBLE.sub("", label).split()).strip(_JOINERS)
    return unicodedata.normalize("NFC", visible)


def fold(label: str) -> str:
    """What all spellings of a tidy label have in common that differ by case, width or joiners only."""
    if label.isascii():  # most are, and the characters of a long one are many
        return label.lower()
    narrow = "".join(map(_normal_width, label.translate(dict.fromkeys(map(ord, _JOINERS)))))
    return unicodedata.normalize("NFC", narrow).lower().replace("i\u0307", "i")  # the Turkish dotted capital


def _normal_width(character: str) -> str:
    """Full-width and half-width forms become the usual ones; other compatibility characters stay."""
    kind, _, codes = unicodedata.decomposition(character).partition(" ")
    return "".join(chr(int(code, 16)) for code in codes.split()) if kind in ("<wide>", "<narrow>") else character


def by_value(number: str) -> str:
    """A whole number without sign, fraction or the like where it needs none; 1.5 stays as it is."""
    if not (found := _WHOLE.fullmatch(number)):
        return number
    return f"-{found[2]}" if found[1] == "-" and found[2] != "0" else found[2]


def visible_repr(label: str) -> str:
    """A label in quotes, in which characters that can't be seen are written by their codes."""
    return "".join(rf"\u{ord(each):04x}" if _is_hidden(each) else each for each in repr(label))


def _is_hidden(character: str) -> bool:
    return character in _JOINERS or bool(_INVISIBLE.match(character)) or (character.isspace() and character != " ")
