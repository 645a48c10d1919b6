"""A training in the making: what it found so far is kept, and a run that was killed goes on where it stopped.

Each stage of a training has a file in a hidden folder of the model. A file is replaced whole or not at all. The folder
also says from what it was made: other settings or texts are refused, for they would give neither result.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

import ganclf
from ganclf.cli.draft import only_writer
from ganclf.cli.options import plain_value
from ganclf.cli.output import explained
from ganclf.errors import ConfigError

FOLDER, WORK_FILE = ".training", "work.json"
SAVE_SECONDS = 60.0  # of work that is lost, about, when a run is killed
MAX_SAVE_SHARE = 0.05  # of the time that may go into saves
STATE = "state"  # array of a file that holds JSON
Arrays = Mapping[str, np.ndarray]


class Checkpoint:
    """The stages of one training.

    Args:
        folder: where they are kept; None: nowhere.
        work: from what they are made: settings and digests of data, by the name that a message gives them.
        restart: whether what is there is dropped.

    Attributes:
        seconds: that former runs took until their last save.
        note: a sentence where a training goes on, else "".

    Raises:
        ConfigError: the folder holds a training of other work, or can't be written.
    """

    def __init__(self, folder: Path | None, work: Mapping[str, Any], *, restart: bool = False) -> None:
        self.folder, self.seconds, self.note = folder, 0.0, ""
        self._start = time.monotonic()
        if folder is None:
            return
        with explained(folder, "folder"):
            if restart:
                shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True, exist_ok=True)
            stages = sorted(folder.glob("*.npz"))
            wanted = json.loads(json.dumps(dict(work), default=plain_value))
            if stages:
                self._compare(wanted)
                self.seconds = max(_read(file, state_only=True)[1]["seconds"] for file in stages)
                self.note = (
                    f"goes on with a training that was broken off after {self.seconds:.0f} s; --restart begins anew"
                )
            else:
                _replace(folder / WORK_FILE, json.dumps(wanted, indent=1).encode())

    def stage(self, name: str) -> StageFile:
        """One training of several; each has a name of its own."""
        return StageFile(self, None if self.folder is None else self.folder / f"{name.replace(' ', '-')}.npz")

    def kept(self, name: str, compute: Callable[[], Arrays]) -> Arrays:
        """What `compute` gives; it is computed once, and read after a break."""
        file = self.stage(name)
        saved = file.load()
        if saved is not None:
            return dict(zip(saved[1]["names"], saved[0], strict=True))
        found = compute()
        file.save(list(found.values()), {"names": list(found)})
        return found

    def spent(self) -> float:
        """Seconds that this run and those before took, as far as they were saved."""
        return self.seconds + time.monotonic() - self._start

    def remove(self) -> None:
        """Drop all stages: the training is published."""
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _compare(self, wanted: Mapping[str, Any]) -> None:
        assert self.folder is not None
        try:
            work = json.loads((self.folder / WORK_FILE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            work = {}
        changed = [
            f"{name} was {work.get(name)} and is {wanted.get(name)}" if name.startswith("--") else name
            for name in {**wanted, **work}
            if wanted.get(name) != work.get(name)
        ]
        if changed:
            raise ConfigError(
                f"{self.folder}: holds a training that was broken off, of other settings or texts ("
                f"{'; '.join(changed)}). Give the same again and it goes on, or --restart to begin anew, or another "
                "--output."
            )


class StageFile:
    """The file of one stage; see ganclf.adversarial.training.Stage."""

    def __init__(self, checkpoint: Checkpoint, file: Path | None) -> None:
        self._checkpoint, self.file = checkpoint, file
        self._saved = time.monotonic()
        self._took = 0.0

    def load(self) -> tuple[list[np.ndarray], dict[str, Any]] | None:
        """Arrays and state of the last save, or None.

        Raises:
            ConfigError: the file is damaged.
        """
        return _read(self.file) if self.file is not None and self.file.is_file() else None

    def save(self, arrays: Sequence[np.ndarray], state: dict[str, Any]) -> None:
        """Replace the file.

        Raises:
            ConfigError: it can't be written.
        """
        if self.file is None:
            return
        start = time.monotonic()
        text = json.dumps(state | {"seconds": self._checkpoint.spent()})
        with explained(self.file, "folder"):
            _replace(self.file, lambda stream: np.savez(
                stream, *arrays, allow_pickle=False, **{STATE: np.frombuffer(text.encode(), np.uint8)}
            ))  # fmt: skip
        self._saved = time.monotonic()
        self._took = self._saved - start

    def is_due(self) -> bool:
        """Whether so much time went by that a save is worth it."""
        return time.monotonic() - self._saved >= max(SAVE_SECONDS, self._took / MAX_SAVE_SHARE)


@contextmanager
def training_checkpoint(base: Path | None, work: Mapping[str, Any], *, restart: bool) -> Iterator[Checkpoint]:
    """The checkpoint of a model's training; it is dropped at the end, and kept where the training is broken off.

    Args:
        base: folder of the model; None: nothing is kept.
        work: as of Checkpoint.
        restart: likewise.

    Raises:
        ConfigError: as of Checkpoint, or another run trains the same model.
    """
    if base is None:
        yield Checkpoint(None, work)
        return
    with only_writer(base, base / f"{FOLDER}.lock"):
        checkpoint = Checkpoint(base / FOLDER, work, restart=restart)
        yield checkpoint
        checkpoint.remove()


def work_of(settings: Mapping[str, Any], replicas: int, **data: Iterable[np.ndarray | Sequence[str]]) -> dict[str, Any]:
    """From what a training is made.

    Args:
        settings: options by name, with underscores.
        replicas: devices that train together.
        data: arrays and texts by what they are, as "texts"; of them a digest is kept.
    """
    import keras
    import tensorflow as tf

    options = {f"--{name.replace('_', '-')}": value for name, value in settings.items()}
    versions = {"ganclf": ganclf.__version__, "tensorflow": tf.__version__, "keras": keras.__version__}
    described = {f"the version of {name}": value for name, value in versions.items()}
    digests = {f"the {name.replace('_', ' ')}": _digest(parts) for name, parts in data.items()}
    return {**options, **digests, **described, "the number of devices": replicas}


def _digest(parts: Iterable[np.ndarray | Sequence[str]]) -> str:
    """Of arrays, their lengths included, and of texts."""
    found = hashlib.sha256()
    for part in parts:
        content = part.tobytes() if isinstance(part, np.ndarray) else "\0".join(part).encode("utf-8", "surrogatepass")
        found.update(len(content).to_bytes(8, "little") + content)
    return found.hexdigest()


def _read(file: Path, state_only: bool = False) -> tuple[list[np.ndarray], dict[str, Any]]:
    try:
        with np.load(file, allow_pickle=False) as archive:
            count = 0 if state_only else len(archive.files) - 1
            arrays = [archive[f"arr_{index}"] for index in range(count)]
            return arrays, json.loads(archive[STATE].tobytes())
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise ConfigError(f"{file}: is damaged ({error}). Give --restart to begin anew.") from error


def _replace(file: Path, content: bytes | Callable[[Any], object]) -> None:
    """Write a file whole or not at all."""
    new = file.with_name(f"{file.name}.new")
    with new.open("wb") as stream:
        if isinstance(content, bytes):
            stream.write(content)
        else:
            content(stream)
        stream.flush()
        os.fsync(stream.fileno())
    new.replace(file)
