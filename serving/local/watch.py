"""A thread that does something again and again, or at once when it is woken."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

logger = logging.getLogger(__name__)


class Watch:
    """Calls an action at an interval.

    Args:
        action: what is done; its exceptions are logged, and it is done again.
        wait_seconds: from one time to the next.
        name: of the thread, for the log.
    """

    def __init__(self, action: Callable[[], object], wait_seconds: float, name: str) -> None:
        self._action = action
        self._wait_seconds = wait_seconds
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin to wait."""
        self._thread.start()

    def wake(self) -> None:
        """Do it soon."""
        self._wake.set()

    def stop(self) -> None:
        """End after the action that may be under way."""
        self._stopping = True
        self._wake.set()
        if self._thread.is_alive():  # not so if the server's start failed
            self._thread.join()

    def _run(self) -> None:
        while True:
            self._wake.wait(self._wait_seconds)
            self._wake.clear()
            if self._stopping:
                return
            try:
                self._action()
            except Exception:  # the watch must outlive a bad moment
                logger.exception("%s failed; it is tried again", self._thread.name)
