"""The thread that keeps a model up to date."""

from __future__ import annotations

import logging
import threading

from serving.local.model import ServedModel
from serving.local.states import RETRY_SECONDS

logger = logging.getLogger(__name__)


class Watch:
    """Looks for newer versions at an interval, and frees ended ones as soon as they are idle.

    Args:
        model: what is kept up to date.
        poll_wait_seconds: from one look at the disk to the next; 0: no further look.
    """

    def __init__(self, model: ServedModel, poll_wait_seconds: float) -> None:
        self._model = model
        self._looks = poll_wait_seconds > 0
        self._wait_seconds = poll_wait_seconds or RETRY_SECONDS  # without looks, failed loads still are tried again
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=f"watch-{model.name}", daemon=True)
        model.on_idle = self._wake.set

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """End after the load that may be under way."""
        self._stopping = True
        self._wake.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            self._wake.wait(self._wait_seconds)
            self._wake.clear()
            if self._stopping:
                return
            try:
                self._model.update(look=self._looks)
            except Exception:  # the watch must outlive a bad moment of the disk
                logger.exception("looking for a newer version of %s failed; it is tried again", self._model.name)
