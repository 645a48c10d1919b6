"""Two kinds of pictures: read, split, and the pairs among them found, which only judge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ganclf.config.images import CHANNELS, ImageDataConfig
from ganclf.data.image_containers import Pictures
from ganclf.data.images import ImageColumns, find_pictures, join_pictures
from ganclf.encoders.pictures.form import Form
from ganclf.encoders.pictures.loading import USUAL_SIZE, Images, choose_form, load_images
from ganclf.encoders.pictures.parts import HELD_OUT_SHARE, MAX_HELD_OUT, MAX_TEST, TEST_SHARE, part_size
from ganclf.errors import DataError
from ganclf.rendering.font_pictures import character_of, choose_characters, font_pictures, is_font, open_font

MIN_PICTURES = 50  # distinct ones of each kind
MIN_PAIRS = 20  # of a part, from which they judge
TRAIN, HELD_OUT, TEST = range(3)  # parts
PART_NAMES = ("train", "held out", "test")
OnNote = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Kind:
    """Pictures of one kind, uint8, shape [pictures, size, size, channels].

    Attributes:
        name: as a request names it.
        train: to learn from.
        held_out: to choose among the results of the training.
        test: for the report only.
    """

    name: str
    train: np.ndarray
    held_out: np.ndarray
    test: np.ndarray


@dataclass(frozen=True, eq=False)
class Kinds:
    """Both kinds.

    Attributes:
        form: of all pictures.
        first: from which one translates.
        second: into which one translates.
        held_out_pairs: numbers of held-out pictures of both kinds that show the same, int, shape [pairs, 2].
        test_pairs: likewise of test pictures.
        checks: what was found, for the report.
        sources: for messages.
    """

    form: Form
    first: Kind
    second: Kind
    held_out_pairs: np.ndarray
    test_pairs: np.ndarray
    checks: dict[str, Any]
    sources: tuple[str, str]

    @property
    def names(self) -> tuple[str, str]:
        """Of both kinds."""
        return (self.first.name, self.second.name)

    @property
    def has_pairs(self) -> bool:
        """Whether there are enough pairs to judge by."""
        return min(len(self.held_out_pairs), len(self.test_pairs)) >= MIN_PAIRS

    def to_json(self) -> dict[str, Any]:
        """For a report."""
        counts = {
            kind.name: {"train": len(kind.train), "held_out": len(kind.held_out), "test": len(kind.test)}
            for kind in (self.first, self.second)
        }
        pairs = {"held_out_pairs": len(self.held_out_pairs), "test_pairs": len(self.test_pairs)}
        form = {"size": self.form.size, "channels": self.form.channels, "fit": self.form.fit}
        return {"kinds": counts, "sources": list(self.sources), "checks": self.checks, **pairs, **form}

    def sentence(self) -> str:
        """How many there are, of which form."""
        counts = " and ".join(
            f"{len(kind.train):,} of {kind.name} to learn from ({len(kind.held_out):,} held out, {len(kind.test):,} to "
            "test)"
            for kind in (self.first, self.second)
        )
        form = f"{self.form.size} x {self.form.size} pixels, {({1: 'grey', 3: 'RGB', 4: 'RGBA'})[self.form.channels]}"
        pairs = (
            f" {len(self.held_out_pairs):,} held-out and {len(self.test_pairs):,} test pictures have a partner of the "
            "other kind, which only judges."
            if self.has_pairs else " There are too few pairs to judge by."
        )  # fmt: skip
        return f"{counts}; {form}.{pairs}"


def load_kinds(config: ImageDataConfig, characters: int, seed: int, on_note: OnNote = print) -> Kinds:
    """Read, check and split.

    Args:
        config: which pictures, and their form.
        characters: that are drawn of each font file, at most.
        seed: of all choices.
        on_note: called with each sentence on what was guessed or left out.

    Raises:
        DataError: there are not two kinds, or nothing can be learned from them.
    """
    first, second = find_kinds(config, characters, seed, on_note)
    names = _names(first, second)
    first, second = (_some(pictures, config.max_pictures, seed, on_note) for pictures in (first, second))
    both = join_pictures([first, second])
    form = choose_form(both, config.size, CHANNELS[config.channels], config.fit, config.background_color, seed)
    return split_kinds(load_images(first, form, on_note), load_images(second, form, on_note), names, form, seed)


def find_kinds(
    config: ImageDataConfig, characters: int, seed: int, on_note: OnNote = print
) -> tuple[Pictures, Pictures]:  # fmt: skip
    """The pictures of both kinds, not read yet: of two sources, or of one whose pictures have two labels.

    Raises:
        DataError: there are not two kinds.
    """
    columns = ImageColumns(config.image_column, config.text_column, config.label_column)
    fonts = {path: open_font(path) for path in config.data if is_font(path)}
    drawn = choose_characters(list(fonts.values()), characters, seed) if fonts else []

    def read(path: Path) -> Pictures:
        if path in fonts:
            return font_pictures(fonts[path], drawn, config.size or USUAL_SIZE)
        return find_pictures(path, config.images, columns, on_note)

    found = [read(path) for path in config.data]
    if len(found) == 2:
        return found[0], found[1]
    labels = sorted(set(found[0].labels) - {""}) if len(found) == 1 else []
    if len(labels) != 2:
        what = f"has {len(labels)} labels" if len(found) == 1 else f"{len(found)} sources"
        raise DataError(
            f"--data: {what}; two kinds of pictures are needed. Give two folders, zips, .npz, tables or font files, or "
            "one with two folders in it."
        )
    parts = [np.flatnonzero(np.array(found[0].labels) == label) for label in labels]
    return found[0].take(parts[0]), found[0].take(parts[1])


def split_kinds(first: Images, second: Images, names: tuple[str, str], form: Form, seed: int) -> Kinds:
    """Split both kinds; what shows the same, or nearly, is in one part in both.

    Args:
        first: pictures of the first kind.
        second: pictures of the second kind.
        names: of the kinds.
        form: of all pictures.
        seed: of the split.

    Raises:
        DataError: there are too few pictures.
    """
    for name, images in zip(names, (first, second), strict=True):
        distinct = len(np.unique(images.groups))
        if distinct < MIN_PICTURES:
            raise DataError(
                f"{images.pictures.source}: {distinct} distinct pictures of {name}; at least {MIN_PICTURES} of each "
                "kind are needed, and some thousands are better. Give more."
            )
    pairs = find_pairs(first.pictures, second.pictures)
    parts = _parts(first, second, pairs, seed)
    kinds = [
        Kind(name, *(images.pixels[part == number] for number in range(3)))
        for name, images, part in zip(names, (first, second), parts, strict=True)
    ]
    within = [np.cumsum(part == number) - 1 for number in (HELD_OUT, TEST) for part in parts]
    of_part = [pairs[(parts[0][pairs[:, 0]] == number) & (parts[1][pairs[:, 1]] == number)] for number in (1, 2)]
    held_out, test = (
        np.stack([within[2 * place][found[:, 0]], within[2 * place + 1][found[:, 1]]], axis=1)
        for place, found in enumerate(of_part)
    )
    checks = {name: images.checks for name, images in zip(names, (first, second), strict=True)}
    return Kinds(form, kinds[0], kinds[1], held_out, test, checks, (first.pictures.source, second.pictures.source))


def find_pairs(first: Pictures, second: Pictures) -> np.ndarray:
    """Numbers of pictures that show the same, int, shape [pairs, 2].

    They have the same text or, where there are no texts, the same file name; a name that comes twice is nobody's.
    """
    keys = [_keys(pictures) for pictures in (first, second)]
    found = [(keys[0][key], keys[1][key]) for key in keys[0] if key in keys[1]]
    return np.array(found, int).reshape(-1, 2)


def _keys(pictures: Pictures) -> dict[str, int]:
    """What tells which picture it is → its number."""
    if any(pictures.texts):
        keys = pictures.texts
    elif pictures.is_numbered:
        return {}
    else:
        keys = [character_of(name) for name in pictures.names]
    counts = Counter(keys)
    return {key: place for place, key in enumerate(keys) if key and counts[key] == 1}


def _parts(first: Images, second: Images, pairs: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The part of each picture of both kinds; as files say, else at random."""
    said = [np.array(images.pictures.parts) for images in (first, second)]
    if all("" not in each and all((each == name).any() for name in PART_NAMES) for each in said):
        one, other = (np.argmax([each == name for name in PART_NAMES], axis=0) for each in said)
        return one, other
    units = _units(first, second, pairs)
    count = int(max(each.max() for each in units)) + 1
    has_first, has_second = (np.isin(np.arange(count), each) for each in units)
    chosen = np.full(count, TRAIN)
    random = np.random.default_rng(seed)
    for pool in (has_first & has_second, has_first & ~has_second, has_second & ~has_first):
        order = random.permutation(np.flatnonzero(pool))
        test = part_size(len(order), TEST_SHARE, MAX_TEST)
        held_out = part_size(len(order), HELD_OUT_SHARE, MAX_HELD_OUT)
        chosen[order[:test]], chosen[order[test : test + held_out]] = TEST, HELD_OUT
    return chosen[units[0]], chosen[units[1]]


