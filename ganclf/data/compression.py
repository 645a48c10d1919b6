"""A file, or the bytes of one, as chunks that can be read again; gzip, zip and zstd are unpacked by their content."""

from __future__ import annotations

import gzip
import io
import os
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

from ganclf.errors import DataError, FileTooLargeError, PackedFileError

Source = str | os.PathLike[str] | bytes

CHUNK_BYTES = 1 << 20
MAX_UNPACKED_BYTES = 16 << 30  # more from a packed file is taken for a bomb
UNNAMED = "data.csv"  # what messages call bytes without a name
PACKED_ENDINGS = {".gz": "gzip", ".zst": "zstd", ".zip": "zip"}

_GZIP, _ZIP, _ZSTD = b"\x1f\x8b", b"PK\x03\x04", b"\x28\xb5\x2f\xfd"
_EMPTY_ZIP = b"PK\x05\x06"
_SPREADSHEETS = ("xl/workbook.xml", "mimetype", "word/document.xml", "ppt/presentation.xml", "[Content_Types].xml")
_HIDDEN = (".DS_Store", "Thumbs.db")


class ByteSource:
    """The unpacked content of a file.

    Attributes:
        name: of the file, for messages.
        ending: of the name, lower case, without that of the packing: ".csv".
        notes: on endings that contradict the content.
    """

    def __init__(self, name: str, open_file: Callable[[], IO[bytes]]) -> None:
        self.name = name
        self.ending = Path(name.lower()).suffix
        self.notes: tuple[str, ...] = ()
        self._open = open_file
        self._layers: list[Callable[[IO[bytes]], AbstractContextManager[Any]]] = []
        self._limit: int | None = None
        self._member_ending = ""
        self._unpack()

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """The content as a binary file, from its start."""
        with _explained(self.name), ExitStack() as stack:
            file = stack.enter_context(self._open())
            for unpack in self._layers:
                file = stack.enter_context(unpack(file))
            yield file

    def chunks(self, size: int = CHUNK_BYTES) -> Iterator[bytes]:
        """The content from its start, in pieces of `size` bytes or fewer.

        Raises:
            DataError: the file can't be read or unpacked.
        """
        total = 0
        with self.open() as file:
            while chunk := file.read(size):
                total += len(chunk)
                if self._limit is not None and total > self._limit:
                    raise self._too_large()
                yield chunk

    @property
    def is_packed(self) -> bool:
        """Whether the file holds gzip, zstd or zip."""
        return bool(self._layers)

    def head(self, size: int) -> bytes:
        """The first bytes."""
        pieces: list[bytes] = []
        missing = size
        with self.open() as file:
            while missing > 0 and (piece := file.read(missing)):
                pieces.append(piece)
                missing -= len(piece)
        return b"".join(pieces)

    def read(self, limit: int) -> bytes:
        """All of it.

        Raises:
            FileTooLargeError: there are more than `limit` bytes.
        """
        pieces: list[bytes] = []
        total = 0
        for chunk in self.chunks():
            pieces.append(chunk)
            total += len(chunk)
            if total > limit:
                raise FileTooLargeError(
                    f"{self.name}: more than {limit >> 20:,} MB when unpacked. Split the file.", limit >> 20
                )
        return b"".join(pieces)

    def _unpack(self) -> None:
        """Put the unpacking ahead of the reading where the content is packed."""
        packing = PACKED_ENDINGS.get(self.ending)
        head = self.head(4)
        found = None
        if head.startswith(_GZIP):
            found = "gzip"
            self._layers.append(lambda file: gzip.GzipFile(fileobj=file))
        elif head.startswith(_ZSTD):
            found = "zstd"
            self._layers.append(_open_zstd)
        elif head.startswith((_ZIP, _EMPTY_ZIP)):
            found = self._enter_zip()
        if packing:
            self.ending = Path(self.name.lower().removesuffix(self.ending)).suffix or self._member_ending
        if packing and packing != found and head:
            self.notes += (f"the file's name ends as that of a {packing} file, but it is {found or 'not packed'}",)
        if found:
            self._limit = MAX_UNPACKED_BYTES

    def _enter_zip(self) -> str | None:
        """Read the one file in a zip file; None for a spreadsheet, which is a zip file too."""
        with self.open() as file, zipfile.ZipFile(file) as archive:
            if any(name in _SPREADSHEETS for name in archive.namelist()):
                return None
            members = [info for info in archive.infolist() if not info.is_dir() and not _is_hidden(info.filename)]
        if len(members) != 1:
            shown = ", ".join(repr(info.filename) for info in members[:10]) or "none"
            raise PackedFileError(
                f"{self.name}: a zip file with {len(members)} files ({shown}). Unpack it and give one."
            )
        member = members[0]
        if member.flag_bits & 0x1:
            raise PackedFileError(f"{self.name}: a zip file with a password. Unpack it and give the file.")
        self._layers.append(lambda file: _open_member(file, member))
        self._member_ending = Path(member.filename.lower()).suffix
        return "zip"

    def _too_large(self) -> DataError:
        return DataError(
            f"{self.name}: unpacked, it has more than {MAX_UNPACKED_BYTES / 2**30:.3g} GB. Unpack and split it."
        )


