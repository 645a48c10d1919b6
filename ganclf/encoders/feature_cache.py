"""Features on disk: a run that was broken off goes on, a second one starts at once. No text is kept, only its hash."""

from __future__ import annotations

import hashlib
import os
import warnings
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ganclf.data.locations import CACHE_VARIABLE, cache_folder

LIMIT_BYTES = 2 * 2**30  # of all features together; the files that were not used for longest go first
KIND = "features"  # folder within the cache


def text_digests(texts: Sequence[str]) -> list[bytes]:
    """Sixteen bytes a text that tell it from every other."""
    return [hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest() for text in texts]


class FeatureStore:
    """Rows by text, for one encoder with its settings.

    Every process appends to a file of its own and reads those of all, so two may run at once; a row that was written
    by half is recognised by its checksum and left out.

    Args:
        key: names the encoder, its weights and its settings.
        size: numbers a row.
        folder: default: the user's cache, or $GANCLF_CACHE.
        limit: bytes of all features together.
    """

    def __init__(self, key: str, size: int, folder: Path | None = None, limit: int = LIMIT_BYTES) -> None:
        self._base = folder or cache_folder(KIND)
        self._folder = self._base / hashlib.blake2b(key.encode(), digest_size=12).hexdigest()
        self._own = self._folder / f"{os.getpid()}-{os.urandom(6).hex()}.rows"
        self._record = np.dtype([("digest", "V16"), ("check", "<u4"), ("row", "<f4", (size,))])
        self._limit = limit
        self._written = -1  # bytes; -1: the file is not begun

    def read(self, digests: Sequence[bytes]) -> tuple[np.ndarray, np.ndarray]:
        """Return rows, float32, shape [n, size], zeros where there is none, and where there is one, bool, shape [n]."""
        rows = np.zeros((len(digests), *self._record["row"].shape), np.float32)
        found = np.zeros(len(digests), bool)
        for file in sorted(self._folder.glob("*.rows")):
            records = self._records(file)
            places = {digest: place for place, digest in enumerate(records["digest"].tolist())}
            hits = [(i, places[digest]) for i, digest in enumerate(digests) if not found[i] and digest in places]
            for index, place in hits:
                row = records["row"][place]
                found[index] = zlib.crc32(row.tobytes()) == records["check"][place]
                rows[index] = row if found[index] else 0.0
            if hits:
                _touch(file)
        return rows, found

    def _records(self, file: Path) -> np.ndarray:
        try:
            count = file.stat().st_size // self._record.itemsize  # the last one may be there by half
            return np.memmap(file, self._record, "r", shape=(count,)) if count else np.zeros(0, self._record)
        except OSError:  # another process has removed it
            return np.zeros(0, self._record)

    def append(self, digests: Sequence[bytes], rows: np.ndarray) -> None:
        """Keep rows, float32, shape [n, size]; where the folder can't be written, warn and go on without."""
        if self._written > self._limit // 2:
            return
        records = np.zeros(len(digests), self._record)
        records["digest"], records["row"] = np.array(digests, "V16"), rows
        records["check"] = [zlib.crc32(row.tobytes()) for row in records["row"]]
        try:
            self._begin()
            with self._own.open("ab") as stream:
                stream.write(records.tobytes())
            self._written += records.nbytes
        except OSError as error:
            self._written = self._limit
            warnings.warn(
                f"{self._folder}: features are not kept ({error.strerror}). Name a folder with {CACHE_VARIABLE}.",
                stacklevel=2,
            )

    def _begin(self) -> None:
        if self._written >= 0:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        remove_oldest(self._base, self._limit)
        self._written = 0


def remove_oldest(base: Path, limit: int) -> None:
    """Remove files of features, the ones that were not used for longest first, until `limit` bytes are left."""
    files = []
    for file in base.glob("*/*.rows"):
        try:
            files.append((file.stat().st_mtime, file.stat().st_size, file))
        except OSError:  # another process was faster
            continue
    total = sum(size for _, size, _ in files)
    for _, size, file in sorted(files):
        if total <= limit:
            return
        file.unlink(missing_ok=True)
        total -= size


def _touch(file: Path) -> None:
    try:
        os.utime(file)
    except OSError:  # read only, or removed
        return
