"""What each request of a batch gets, in a thread that waits for it or on the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

import numpy as np

from serving.local.event_loop import event_loop


class LoopResult(asyncio.Future[list[np.ndarray]]):
    """Becomes the outputs of a request that the event loop waits for, even if its client has left meanwhile: the
    request then ends with its batch, which still uses the version that it holds.
    """

    def cancel(self, msg: Any = None) -> bool:
        """Not with a batch under way; the task that waits learns that it is cancelled when the batch is done."""
        return False


Result = Future[list[np.ndarray]] | LoopResult


def hand_out(outcomes: Sequence[tuple[Result, Any]]) -> None:
    """Set each result to its outputs, or to the exception that the run met.

    Those for which the event loop waits are set together: to wake it costs as much as to answer a small request.
    """
    on_loop = [pair for pair in outcomes if isinstance(pair[0], LoopResult)]
    _set([pair for pair in outcomes if not isinstance(pair[0], LoopResult)])
    if on_loop:
        event_loop().call_soon_threadsafe(_set, on_loop)


def _set(outcomes: Sequence[tuple[Result, Any]]) -> None:
    for result, outcome in outcomes:
        if isinstance(outcome, Exception):
            result.set_exception(outcome)
        else:
            result.set_result(outcome)
