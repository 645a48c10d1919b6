"""Pictures of a user, before they are decoded, with the label or the text that goes with each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from ganclf.contract import PICTURE_SUFFIXES
from ganclf.data import Table, read_table
from ganclf.data.image_containers import Pictures, open_container
from ganclf.data.texts import as_text
from ganclf.errors import DataError, MissingColumnError

IMAGE_NAMES = ("image", "file", "filename", "file_name", "path", "picture", "img", "index")
TEXT_NAMES = ("text", "caption", "description", "prompt", "name", "title")
LABEL_NAMES = ("label", "class", "category")
SPLIT_NAME = "split"
PARTS = {"train": "train", "training": "train", "dev": "held out", "val": "held out", "valid": "held out",
         "validation": "held out", "test": "test"}  # fmt: skip  # values of the column SPLIT_NAME → part
MAX_PICTURES = 1_000_000  # that are listed

OnNote = Callable[[str], None]


@dataclass(frozen=True)
class ImageColumns:
    """Names of columns of a table; None: found by name."""

    image: str | None = None
    text: str | None = None
    label: str | None = None


def find_pictures(
    path: Path, images: Path | None = None, columns: ImageColumns | None = None, on_note: OnNote = print
) -> Pictures:
    """Find the pictures of a folder, a zip, an .npz, or a table.

    Folders that lie directly in a folder or zip are labels. A table names files, or counts from 0 in an .npz.

    Args:
        path: of the folder or file.
        images: where the pictures of a table are: a folder, a zip or an .npz; None: in the folder of the table.
        columns: of a table.
        on_note: called with each sentence on what was guessed.

    Raises:
        DataError: nothing is there, or there are no pictures in it.
    """
    if path.is_dir() or path.suffix.lower() in (".zip", ".npz"):
        found = open_container(path)
    elif path.is_file():
        found = _of_table(path, images or path.parent, columns or ImageColumns(), on_note)
    else:
        raise DataError(
            f"{path}: there is no such file or folder. Give a folder of pictures, a zip, an .npz or a table."
        )
    if not len(found):
        raise DataError(
            f"{path}: there are no pictures. Give {', '.join(PICTURE_SUFFIXES)} files in a folder or zip, arrays in an "
            ".npz, or a table with a column of file names."
        )
    if len(found) > MAX_PICTURES:
        raise DataError(f"{path}: {len(found):,} pictures, more than {MAX_PICTURES:,}. Give fewer.")
    return found


def join_pictures(parts: Sequence[Pictures]) -> Pictures:
    """All pictures of several sources, in their order; sources without labels get their name as the label."""
    if len(parts) == 1:
        return parts[0]
    ends = np.cumsum([len(part) for part in parts])

    def read(index: int) -> bytes:
        part = int(np.searchsorted(ends, index, side="right"))
        return parts[part].read(index - int(ends[part] - len(parts[part])))

    labels = [
        label for part in parts
        for label in (part.labels if any(part.labels) else [PurePosixPath(part.source).stem] * len(part))
    ]  # fmt: skip
    return Pictures(
        ", ".join(part.source for part in parts), _joined(parts, "names"), labels, _joined(parts, "texts"),
        _joined(parts, "parts"), read,
    )  # fmt: skip


def _joined(parts: Sequence[Pictures], name: str) -> list[str]:
    return [value for part in parts for value in getattr(part, name)]


def _of_table(path: Path, images: Path, columns: ImageColumns, on_note: OnNote) -> Pictures:
    """The pictures that a table names, with their labels and texts."""
    table = read_table(path)
    for note in table.notes:
        on_note(f"{table.source}: {note}")
    held = open_container(images)
    image = _column(
        table, columns.image, IMAGE_NAMES, "--image-column", lambda values: _places(values, held) is not None
    )
    if image is None:
        raise MissingColumnError(
            f"{table.source}: no column names pictures of {images}; found {list(table.names)}. Name it with "
            "--image-column, and where the pictures are with --images."
        )
    places = _places(table.column(image), held)
    if places is None:
        raise DataError(
            f"{table.source}: column {image!r} names no picture of {images}. Name another with --image-column."
        )
    known = [row for row, place in enumerate(places) if place >= 0]
    if len(known) < len(places):
        on_note(f"{table.source}: left out: {len(places) - len(known):,} rows whose picture is not in {images}")
    text = _column(table, columns.text, TEXT_NAMES, "--text-column", lambda values: True)
    label = _column(table, columns.label, LABEL_NAMES, "--label-column", lambda values: True)
    used = {"pictures": image, "texts": text, "labels": label}
    on_note(f"{table.source}: " + ", ".join(f"{what} are in column {name!r}" for what, name in used.items() if name))
    rows = len(table)
    texts, labels = (_strings(table, name) if name else [""] * rows for name in (text, label))
    said = _strings(table, SPLIT_NAME) if SPLIT_NAME in table.names else [""] * rows
    parts = [PARTS.get(value.lower(), "") for value in said]
    if not all(parts):
        parts = [""] * rows
    found = held.take([places[row] for row in known])
    return replace(
        found, source=table.source, labels=[labels[row] for row in known] if label else found.labels,
        texts=[texts[row] for row in known], parts=[parts[row] for row in known],
    )  # fmt: skip


def _strings(table: Table, name: str) -> list[str]:
    return [(as_text(value) or "").strip() for value in table.column(name)]


def _column(
    table: Table, asked: str | None, usual: Sequence[str], option: str, fits: Callable[[list[Any]], bool]
) -> str | None:
    """The column that was asked for, or one of a usual name whose values fit; None: there is none."""
    if asked is not None:
        if asked not in table.names:
            raise MissingColumnError(f"{table.source}: no column {asked!r}; found {list(table.names)}. See {option}.")
        return asked
    lower = {name.strip().lower(): name for name in reversed(table.names)}
    return next((lower[each] for each in usual if each in lower and fits(table.column(lower[each]))), None)


def _places(values: Sequence[Any], held: Pictures) -> list[int] | None:
    """Where each picture that a column names is in its container, -1: nowhere; None: no value names one."""
    names = [(as_text(value) or "").strip().replace("\\", "/").removeprefix("./") for value in values]
    by_name = {name: place for place, name in enumerate(held.names)}
    by_stem = {PurePosixPath(name).stem: place for name, place in reversed(by_name.items())}
    if all(name.isascii() and name.isdigit() for name in names) and held.is_numbered:
        places = [int(name) if int(name) < len(held) else -1 for name in names]
    else:
        places = [by_name.get(name, by_stem.get(name, -1)) for name in names]
    return places if any(place >= 0 for place in places) else None
