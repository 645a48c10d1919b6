"""A file in the making: it grows beside its target, survives the end of its program, and replaces the target whole."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from ganclf.cli.output import explained
from ganclf.errors import ConfigError

COMMIT_SECONDS = 1.0  # of work that is lost, at most, when the program is killed


class Draft:
    """Bytes and rows that are appended to `.NAME.part`; `.NAME.part.json` holds how far it is valid, and of what work.

    Args:
        target: what the draft becomes.
        work: describes all that the content depends on; None: the draft can't be continued.
        restart: whether a draft of earlier is dropped.
        header: what a new draft begins with.

    Attributes:
        rows: that are in the draft.
        note: on a draft of earlier; empty where there was none.

    Raises:
        ConfigError: the place can't be written.
    """

    def __init__(
        self,
        target: Path,
        work: Mapping[str, object] | None,
        *,
        restart: bool = False,
        header: Callable[[], bytes] = bytes,
    ) -> None:
        self.path, self._target = _beside(target, "part"), target
        self._state, self._work = _beside(target, "part.json"), work
        self.rows = self._bytes = 0
        self.note = ""
        with explained(target, "place"):
            if target.is_dir():
                raise IsADirectoryError(None, "a folder")
            found = None if restart else self._find()
            self._stream = self._continue(*found) if found else self._begin(header())
        self._committed = float("-inf")  # what comes first is made certain at once

    def append(self, content: bytes, rows: int) -> None:
        """Write rows; from time to time what was written is made certain."""
        self._stream.write(content)
        self._bytes, self.rows = self._bytes + len(content), self.rows + rows
        if time.monotonic() - self._committed > COMMIT_SECONDS:
            self.commit()

    def commit(self) -> None:
        """Make certain that what was appended can be continued."""
        self._stream.flush()
        if self._work is not None:
            os.fsync(self._stream.fileno())
            state = json.dumps({"work": self._work, "rows": self.rows, "bytes": self._bytes})
            new = _beside(self._target, "part.json.new")
            new.write_text(state, encoding="utf-8")
            new.replace(self._state)
        self._committed = time.monotonic()

    def close(self) -> None:
        """Keep the draft, as far as it can be continued."""
        if not self._stream.closed:
            self.commit()
            self._stream.close()
            if self._work is None:
                self.path.unlink(missing_ok=True)

    def finish(self, convert: Callable[[Path, Path], tuple[str, ...]] | None = None) -> tuple[str, ...]:
        """Replace the target.

        Args:
            convert: makes of the draft, its first argument, the file that is its second; None: the draft is the file.

        Returns:
            What `convert` returned.
        """
        self.commit()
        self._stream.close()
        notes: tuple[str, ...] = ()
        with explained(self._target, "place"):
            if convert is None:
                self.path.replace(self._target)
            else:
                notes = self._convert(convert)
        for leftover in (self.path, self._state):
            leftover.unlink(missing_ok=True)
        return notes

    def _convert(self, convert: Callable[[Path, Path], tuple[str, ...]]) -> tuple[str, ...]:
        whole = _beside(self._target, "whole")
        try:
            notes = convert(self.path, whole)
            whole.replace(self._target)
        finally:
            whole.unlink(missing_ok=True)
        return notes

    def __enter__(self) -> Draft:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _find(self) -> tuple[int, int] | None:
        """Rows and bytes of a draft of the same work; `note` names the first difference."""
        try:
            state = json.loads(self._state.read_text(encoding="utf-8"))
            work, rows, size = dict(state["work"]), int(state["rows"]), int(state["bytes"])
            there = self.path.stat().st_size >= size
        except (OSError, ValueError, KeyError, TypeError):
            return None
        wanted = json.loads(json.dumps(self._work)) if self._work is not None else {}
        changed = [name for name in {**wanted, **work} if wanted.get(name) != work.get(name)]
        if changed or not there:
            reason = f"changed since: {', '.join(changed)}" if changed else "they are not whole"
            self.note = f"begins anew: the {rows:,} rows of a run that was broken off don't fit ({reason})"
            return None
        return rows, size

    def _begin(self, header: bytes) -> BinaryIO:
        self._state.unlink(missing_ok=True)
        stream = self.path.open("wb")
        stream.write(header)
        self._bytes = len(header)
        return stream

    def _continue(self, rows: int, size: int) -> BinaryIO:
        """Cut what was written after the last commit."""
        stream = self.path.open("r+b")
        stream.truncate(size)
        stream.seek(size)
        self.rows, self._bytes = rows, size
        self.note = f"goes on after {rows:,} rows of a run that was broken off; --restart begins anew"
        return stream


@contextmanager
def only_writer(target: Path, lock: Path | None = None) -> Iterator[None]:
    """Keep other runs from writing the same file.

    Args:
        target: what is written.
        lock: a file that is there while it is; default: one beside the target.

    Raises:
        ConfigError: another one does, or the place can't be written.
    """
    lock = lock or _beside(target, "lock")
    with explained(target, "place"):
        descriptor = _lock(lock, target)
    try:
        yield
    finally:
        with suppress(OSError):
            lock.unlink()
        os.close(descriptor)


def _lock(lock: Path, target: Path) -> int:
    while True:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(descriptor), os.stat(lock)):
                return descriptor
        except BlockingIOError:
            os.close(descriptor)
            raise ConfigError(
                f"--output {target}: another run is writing it. Wait for its end, or give another place."
            ) from None
        except FileNotFoundError:  # the run that had it has just removed it
            pass
        os.close(descriptor)


def _beside(target: Path, ending: str) -> Path:
    """A hidden file in the target's folder.

    Raises:
        ConfigError: the target has no name.
    """
    if not target.name:
        raise ConfigError(f"--output {target}: can't be written (a folder). Give another place.")
    return target.with_name(f".{target.name}.{ending}")


def write_whole(file: Path, content: bytes) -> None:
    """Write a file whole or not at all.

    Raises:
        ConfigError: the place can't be written.
    """
    with Draft(file, None) as draft:
        draft.append(content, 1)
        draft.finish()
