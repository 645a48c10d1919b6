"""What each request of a batch gets: a thread waits for it, or it is told to a function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

import numpy as np

Outputs = list[np.ndarray]  # one for each fetch
Tell = Callable[[Outputs | None, Exception | None], None]  # outputs, or what the request met; raises nothing


class Told:
    """A result for which no thread waits.

    Args:
        tell: called once.
        run: has the thread call a function in which `tell` is to be called.
    """

    def __init__(self, tell: Tell, run: Callable[[Callable[[], None]], None]) -> None:
        self._tell = tell
        self.run = run

    def set_result(self, result: Outputs) -> None:
        """The outputs."""
        self._tell(result, None)

    def set_exception(self, exception: Exception) -> None:
        """What the request met."""
        self._tell(None, exception)


Result = Future[Outputs] | Told


def hand_out(outcomes: Sequence[tuple[Result, Any]]) -> None:
    """Set each result to its outputs, or to the exception that the run met.

    Those that are told are told together, in the thread of the first: so this one can run the next batch meanwhile.
    """
    told = [(result, outcome) for result, outcome in outcomes if isinstance(result, Told)]
    _set([pair for pair in outcomes if not isinstance(pair[0], Told)])
    if told:
        told[0][0].run(lambda: _set(told))


def _set(outcomes: Sequence[tuple[Result, Any]]) -> None:
    for result, outcome in outcomes:
        if isinstance(outcome, Exception):
            result.set_exception(outcome)
        else:
            result.set_result(outcome)
