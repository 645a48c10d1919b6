"""One name and its versions: which ones serve, which one comes, which ones end."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tensorflow_serving.config.file_system_storage_path_source_pb2 import FileSystemStoragePathSourceConfig

from serving.local.failures import from_load, servable_not_found
from serving.local.servable import Servable
from serving.local.versions import (
    LoadAttempts,
    RetryPolicy,
    State,
    Version,
    VersionState,
    choose_versions,
    find_versions,
)
from serving.local.warmup import load_and_warm

ServableVersionPolicy = FileSystemStoragePathSourceConfig.ServableVersionPolicy
logger = logging.getLogger(__name__)


class ServedModel:
    """Serves the wanted versions under its base path; `update` and `close` are called by one thread at a time.

    Args:
        name: under which clients know it.
        base_path: its children named by integers are the versions.
        make_servable: loads a version and warms it up.
        retries: of a load that failed.
    """

    def __init__(
        self,
        name: str,
        base_path: Path,
        make_servable: Callable[[Version], Servable] | None = None,
        retries: RetryPolicy | None = None,
    ) -> None:
        self.name = name
        self.base_path = base_path
        self.on_available: Callable[[int], None] = lambda version: None
        self.on_idle: Callable[[], None] = lambda: None  # the last request of an ending version is done
        self._make_servable = make_servable or load_and_warm
        self._retries = retries or RetryPolicy()
        self._policy = ServableVersionPolicy()
        self._lock = threading.Lock()
        self._available: dict[int, Servable] = {}
        self._ending: list[Servable] = []
        self._states: dict[int, VersionState] = {}
        self._wanted: list[Version] = []  # the highest first
        self._attempts: dict[int, LoadAttempts] = {}
        self._retired = False

    @property
    def version(self) -> int | None:
        """The highest version that serves now, or None."""
        with self._lock:
            return max(self._available, default=None)

    @property
    def in_flight(self) -> int:
        """How many requests run now."""
        with self._lock:
            return sum(servable.in_flight for servable in [*self._available.values(), *self._ending])

    def states(self) -> dict[int, VersionState]:
        """Every version that this server has met, the highest first."""
        with self._lock:
            return dict(sorted(self._states.items(), reverse=True))

    @contextmanager
    def lease(self, version: int | None) -> Iterator[Servable]:
        """Hold a version for one request: it finishes on the version on which it started.

        Args:
            version: its number; None: the highest that serves.

        Raises:
            RequestError: NOT_FOUND.
        """
        servable = self._take(version)
        try:
            yield servable
        finally:
            self._give_back(servable)

    @property
    def has_failed(self) -> bool:
        """Whether versions are wanted of which none serves and none is tried again."""
        attempts = [self._attempts.get(version.number) for version in self._wanted]
        return bool(attempts) and all(each is not None and each.are_exhausted for each in attempts)

    def configure(self, base_path: Path, policy: Any) -> None:
        """Serve from a folder with a ServableVersionPolicy, from the next update on."""
        if (base_path, policy, False) != (self.base_path, self._policy, self._retired):
            self._attempts.clear()  # what failed may have been mended before the new configuration
        self.base_path, self._policy, self._retired = base_path, policy, False

    def retire(self) -> None:
        """Want no version any more, from the next update on; what is in flight ends on its version."""
        self._retired = True

    def update(self, poll: bool = True) -> None:
        """Load what is wanted, the highest first, end what is not, and free what ended.

        Args:
            poll: the disk; False: only try again what failed, and free.
        """
        if self._retired:
            self._wanted = []
        elif poll:  # a folder that lost all its versions leaves the loaded ones serving
            self._wanted = choose_versions(find_versions(self.base_path), self._policy) or self._wanted
        for version in self._wanted:
            if (
                version.number not in self._available
                and self._attempts.setdefault(version.number, LoadAttempts(self._retries)).may_try()
            ):
                self._load(version)
        self._shift()
        self._free_idle()

    def close(self) -> None:
        """End every version, idle or not."""
        with self._lock:
            servables = [*self._ending, *self._available.values()]
            self._available, self._ending = {}, []
        for servable in servables:
            self._end(servable)

    def _take(self, version: int | None) -> Servable:
        with self._lock:
            number = max(self._available, default=None) if version is None else version
            if number not in self._available:
                raise servable_not_found(self.name, version)
            servable = self._available[number]
            servable.in_flight += 1
            return servable

    def _give_back(self, servable: Servable) -> None:
        with self._lock:
            servable.in_flight -= 1
            is_idle = servable.in_flight == 0 and servable in self._ending
        if is_idle:
            self.on_idle()  # the updating thread frees it: a request should not wait for that

    def _load(self, version: Version) -> None:
        self._set_state(version.number, VersionState(State.START))
        self._set_state(version.number, VersionState(State.LOADING))
        try:
            servable = self._make_servable(version)
        except Exception as error:  # noqa: BLE001  whatever a broken model raises, the old version goes on serving
            self._record_failure(version, error)
            return
        gc.freeze()  # TensorFlow's objects are so many that a full collection would hold up requests
        self._attempts.pop(version.number)
        self._shift(servable)
        self.on_available(servable.version)

    def _record_failure(self, version: Version, error: Exception) -> None:
        why = from_load(error)
        self._attempts[version.number].count_failure()
        self._set_state(version.number, VersionState(State.END, why.code, why.message))
        logger.error("%s version %d can't be loaded: %s", self.name, version.number, why.message)

    def _shift(self, loaded: Servable | None = None) -> None:
        """Let a loaded version serve, and end the unwanted ones once a wanted one serves."""
        with self._lock:
            if loaded is not None:
                self._available[loaded.version] = loaded
                self._states[loaded.version] = VersionState(State.AVAILABLE)
            wanted = {version.number for version in self._wanted}
            if not self._retired and not wanted & self._available.keys():
                return
            for number in self._available.keys() - wanted:
                self._ending.append(self._available.pop(number))
                self._states[number] = VersionState(State.UNLOADING)

    def _free_idle(self) -> None:
        with self._lock:
            idle = [servable for servable in self._ending if servable.in_flight == 0]
            self._ending = [servable for servable in self._ending if servable.in_flight > 0]
        for servable in idle:
            self._end(servable)
        if idle:
            del servable, idle[:]
            gc.unfreeze()
            gc.collect()  # a graph is full of cycles: without this its memory stays until some later collection
            gc.freeze()

    def _end(self, servable: Servable) -> None:
        servable.close()
        self._set_state(servable.version, VersionState(State.END))
        logger.info("%s version %d has ended", self.name, servable.version)

    def _set_state(self, version: int, state: VersionState) -> None:
        with self._lock:
            self._states[version] = state
