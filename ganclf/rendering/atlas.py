"""The glyph atlas: every character that the fonts have, drawn once and kept on disk."""

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

from ganclf.data.cache import FOLDER_VARIABLE, cache_folder
from ganclf.rendering.fonts import Face, open_faces

PADDING, MISSING, BLANK = 0, 1, 2  # places of what is no character's own: after a text's end, a box, nothing but paper
BASIC_PLANE = range(0x10000)
EMOJI = range(0x1F000, 0x1FB00)
KNOWN = EMOJI.stop  # code points from here on are missing
NO_CHARACTER = ("Cs", "Co", "Cn")  # halves of pairs, private use, not assigned
NO_INK = ("Cc", "Zs", "Zl", "Zp")  # control characters and kinds of space
FORMAT = 1  # of the file; a change draws anew
MOST_FILES = 8  # atlases that are kept; the ones that were not used for longest go first


@dataclass(frozen=True, eq=False)
class Atlas:
    """Pictures of characters.

    Attributes:
        images: uint8, 0 for paper and 255 for ink, shape [glyphs, size, size].
        index: place of each code point's picture, int32, shape [KNOWN + 1]; the last entry is for all beyond.
        key: tells this atlas from every other.
    """

    images: np.ndarray
    index: np.ndarray
    key: str

    @property
    def size(self) -> int:
        """Pixels of a picture's sides."""
        return self.images.shape[1]

    def places(self, text: str) -> np.ndarray:
        """Where the picture of each character stands, int32, shape [characters]."""
        codes = np.fromiter(map(ord, text), np.int64, len(text))
        return self.index[np.minimum(codes, KNOWN)]

    def missing_share(self, texts: Iterable[str]) -> float:
        """Share of the characters of `texts` that no font has, from 0 to 1; 0 without any character."""
        missing = characters = 0
        for text in texts:
            characters += len(text)
            missing += int((self.places(text) == MISSING).sum())
        return missing / max(characters, 1)


def load_atlas(fonts: Sequence[Path] = (), size: int = 16, folder: Path | None = None) -> Atlas:
    """Read the atlas from disk, or draw it and keep it there.

    Args:
        fonts: files; a character is drawn from the first one that has it. Default: Noto Sans CJK.
        size: pixels of a picture's sides.
        folder: where atlases are kept; default: the user's cache, or $GANCLF_CACHE.
    Raises:
        ConfigError: a file is no font.
    """
    faces = open_faces(fonts)
    file = (folder or cache_folder("glyphs")) / f"{_key(faces, size)}.npz"
    atlas = _read(file)
    if atlas is None:
        atlas = draw_atlas(faces, size)
        _keep(atlas, file)
    return atlas


def draw_atlas(faces: Sequence[Face], size: int) -> Atlas:
    """Draw what the faces have of the basic plane and of emoji, each character from the first face that has it."""
    index = np.full(KNOWN + 1, MISSING, np.int32)
    images, drawn = [_special(size)], len(_special(size))
    for code_point in (each for each in drawable() if unicodedata.category(chr(each)) in NO_INK):
        index[code_point] = BLANK
    left = np.array([each for each in drawable() if index[each] == MISSING])
    for face in faces:
        mine = np.isin(left, list(face.characters))
        pictures = face.draw(left[mine].tolist(), size)
        inked = pictures.any(axis=(1, 2))
        index[left[mine]] = np.where(inked, drawn + np.cumsum(inked) - 1, BLANK)
        images.append(pictures[inked])
        drawn, left = drawn + int(inked.sum()), left[~mine]
    return Atlas(np.concatenate(images), index, _key(faces, size))


@cache
def drawable() -> tuple[int, ...]:
    """Code points of the basic plane and of emoji that Unicode has given to a character."""
    everything = (*BASIC_PLANE, *EMOJI)
    return tuple(each for each in everything if unicodedata.category(chr(each)) not in NO_CHARACTER)


def _special(size: int) -> np.ndarray:
    """Pictures of PADDING, MISSING (a box) and BLANK, shape [3, size, size]."""
    images = np.zeros((3, size, size), np.uint8)
    margin = size // 8
    images[MISSING, margin : size - margin, margin : size - margin] = 255
    images[MISSING, margin + 1 : size - margin - 1, margin + 1 : size - margin - 1] = 0
    return images


def _key(faces: Sequence[Face], size: int) -> str:
    parts = [str(FORMAT), PIL.__version__, unicodedata.unidata_version, str(size), *(face.digest for face in faces)]
    return hashlib.blake2b(" ".join(parts).encode(), digest_size=16).hexdigest()


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


def _keep(atlas: Atlas, file: Path) -> None:
    """Write an atlas whole or not at all; where that can't be, warn and go on without."""
    draft = file.with_name(f".{os.getpid()}-{os.urandom(6).hex()}.npz")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(draft, images=atlas.images, index=atlas.index)
        draft.rename(file)
        for old in sorted(file.parent.glob("*.npz"), key=lambda each: -each.stat().st_mtime)[MOST_FILES:]:
            old.unlink(missing_ok=True)
    except OSError as error:
        warnings.warn(
            f"{file.parent}: the atlas is not kept ({error.strerror}). Name a folder with {FOLDER_VARIABLE}.",
            stacklevel=2,
        )
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
