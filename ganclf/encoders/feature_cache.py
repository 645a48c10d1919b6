"""Features cached on disk: interrupted runs continue, second ones start at once. Of a text only the hash is kept."""

from __future__ import annotations

import hashlib
import os
import warnings
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ganclf.data.locations import CACHE_VARIABLE, cache_folder

MAX_BYTES = 2 * 2**30  # of all features together; the least recently used files go first
KIND = "features"  # folder within the cache


def text_digests(texts: Sequence[str]) -> list[bytes]:
    """Return a hash of 16 bytes per text."""
    return [hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest() for text in texts]


class FeatureStore:
    """Feature rows by text hash, for one encoder with its settings.

    Every process appends to a file of its own and reads those of all, so two may run at once. A row that was written
    by half is detected by its checksum and ignored.

    Args:
        key: identifies the encoder, its weights and its settings.
        size: numbers per row.
        folder: default: the user's cache, or $GANCLF_CACHE.
        max_bytes: of all features together.
    """

    def __init__(self, key: str, size: int, folder: Path | None = None, max_bytes: int = MAX_BYTES) -> None:
        self._base = folder or cache_folder(KIND)
        self._folder = self._base / hashlib.blake2b(key.encode(), digest_size=12).hexdigest()
        self._own = self._folder / f"{os.getpid()}-{os.urandom(6).hex()}.rows"
        self._record = np.dtype([("digest", "V16"), ("check", "<u4"), ("row", "<f4", (size,))])
        self._max_bytes = max_bytes
        self._written = -1  # bytes; -1: no file yet

    def read(self, digests: Sequence[bytes]) -> tuple[np.ndarray, np.ndarray]:
        """Read cached rows.

        Args:
            digests: of n texts.

        Returns:
            Rows, float32, shape [n, size], zeros where there is none; and which were found, bool, shape [n].
        """
        rows = np.zeros((len(digests), *self._record["row"].shape), np.float32)
        found = np.zeros(len(digests), bool)
        for file in sorted(self._folder.glob("*.rows")):
            records = self._records(file)
            positions = {digest: position for position, digest in enumerate(records["digest"].tolist())}
            hits = [(i, positions[digest]) for i, digest in enumerate(digests) if not found[i] and digest in positions]
            for index, position in hits:
                row = records["row"][position]
                found[index] = zlib.crc32(row.tobytes()) == records["check"][position]
                rows[index] = row if found[index] else 0.0
            if hits:
                _touch(file)
        return rows, found

    def _records(self, file: Path) -> np.ndarray:
        try:
            count = file.stat().st_size // self._record.itemsize  # the last one may be incomplete
            return np.memmap(file, self._record, "r", shape=(count,)) if count else np.zeros(0, self._record)
        except OSError:  # another process has removed it
            return np.zeros(0, self._record)

    def append(self, digests: Sequence[bytes], rows: np.ndarray) -> None:
        """Write rows, float32, shape [n, size]; if the folder can't be written, warn and go on without."""
        if self._written > self._max_bytes // 2:
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
            self._written = self._max_bytes
            warnings.warn(
                f"{self._folder}: features are not kept ({error.strerror}). Name a folder with {CACHE_VARIABLE}.",
                stacklevel=2,
            )

    def _begin(self) -> None:
        if self._written >= 0:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        remove_oldest(self._base, self._max_bytes)
        self._written = 0


def remove_oldest(base: Path, max_bytes: int) -> None:
    """Remove the least recently used files until at most `max_bytes` are left."""
    files = []
    for file in base.glob("*/*.rows"):
        try:
            files.append((file.stat().st_mtime, file.stat().st_size, file))
        except OSError:  # another process was faster
            continue
    total = sum(size for _, size, _ in files)
    for _, size, file in sorted(files):
        if total <= max_bytes:
            return
        file.unlink(missing_ok=True)
        total -= size


def _touch(file: Path) -> None:
    try:
        os.utime(file)
    except OSError:  # read only, or removed
        return
