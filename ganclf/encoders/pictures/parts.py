"""The pictures of a run: read, checked, and split into those to learn from, to choose by, and to test on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ganclf.config.images import CHANNELS, ImageDataConfig
from ganclf.data.image_containers import Pictures
from ganclf.data.images import ImageColumns, find_pictures, join_pictures
from ganclf.encoders.pictures.form import Form
from ganclf.encoders.pictures.loading import Images, choose_form, load_images
from ganclf.errors import DataError

MIN_PICTURES = 100  # distinct ones, from which something can be learned and tested
HELD_OUT_SHARE, TEST_SHARE = 0.05, 0.1  # of the pictures, where no file says so
MAX_HELD_OUT, MAX_TEST = 500, 1000
MIN_PART = 20  # pictures of a part that the program makes

OnNote = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class ImageData:
    """All pictures of a run; no test picture is in another part. Parts that are made here share no near copy either.

    Attributes:
        form: of all.
        train: to learn from.
        held_out: to end the training and to choose among its results.
        test: for the report only.
        test_is_given: whether the user said which pictures are for the test.
        checks: what was found, for the report.
        source: for messages.
    """

    form: Form
    train: Images
    held_out: Images
    test: Images
    test_is_given: bool
    checks: dict[str, Any]
    source: str

    def to_json(self) -> dict[str, Any]:
        """For a report."""
        return {
            "train": len(self.train), "held_out": len(self.held_out), "test": len(self.test), "source": self.source,
            "test_is_given": self.test_is_given, "size": self.form.size, "channels": self.form.channels,
            "fit": self.form.fit, "background": list(self.form.background), "checks": self.checks,
        }  # fmt: skip

    def sentence(self) -> str:
        """How many there are, of which form."""
        kinds = {1: "grey", 3: "RGB", 4: "RGBA"}
        size = self.form.size
        return (
            f"{len(self.train):,} pictures to learn from, {len(self.held_out):,} held out, {len(self.test):,} to test; "
            f"{size} x {size} pixels, {kinds[self.form.channels]}."
        )


def find_all(config: ImageDataConfig, on_note: OnNote = print) -> tuple[Pictures, Pictures | None]:
    """The pictures of --data, and those of --test where there are any; not read yet.

    Raises:
        DataError: there are none.
    """
    if not config.data:
        raise DataError(
            "--data: give a folder of pictures, a zip, an .npz, or a table that names them; there is no sample."
        )
    columns = ImageColumns(config.image_column, config.text_column, config.label_column)
    found, test = (
        [find_pictures(path, config.images, columns, on_note) for path in paths] for paths in (config.data, config.test)
    )
    return join_pictures(found), join_pictures(test) if test else None


def load_image_data(config: ImageDataConfig, seed: int, on_note: OnNote = print) -> ImageData:
    """Read, check and split.

    Args:
        config: which pictures, and their form.
        seed: of the split.
        on_note: called with each sentence on what was guessed or left out.

    Raises:
        DataError: nothing can be read, or nothing can be learned from it.
    """
    pictures, given = find_all(config, on_note)
    if len(pictures) > config.max_pictures:
        idx = np.sort(np.random.default_rng(seed).permutation(len(pictures))[: config.max_pictures])
        on_note(f"{config.max_pictures:,} of {len(pictures):,} pictures are used; more with --max-pictures")
        pictures = pictures.take(idx)
    form = choose_form(pictures, config.size, CHANNELS[config.channels], config.fit, config.background_color, seed)
    images = load_images(pictures, form, on_note)
    test = None if given is None else load_images(given, form, on_note)
    distinct = len(np.unique(images.groups))
    if distinct < MIN_PICTURES:
        raise DataError(
            f"{pictures.source}: {distinct} distinct pictures; at least {MIN_PICTURES} are needed, and some thousands "
            "are better. Give more."
        )
    parts = _parts(images, test is not None, seed)
    train, held_out, own_test = (images.take(np.flatnonzero(parts == part)) for part in range(3))
    test_is_given = test is not None or "test" in images.pictures.parts
    test = own_test if test is None else test
    train, held_out = (_without(part, test, on_note) for part in (train, held_out))
    return ImageData(form, train, held_out, test, test_is_given, images.checks, pictures.source)


def _without(images: Images, test: Images, on_note: OnNote) -> Images:
    """Leave out copies of test pictures: where a user says what is for the test, they may be anywhere."""
    known = {picture.tobytes() for picture in test.pixels}
    kept = np.array([picture.tobytes() not in known for picture in images.pixels], bool)
    if not kept.all():
        on_note(f"left out: {int((~kept).sum()):,} pictures that are also test pictures")
    return images.take(np.flatnonzero(kept))


def _parts(images: Images, has_test: bool, seed: int) -> np.ndarray:
    """0: learn, 1: held out, 2: test, for each picture; as a file says, else at random, groups together."""
    said = np.array(images.pictures.parts)
    parts = np.full(len(images), -1)
    for place, name in enumerate(("train", "held out", "test")):
        parts[said == name] = place
    if "" in said:
        parts[:] = -1
    groups = np.unique(images.groups)
    order = np.random.default_rng(seed).permutation(groups)
    if (parts < 0).any():
        test = 0 if has_test else part_size(len(groups), TEST_SHARE, MAX_TEST)
        held_out = part_size(len(groups), HELD_OUT_SHARE, MAX_HELD_OUT)
        chosen = np.zeros(int(groups.max()) + 1, int)
        chosen[order[:test]], chosen[order[test : test + held_out]] = 2, 1
        return chosen[images.groups]
    if has_test:
        parts[parts == 2] = 0
    for place, share, most in ((2, TEST_SHARE, MAX_TEST), (1, HELD_OUT_SHARE, MAX_HELD_OUT)):
        if not (parts == place).any() and not (place == 2 and has_test):
            left = [group for group in order if (parts[images.groups == group] == 0).all()]
            parts[np.isin(images.groups, left[: part_size(len(left), share, most)])] = place
    return parts


def part_size(count: int, share: float, most: int) -> int:
    """Pictures, or groups of them, of a part that the program makes of `count`."""
    return int(min(max(share * count, min(MIN_PART, count // 5)), most))
