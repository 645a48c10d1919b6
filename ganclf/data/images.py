"""Pictures of a user, before they are decoded: a folder, a zip, a table that names files, or arrays in an .npz.

Each picture is found here, with the label or the text that goes with it; its bytes are read when they are asked for.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from ganclf.contract import MAX_PICTURE_BYTES
from ganclf.data import Table, read_table
from ganclf.data.texts import as_text
from ganclf.errors import DataError, MissingColumnError

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
TABLES = (".csv", ".tsv", ".jsonl", ".parquet", ".xlsx", ".gz")
IMAGE_NAMES = ("image", "file", "filename", "file_name", "path", "picture", "img", "index")
TEXT_NAMES = ("text", "caption", "description", "prompt", "name", "title")
LABEL_NAMES = ("label", "class", "category")
SPLIT_NAME = "split"
PARTS = {"train": "train", "training": "train", "dev": "held out", "val": "held out", "valid": "held out",
         "validation": "held out", "test": "test"}  # fmt: skip  # values of the column SPLIT_NAME → part
MAX_PICTURES = 1_000_000  # that are listed
MAX_ARRAY_BYTES = 4_000_000_000  # of the arrays of an .npz, unpacked

OnNote = Callable[[str], None]


@dataclass(frozen=True)
class Pictures:
    """Where pictures are, and what is known about each.

    Attributes:
        source: for messages.
        names: of each picture, as a user finds it.
        labels: "" where there is none.
        texts: that describe each; "" where there is none.
        parts: train, held out or test, as the file says; "" where it does not.
        read: gives the bytes of the picture of a number.
    """

    source: str
    names: list[str]
    labels: list[str]
    texts: list[str]
    parts: list[str]
    read: Callable[[int], bytes]

    def __len__(self) -> int:
        return len(self.names)

    def take(self, idx: Sequence[int] | np.ndarray) -> Pictures:
        """The pictures of these numbers."""
        chosen = [int(index) for index in idx]
        names, labels, texts, parts = (
            [values[index] for index in chosen] for values in (self.names, self.labels, self.texts, self.parts)
        )
        return Pictures(self.source, names, labels, texts, parts, lambda index: self.read(chosen[index]))


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
        found = _container(path)
    elif path.is_file():
        found = _of_table(path, images or path.parent, columns or ImageColumns(), on_note)
    else:
        raise DataError(
            f"{path}: there is no such file or folder. Give a folder of pictures, a zip, an .npz or a table."
        )
    if not len(found):
        raise DataError(
            f"{path}: there are no pictures. Give {', '.join(SUFFIXES)} files in a folder or zip, arrays in an .npz, "
            "or a table with a column of file names."
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


def _container(path: Path) -> Pictures:
    """The pictures of a folder, zip or .npz, without what a table says about them."""
    if path.is_dir():
        return _folder(path)
    if not path.is_file():
        raise DataError(f"{path}: there is no such file or folder with pictures.")
    return _zip(path) if path.suffix.lower() == ".zip" else _arrays(path)


def _folder(path: Path) -> Pictures:
    files = sorted(
        file for file in path.rglob("*")
        if file.suffix.lower() in SUFFIXES and not _is_hidden(file.relative_to(path).as_posix()) and file.is_file()
    )  # fmt: skip

    def read(index: int) -> bytes:
        file = files[index]
        if file.stat().st_size > MAX_PICTURE_BYTES:
            raise DataError(f"{file}: over {MAX_PICTURE_BYTES // 1_000_000} MB; make the picture smaller.")
        return file.read_bytes()

    return _listed(str(path), [file.relative_to(path).as_posix() for file in files], read)


def _zip(path: Path) -> Pictures:
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError) as error:
        raise DataError(f"{path}: can't be read as a zip ({error}). Pack it again.") from None
    members = sorted(
        (info for info in archive.infolist() if PurePosixPath(info.filename).suffix.lower() in SUFFIXES
         and not info.is_dir() and not _is_hidden(info.filename)),
        key=lambda info: info.filename,
    )  # fmt: skip

    def read(index: int) -> bytes:
        info = members[index]
        if info.file_size > MAX_PICTURE_BYTES:
            raise DataError(
                f"{path}: {info.filename}: over {MAX_PICTURE_BYTES // 1_000_000} MB; make the picture smaller."
            )
        if info.flag_bits & 1:
            raise DataError(f"{path}: {info.filename} has a password. Pack the pictures without one.")
        try:
            return archive.read(info)
        except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError) as error:
            raise DataError(f"{path}: {info.filename} can't be unpacked ({error}). Pack it again.") from None

    return _listed(str(path), [info.filename for info in members], read)


def _listed(source: str, names: list[str], read: Callable[[int], bytes]) -> Pictures:
    """Pictures by their paths; the first folder is the label where every picture is in one, and there are several."""
    heads = [name.split("/")[0] if "/" in name else "" for name in names]
    if len(set(heads)) == 1 and heads[0]:  # all is in one folder, as archives often have it
        inner = [name.split("/", 1)[1] for name in names]
        heads = [name.split("/")[0] if "/" in name else "" for name in inner]
    labels = heads if all(heads) and len(set(heads)) > 1 else [""] * len(names)
    return Pictures(source, names, labels, [""] * len(names), [""] * len(names), read)


def _arrays(path: Path) -> Pictures:
    """The array `images`, or the only one of three or four axes, and `labels` and `texts` where they are there."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            sizes = sum(info.file_size for info in archive.zip.infolist())
            if sizes > MAX_ARRAY_BYTES:
                raise DataError(
                    f"{path}: {sizes:,} bytes of arrays, more than {MAX_ARRAY_BYTES:,}. Give fewer pictures."
                )
            arrays = {name: archive[name] for name in archive.files}
    except (ValueError, OSError, zipfile.BadZipFile, EOFError) as error:
        raise DataError(f"{path}: can't be read as an .npz of numbers ({error}). Save it with numpy.savez.") from None
    large = [name for name, values in arrays.items() if values.ndim in (3, 4)]
    name = "images" if "images" in arrays else large[0] if len(large) == 1 else None
    if name is None:
        raise DataError(
            f"{path}: which array has the pictures? Found {sorted(arrays)}; name it `images`, of shape [pictures, "
            "height, width] or [pictures, height, width, channels]."
        )
    images = _as_bytes(arrays[name], path)
    count = len(images)

    def column(names: Sequence[str]) -> list[str]:
        values = next((arrays[each] for each in names if each in arrays and arrays[each].shape == (count,)), None)
        return [""] * count if values is None else [str(value) for value in values.tolist()]

    return Pictures(
        str(path), [f"{name}[{index}]" for index in range(count)], column(("labels", "label")),
        column(("texts", "text")), [""] * count, lambda index: as_png(images[index]),
    )  # fmt: skip


