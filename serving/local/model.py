"""One name and its versions: which one serves, which one comes, which one ends."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc

from serving.local.failures import RequestError, from_load
from serving.local.servable import Servable
from serving.local.states import State, Tries, VersionState
from serving.local.versions import Version, newest_version
from serving.local.warmup import replay_warmup

logger = logging.getLogger(__name__)


class ServedModel:
    """Serves the newest version under its base path; `update` is called by one thread, the rest by any.

    Args:
        name: what clients ask for.
        base_path: its children named by integers are the versions.
        make_servable: loads a version.
    """

    def __init__(self, name: str, base_path: Path, make_servable: Callable[[Version], Servable] = Servable) -> None:
        self._make_servable = make_servable
        self.name = name
        self.base_path = base_path
        self.on_available: Callable[[int], None] = lambda version: None
        self.on_idle: Callable[[], None] = lambda: None  # the last request of an ending version is done
        self._lock = threading.Lock()
        self._serving: Servable | None = None
        self._ending: list[Servable] = []
        self._states: dict[int, VersionState] = {}
        self._wanted: Version | None = None
        self._tries: dict[int, Tries] = {}

    @property
    def version(self) -> int | None:
        """The version that serves now, or None."""
        serving = self._serving
        return serving.version if serving else None

    def states(self) -> dict[int, VersionState]:
        """Every version that this server has met, the highest first."""
        with self._lock:
            return dict(sorted(self._states.items(), reverse=True))

    @contextmanager
    def lease(self, version: int | None) -> Iterator[Servable]:
        """Hold a version for one request: it finishes on the version on which it started.

        Args:
            version: its number; None: the one that serves.
        Raises:
            RequestError: NOT_FOUND.
        """
        servable = self._take(version)
        try:
            yield servable
        finally:
            self._give_back(servable)

    def update(self, look: bool = True) -> None:
        """Move to the newest version, and free what ended.

        Args:
            look: at the disk; False: only try again what failed, and free.
        """
        if look:  # a folder that lost all its versions leaves the loaded one serving
            self._wanted = newest_version(self.base_path) or self._wanted
        if self._wanted and self._should_load(self._wanted):
            self._load(self._wanted)
        self._free_idle()

    def close(self) -> None:
        """End every version, idle or not."""
        with self._lock:
            servables = [*self._ending, *([self._serving] if self._serving else [])]
            self._serving, self._ending = None, []
        for servable in servables:
            self._end(servable)

    def _take(self, version: int | None) -> Servable:
        with self._lock:
            servable = self._serving
            if servable is None or version not in (None, servable.version):
                raise servable_not_found(self.name, version)
            servable.in_flight += 1
            return servable

    def _give_back(self, servable: Servable) -> None:
        with self._lock:
            servable.in_flight -= 1
            is_idle = servable.in_flight == 0 and servable in self._ending
        if is_idle:
            self.on_idle()  # the updating thread frees it: a request should not wait for that

    def _should_load(self, wanted: Version) -> bool:
        return wanted.number != self.version and self._tries.setdefault(wanted.number, Tries()).may_try()

    def _load(self, version: Version) -> None:
        self._set_state(version.number, VersionState(State.START))
        self._set_state(version.number, VersionState(State.LOADING))
        try:
            servable = self._load_and_warm(version)
        except Exception as error:  # noqa: BLE001  whatever a broken model raises, the old version goes on serving
            self._record_failure(version, error)
            return
        self._tries.pop(version.number)
        self._swap(servable)
        self.on_available(servable.version)

    def _load_and_warm(self, version: Version) -> Servable:
        servable = self._make_servable(version)
        try:
            replay_warmup(servable, version.path)
        except BaseException:
            servable.close()
            raise
        return servable

    def _record_failure(self, version: Version, error: Exception) -> None:
        why = from_load(error)
        self._tries[version.number].count()
        self._set_state(version.number, VersionState(State.END, why.code, why.message))
        logger.error("%s version %d can't be loaded: %s", self.name, version.number, why.message)

    def _swap(self, servable: Servable) -> None:
        with self._lock:
            old, self._serving = self._serving, servable
            self._states[servable.version] = VersionState(State.AVAILABLE)
            if old is not None:
                self._ending.append(old)
                self._states[old.version] = VersionState(State.UNLOADING)

    def _free_idle(self) -> None:
        with self._lock:
            idle = [servable for servable in self._ending if servable.in_flight == 0]
            self._ending = [servable for servable in self._ending if servable.in_flight > 0]
        for servable in idle:
            self._end(servable)
        if idle:
            del servable, idle[:]
            gc.collect()  # a graph is full of cycles: without this its memory stays until some later collection

    def _end(self, servable: Servable) -> None:
        servable.close()
        self._set_state(servable.version, VersionState(State.END))

    def _set_state(self, version: int, state: VersionState) -> None:
        with self._lock:
            self._states[version] = state


def servable_not_found(name: str, version: int | None) -> RequestError:
    """No such model, or not this version of it."""
    wanted = f"Latest({name})" if version is None else f"Specific({name}, {version})"
    return RequestError(grpc.StatusCode.NOT_FOUND, f"Servable not found for request: {wanted}")
