"""All pictures of a run in one form: decoded as a server decodes them, checked, and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import tensorflow as tf

from ganclf.cli.progress import progress
from ganclf.config.images import MIN_SIZE, SIZE_STEP
from ganclf.data.image_containers import Pictures
from ganclf.encoders.pictures.decoding import decode
from ganclf.encoders.pictures.form import GREY, RGB, RGBA, Form, as_bytes, fit, flatten
from ganclf.errors import DataError

USUAL_SIZE = 64  # the largest that is chosen unasked
LOOKED_AT = 500  # pictures by which size and channels are chosen
MAX_MEMORY = 2_000_000_000  # bytes of all pictures in their form
MAX_UNREADABLE_NAMED = 3  # in a note
HASH_SIDE = 8  # pixels of the side of a picture whose edges are its hash
NEAR = 2.5 / 255.0  # mean difference below which two pictures with one hash are near-duplicates

OnNote = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Images:
    """Pictures in one form.

    Attributes:
        pixels: uint8, shape [pictures, size, size, channels]; colors of RGBA are multiplied by alpha.
        pictures: which they are; labels, texts and parts in the same order.
        groups: number of each picture's group of equal and nearly equal ones, shape [pictures].
        checks: what was found, by name, for the report.
    """

    pixels: np.ndarray
    pictures: Pictures
    groups: np.ndarray
    checks: dict[str, Any]

    def __len__(self) -> int:
        return len(self.pixels)

    def take(self, idx: np.ndarray) -> Images:
        """The pictures of these numbers."""
        return Images(self.pixels[idx], self.pictures.take(idx), self.groups[idx], self.checks)


def choose_form(
    pictures: Pictures, size: int | None, channels: int | None, fit_by: str, background: tuple[int, int, int], seed: int
) -> Form:  # fmt: skip
    """The form of a model; what is not given is chosen by some of the pictures.

    Args:
        pictures: that are learned from.
        size: pixels of a side, as --size allows; None: the usual side of the pictures, at most USUAL_SIZE.
        channels: GREY, RGB or RGBA; None: GREY where no picture has a color, else RGB.
        fit_by: as of `Form`.
        background: as of `Form`.
        seed: of the choice of pictures.

    Raises:
        DataError: none of those that were looked at can be read.
    """
    if size is None or channels is None:
        idx = np.random.default_rng(seed).permutation(len(pictures))[:LOOKED_AT]
        seen = [pixels for index in idx if (pixels := _try_decode(pictures.read(int(index)))) is not None]
        if not seen:
            raise DataError(
                f"{pictures.source}: none of {len(idx)} pictures can be read, such as {pictures.names[int(idx[0])]}. "
                "Give PNG, JPEG, WebP or BMP files."
            )
        usual = float(np.median([max(pixels.shape[:2]) for pixels in seen]))
        size = size or min(range(MIN_SIZE, USUAL_SIZE + 1, SIZE_STEP), key=lambda each: abs(each - usual))
        channels = channels or (GREY if all(map(_is_grey, seen)) else RGB)
    return Form(size, channels, fit_by, background)


def load_images(pictures: Pictures, form: Form, on_note: OnNote = print) -> Images:
    """Read and check all pictures.

    Args:
        pictures: to read.
        form: into which they are fitted.
        on_note: called with each sentence on what was found.

    Raises:
        DataError: none can be read, or they would take too much memory.
    """
    needed = len(pictures) * int(np.prod(form.shape))
    if needed > MAX_MEMORY:
        raise DataError(
            f"{pictures.source}: {len(pictures):,} pictures of {form.size} x {form.size} pixels take "
            f"{needed / 1e9:.1f} GB of memory, more than {MAX_MEMORY / 1e9:g}. Give fewer with --max-pictures, or a "
            "smaller --size."
        )
    pixels = np.zeros((len(pictures), *form.shape), np.uint8)
    sizes: Counter[tuple[int, int]] = Counter()
    unreadable, has_alpha, is_small = [], 0, 0
    with progress("pictures", len(pictures)) as advance:
        for index in range(len(pictures)):
            whole = _try_decode(pictures.read(index))
            advance(1)
            if whole is None:
                unreadable.append(index)
                continue
            height, width = whole.shape[:2]
            sizes[width, height] += 1
            has_alpha += bool((whole[:, :, 3] < 255).any())
            is_small += max(height, width) < form.size
            pixels[index] = as_bytes(_fitted(form)(whole).numpy())
    kept = np.setdiff1d(np.arange(len(pictures)), unreadable)
    if not len(kept):
        raise DataError(
            f"{pictures.source}: none of {len(pictures):,} pictures can be read, such as {pictures.names[0]}. Give "
            "PNG, JPEG, WebP or BMP files."
        )
    found, pixels = pictures.take(kept), pixels[kept]
    copies, groups = _groups(pixels)
    checks = {
        "pictures": len(kept),
        "unreadable": [pictures.names[index] for index in unreadable],
        "sizes": [[*size, count] for size, count in sizes.most_common(10)],
        "different_sizes": len(sizes),
        "smaller_than_size": is_small,
        "with_transparency": has_alpha,
        "copies": copies,
        "near_duplicates": len(groups) - len(np.unique(groups)) - copies,
    }
    for note in _notes(checks, pictures, form):
        on_note(f"{pictures.source}: {note}")
    return Images(pixels, found, groups, checks)


def _notes(checks: dict[str, Any], pictures: Pictures, form: Form) -> list[str]:
    notes = []
    if broken := checks["unreadable"]:
        named = ", ".join(broken[:MAX_UNREADABLE_NAMED]) + (", ..." if len(broken) > MAX_UNREADABLE_NAMED else "")
        notes.append(f"left out: {len(broken):,} pictures that can't be read ({named})")
    if checks["different_sizes"] > 1:
        notes.append(
            f"pictures of {checks['different_sizes']:,} sizes are fitted into {form.size} x {form.size} pixels by "
            f"--fit {form.fit}"
        )
    if small := checks["smaller_than_size"]:
        notes.append(
            f"{small:,} pictures are smaller than {form.size} pixels and are enlarged; choose a smaller --size"
        )
    if checks["with_transparency"] and form.channels != RGBA:
        notes.append(
            f"{checks['with_transparency']:,} pictures are transparent somewhere and are put on the --background; "
            "--channels rgba keeps that"
        )
    if checks["copies"] or checks["near_duplicates"]:
        notes.append(
            f"{checks['copies']:,} pictures are copies of others, {checks['near_duplicates']:,} nearly; such are "
            "together learned from, or together held out"
        )
    return notes


@tf.function(autograph=False, input_signature=[tf.TensorSpec([], tf.string)])
def _decode(data: tf.Tensor) -> tf.Tensor:
    return decode(data)


@cache
def _fitted(form: Form) -> Callable[..., tf.Tensor]:
    """A graph that fits pixels into a form."""
    return tf.function(
        lambda pixels: fit(flatten(pixels, form.channels, form.background), form), autograph=False,
        input_signature=[tf.TensorSpec([None, None, 4], tf.uint8)],
    )  # fmt: skip


def _try_decode(data: bytes) -> np.ndarray | None:
    """Pixels with alpha, uint8 [height, width, 4]; None where the file is no picture, or broken."""
    try:
        return _decode(data).numpy()
    except tf.errors.InvalidArgumentError:
        return None


def _is_grey(pixels: np.ndarray) -> bool:
    colors = pixels[:, :, :3]
    return bool((colors == colors[:, :, :1]).all())


def _groups(pixels: np.ndarray) -> tuple[int, np.ndarray]:
    """How many pictures are copies, and the number of each picture's group of equal and nearly equal ones."""
    by_bytes: dict[bytes, int] = {}
    first = np.array([by_bytes.setdefault(picture.tobytes(), index) for index, picture in enumerate(pixels)])
    distinct = np.unique(first)
    group = np.arange(len(pixels))
    by_hash: dict[bytes, list[int]] = {}
    for index, key in zip(distinct, _hashes(pixels[distinct]), strict=True):
        same = by_hash.setdefault(key.tobytes(), [])
        near = next((each for each in same if _difference(pixels[each], pixels[index]) < NEAR), None)
        if near is None:
            if len(same) < 100:  # bounds the comparisons among pictures that are hardly drawn on
                same.append(int(index))
        else:
            group[index] = near
    return len(pixels) - len(distinct), np.unique(group[first], return_inverse=True)[1]


def _hashes(pixels: np.ndarray) -> np.ndarray:
    """Where each picture gets brighter to the right, made small: bits, uint8 [pictures, bytes]."""
    found = []
    for start in range(0, len(pixels), 1000):
        part = tf.cast(pixels[start : start + 1000], tf.float32)
        small = tf.reduce_mean(tf.image.resize(part, [HASH_SIDE, HASH_SIDE + 1], "area"), axis=3).numpy()
        found.append(np.packbits(np.diff(small, axis=2) > 2.0, axis=None).reshape(len(part), -1))
    return np.concatenate(found)


def _difference(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(np.float32) - other.astype(np.float32)).mean()) / 255.0
