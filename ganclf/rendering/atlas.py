"""The glyph atlas: every character that the fonts have, rendered once and kept on disk."""

from __future__ import annotations

import hashlib
import os
import unicodedata
import warnings
import zipfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import PIL

from ganclf.data.locations import CACHE_VARIABLE, cache_folder
from ganclf.rendering.fonts import Face, open_faces

PADDING, MISSING, BLANK = 0, 1, 2  # glyph ids: after the end of a text; a box for what no font has; only paper
BASIC_PLANE = range(0x10000)
EMOJI = range(0x1F000, 0x1FB00)
MAX_CODE_POINT = EMOJI.stop  # from here on every code point is MISSING
UNASSIGNED_CATEGORIES = ("Cs", "Co", "Cn")  # halves of pairs, private use, not assigned
BLANK_CATEGORIES = ("Cc", "Zs", "Zl", "Zp")  # control characters and kinds of space
FILE_FORMAT = 1  # a change renders anew
MAX_FILES = 8  # atlases that are kept; the least recently used go first


@dataclass(frozen=True, eq=False)
class Atlas:
    """Images of characters. The index of an image is its glyph id.

    Attributes:
        images: uint8, 0 for paper and 255 for ink, shape [glyphs, size, size].
        index: glyph id of each code point, int32, shape [MAX_CODE_POINT + 1]; the last entry is for all beyond.
        key: identifies fonts, size and versions.
    """

    images: np.ndarray
    index: np.ndarray
    key: str

    @property
    def size(self) -> int:
        """Height and width of an image in pixels."""
        return self.images.shape[1]

    def glyph_ids(self, text: str) -> np.ndarray:
        """Return the glyph id of each character, int32, shape [characters]."""
        codes = np.fromiter(map(ord, text), np.int64, len(text))
        return self.index[np.minimum(codes, MAX_CODE_POINT)]

    def missing_share(self, texts: Iterable[str]) -> float:
        """Return the share of the characters of `texts` that no font has, from 0 to 1; 0 without any character."""
        missing = characters = 0
        for text in texts:
            characters += len(text)
            missing += int((self.glyph_ids(text) == MISSING).sum())
        return missing / max(characters, 1)


def load_atlas(fonts: Sequence[Path] = (), size: int = 16, folder: Path | None = None) -> Atlas:
    """Read the atlas from disk, or render it and keep it there.

    Args:
        fonts: files; a character is rendered from the first one that has it. Default: Noto Sans CJK.
        size: height and width of an image in pixels.
        folder: where atlases are kept; default: the user's cache, or $GANCLF_CACHE.

    Raises:
        ConfigError: a file is not a font.
    """
    faces = open_faces(fonts)
    file = (folder or cache_folder("glyphs")) / f"{_key(faces, size)}.npz"
    atlas = _read(file)
    if atlas is None:
        atlas = render_atlas(faces, size)
        _write(atlas, file)
    return atlas


def render_atlas(faces: Sequence[Face], size: int) -> Atlas:
    """Render the basic plane and emoji as far as the faces have them, each character from the first face with it."""
    index = np.full(MAX_CODE_POINT + 1, MISSING, np.int32)
    images, count = [_special_images(size)], len(_special_images(size))
    for code_point in assigned_code_points():
        if unicodedata.category(chr(code_point)) in BLANK_CATEGORIES:
            index[code_point] = BLANK
    left = np.array([each for each in assigned_code_points() if index[each] == MISSING])
    for face in faces:
        available = np.isin(left, list(face.characters))
        rendered = face.render(left[available].tolist(), size)
        inked = rendered.any(axis=(1, 2))
        index[left[available]] = np.where(inked, count + np.cumsum(inked) - 1, BLANK)
        images.append(rendered[inked])
        count, left = count + int(inked.sum()), left[~available]
    return Atlas(np.concatenate(images), index, _key(faces, size))


@cache
def assigned_code_points() -> tuple[int, ...]:
    """Return the code points of the basic plane and of emoji that Unicode has assigned to a character."""
    everything = (*BASIC_PLANE, *EMOJI)
    return tuple(each for each in everything if unicodedata.category(chr(each)) not in UNASSIGNED_CATEGORIES)


def _special_images(size: int) -> np.ndarray:
    """Images of PADDING, MISSING (a box) and BLANK, shape [3, size, size]."""
    images = np.zeros((3, size, size), np.uint8)
    margin = size // 8
    images[MISSING, margin : size - margin, margin : size - margin] = 255
    images[MISSING, margin + 1 : size - margin - 1, margin + 1 : size - margin - 1] = 0
    return images


def _key(faces: Sequence[Face], size: int) -> str:
    parts = [str(FILE_FORMAT), PIL.__version__, unicodedata.unidata_version, str(size)]
    return hashlib.blake2b(" ".join([*parts, *(face.digest for face in faces)]).encode(), digest_size=16).hexdigest()


def _read(file: Path) -> Atlas | None:
    """Read an atlas; None where there is none, or a broken one."""
    try:
        with np.load(file) as arrays:
            atlas = Atlas(arrays["images"], arrays["index"], file.stem)
        os.utime(file)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    return atlas


def _write(atlas: Atlas, file: Path) -> None:
    """Write an atlas whole or not at all; on failure warn and go on without."""
    draft = file.with_name(f".{os.getpid()}-{os.urandom(6).hex()}.npz")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(draft, images=atlas.images, index=atlas.index)
        draft.rename(file)
        for old in sorted(file.parent.glob("*.npz"), key=lambda each: -each.stat().st_mtime)[MAX_FILES:]:
            old.unlink(missing_ok=True)
    except OSError as error:
        warnings.warn(
            f"{file.parent}: the atlas is not kept ({error.strerror}). Name a folder with {CACHE_VARIABLE}.",
            stacklevel=2,
        )
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