def open_source(source: Source, name: str | None = None) -> ByteSource:
    """Open a path, or bytes.

    Args:
        source: a path, also of a pipe, or the bytes.
        name: for messages. Default: the path.

    Raises:
        DataError: there is no such file, it is a folder, can't be read or unpacked.
    """
    if isinstance(source, bytes):
        opened = ByteSource(name or UNNAMED, lambda: io.BytesIO(source))
        if name is None:
            opened.ending = ""
        return opened
    path = os.fspath(source)
    called = name or path
    _check_path(path)
    with _explained(called):
        if not stat.S_ISREG(os.stat(path).st_mode):
            return ByteSource(called, _spool(path))
        return ByteSource(called, lambda: open(path, "rb"))


def _is_hidden(member: str) -> bool:
    """Whether systems put a file into a zip file unasked."""
    return member.startswith("__MACOSX/") or Path(member).name in _HIDDEN


def _spool(path: str) -> Callable[[], IO[bytes]]:
    """Keep what comes out of a pipe, which can be read once only."""
    kept: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - it is closed when the source is forgotten
    with open(path, "rb") as pipe:
        while chunk := pipe.read(CHUNK_BYTES):
            kept.write(chunk)

    def reopen() -> IO[bytes]:
        file = os.fdopen(os.dup(kept.fileno()), "rb")
        file.seek(0)
        return file

    kept.flush()
    return reopen


@contextmanager
def _open_member(file: IO[bytes], member: zipfile.ZipInfo) -> Iterator[IO[bytes]]:
    with zipfile.ZipFile(file) as archive, archive.open(member) as opened:
        yield opened


def _open_zstd(file: IO[bytes]) -> Any:
    import pyarrow as pa

    return pa.CompressedInputStream(pa.PythonFile(file, mode="r"), "zstd")


def _check_path(path: str) -> None:
    """Raise DataError if there is no such file."""
    if os.path.isdir(path):
        raise DataError(f"{path}: a folder. Give a file in it.")
    if not os.path.exists(path):
        raise DataError(f"{path}: no such file. Check the path; the current folder is {Path.cwd()}.")


@contextmanager
def _explained(name: str) -> Iterator[None]:
    """Turn errors of the system and of the unpackers into sentences."""
    try:
        yield
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise PackedFileError(f"{name}: not a whole gzip file ({error}). Pack it again, or unpack it.") from error
    except (zipfile.BadZipFile, NotImplementedError) as error:  # the latter: of ways to pack that zipfile doesn't know
        raise PackedFileError(f"{name}: not a whole zip file ({error}). Pack it again, or unpack it.") from error
    except OSError as error:
        if error.strerror is None or "ZSTD" in str(error):  # of pyarrow
            raise PackedFileError(f"{name}: not a whole zstd file ({error}). Pack it again, or unpack it.") from error
        raise DataError(f"{name}: can't be read ({error.strerror}). Check that it is a file you may read.") from error
