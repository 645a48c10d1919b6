"""Fonts for the characters of a plot: installed ones that have them, or the one of the `glyph` extra."""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Iterable, Iterator
from pathlib import Path

from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

DEFAULT = "DejaVu Sans"  # comes with Matplotlib
PREFERRED = (  # for Chinese, Japanese and Korean, in this order; others follow in the order of the system
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Source Han Sans SC", "Noto Sans SC", "PingFang SC", "Hiragino Sans GB",
    "Microsoft YaHei", "SimHei", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Noto Sans JP", "Hiragino Sans",
    "Yu Gothic", "IPAexGothic", "Noto Sans KR", "Apple SD Gothic Neo", "Malgun Gothic", "NanumGothic",
)  # fmt: skip
LAST_RESORT = "LastResort"  # a font that has a box for every character
MAX_FILES = 1000  # fonts that are opened to find a character
SHOWN_CHARACTERS = 10  # in a note


def font_families(texts: Iterable[str]) -> list[str]:
    """Names of fonts that have the characters of `texts`, as far as there are such, for Matplotlib's `font.family`."""
    return [DEFAULT, *_choose(_characters(texts))[0]]


def missing_glyphs_note(texts: Iterable[str]) -> str | None:
    """A sentence where no font has some characters of the texts; None: all can be drawn."""
    missing = "".join(sorted(_choose(_characters(texts))[1]))
    if not missing:
        return None
    shown = missing[:SHOWN_CHARACTERS] + ("…" if len(missing) > SHOWN_CHARACTERS else "")
    return (
        f"no installed font has {len(missing)} character(s) of the class names ({shown}); plots show boxes in their "
        "place. Chinese, Japanese and Korean are drawn with the font of: pip install 'ganclf[glyph]'."
    )


def _characters(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(character for text in texts for character in text if character.isprintable())


@functools.lru_cache(maxsize=8)
def _choose(characters: frozenset[str]) -> tuple[tuple[str, ...], frozenset[str]]:
    """Families beside DEFAULT that have further characters, and the characters that none has."""
    missing = characters - _covered(font_manager.findfont(DEFAULT), characters)
    families: list[str] = []
    for opened, (file, name) in enumerate(_candidates()):
        if not missing or opened == MAX_FILES:
            break
        covered = _covered(file, missing)
        if covered:
            families.append(name or _register(file))
            missing -= covered
    return tuple(families), missing


def _candidates() -> Iterator[tuple[str, str]]:
    """Font files with their family, or "" where Matplotlib does not know them: its list is made once and kept."""
    known = {entry.name: entry.fname for entry in reversed(font_manager.fontManager.ttflist)}
    yield from ((known[name], name) for name in PREFERRED if name in known)
    yield from ((str(file), "") for file in _files_of_glyph_extra())
    yield from ((file, name) for name, file in known.items() if name not in PREFERRED)
    listed = set(known.values())
    yield from ((file, "") for file in font_manager.findSystemFonts() if file not in listed)


def _files_of_glyph_extra() -> list[Path]:
    package = importlib.util.find_spec("noto_cjk_sans_otc")
    return sorted(Path(package.origin).parent.glob("*Regular.ttc")) if package and package.origin else []


def _covered(file: str, characters: frozenset[str]) -> frozenset[str]:
    """The characters that a font has an outline for; none if it can't be read, as a font of color images."""
    try:
        font = FT2Font(file)
    except (OSError, RuntimeError, ValueError):
        return frozenset()
    if not font.scalable or LAST_RESORT in font.family_name:
        return frozenset()
    return frozenset(each for each in characters if font.get_char_index(ord(each)))


def _register(file: str) -> str:
    """Make a file known to Matplotlib; returns its family."""
    font_manager.fontManager.addfont(file)
    return FT2Font(file).family_name