def _as_bytes(images: np.ndarray, path: Path) -> np.ndarray:
    """Pictures as uint8, shape [pictures, height, width] or with channels last."""
    if images.ndim not in (3, 4) or (images.ndim == 4 and images.shape[3] not in (1, 3, 4)):
        raise DataError(
            f"{path}: the array has the shape {list(images.shape)}; pictures are [pictures, height, width], or with 1, "
            "3 or 4 channels last."
        )
    if images.ndim == 4 and images.shape[3] == 1:
        images = images[:, :, :, 0]
    if images.dtype == np.uint8:
        return images
    if images.dtype == bool:
        return images.astype(np.uint8) * 255
    if images.dtype == np.uint16:
        return (images >> 8).astype(np.uint8)
    if np.issubdtype(images.dtype, np.floating) and images.size and images.min() >= 0.0 and images.max() <= 1.0:
        return np.round(images * 255.0).astype(np.uint8)
    raise DataError(
        f"{path}: the array has numbers of type {images.dtype}; give uint8 from 0 to 255, or floats from 0 to 1."
    )


def as_png(pixels: np.ndarray) -> bytes:
    """A picture as PNG: uint8, shape [height, width], or with 1, 3 or 4 channels."""
    from PIL import Image

    stream = io.BytesIO()
    Image.fromarray(pixels[:, :, 0] if pixels.ndim == 3 and pixels.shape[2] == 1 else pixels).save(stream, "PNG")
    return stream.getvalue()


def _of_table(path: Path, images: Path, columns: ImageColumns, on_note: OnNote) -> Pictures:
    """The pictures that a table names, with their labels and texts."""
    table = read_table(path)
    for note in table.notes:
        on_note(f"{table.source}: {note}")
    held = _container(images)
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
    if all(name.isascii() and name.isdigit() for name in names) and "[" in held.names[0]:
        places = [int(name) if int(name) < len(held) else -1 for name in names]
    else:
        places = [by_name.get(name, by_stem.get(name, -1)) for name in names]
    return places if any(place >= 0 for place in places) else None


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(name).parts)
