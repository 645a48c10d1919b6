"""Where pictures lie: a folder, a zip, or arrays in an .npz. Each is read when it is asked for."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from ganclf.contract import MAX_PICTURE_BYTES, PICTURE_SUFFIXES
from ganclf.errors import DataError

MAX_ARRAY_BYTES = 4_000_000_000  # of the arrays of an .npz, unpacked


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
        is_numbered: whether they have numbers, from 0, and no names of their own.
    """

    source: str
    names: list[str]
    labels: list[str]
    texts: list[str]
    parts: list[str]
    read: Callable[[int], bytes]
    is_numbered: bool = False

    def __len__(self) -> int:
        return len(self.names)

    def take(self, idx: Sequence[int] | np.ndarray) -> Pictures:
        """The pictures of these numbers."""
        chosen = [int(index) for index in idx]
        names, labels, texts, parts = (
            [values[index] for index in chosen] for values in (self.names, self.labels, self.texts, self.parts)
        )
        return Pictures(
            self.source, names, labels, texts, parts, lambda index: self.read(chosen[index]), self.is_numbered
        )


def open_container(path: Path) -> Pictures:
    """The pictures of a folder, zip or .npz, without what a table says about them."""
    if path.is_dir():
        return _folder(path)
    if not path.is_file():
        raise DataError(f"{path}: there is no such file or folder with pictures.")
    return _zip(path) if path.suffix.lower() == ".zip" else _arrays(path)


def _folder(path: Path) -> Pictures:
    every = (file for file in path.rglob("*") if file.suffix.lower() in PICTURE_SUFFIXES and file.is_file())
    files = sorted(file for file in every if not _is_hidden(file.relative_to(path).as_posix()))

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
        (info for info in archive.infolist() if PurePosixPath(info.filename).suffix.lower() in PICTURE_SUFFIXES
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
        except (
            zipfile.BadZipFile,
            NotImplementedError,
            OSError,
            EOFError,
        ) as error:  # the second: an unknown way to pack
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
        column(("texts", "text")), [""] * count, lambda index: as_png(images[index]), is_numbered=True,
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


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(name).parts)