def _units(first: Images, second: Images, pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of what has to stay in one part: near-duplicates within a kind, and pairs."""
    groups = (first.groups, second.groups + first.groups.max() + 1)
    count = int(groups[1].max()) + 1
    edges = (groups[0][pairs[:, 0]], groups[1][pairs[:, 1]])
    _, units = connected_components(coo_array((np.ones(len(pairs)), edges), (count, count)), directed=False)
    return units[groups[0]], units[groups[1]]


def _names(first: Pictures, second: Pictures) -> tuple[str, str]:
    """Of both kinds: their labels, or what their sources are called."""
    names = tuple(
        pictures.labels[0] if pictures.labels and len(set(pictures.labels)) == 1 and pictures.labels[0]
        else Path(pictures.source).stem
        for pictures in (first, second)
    )  # fmt: skip
    return (names[0], names[1]) if names[0] != names[1] else (f"{names[0]} 1", f"{names[1]} 2")


def _some(pictures: Pictures, most: int, seed: int, on_note: OnNote) -> Pictures:
    if len(pictures) <= most:
        return pictures
    on_note(f"{pictures.source}: {most:,} of {len(pictures):,} pictures are used; more with --max-pictures")
    return pictures.take(np.sort(np.random.default_rng(seed).permutation(len(pictures))[:most]))
