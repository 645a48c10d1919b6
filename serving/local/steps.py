"""A request as steps: what it asks of the graph in the middle can be waited for by a thread or without one."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class GraphCall:
    """One run of a servable that a request needs; it goes on with an array for each fetch.

    Attributes:
        servable: that runs it.
        feeds: array by tensor name.
        fetches: tensor names.
        seconds_left: until the client's deadline; None: it has none.
    """

    servable: Any
    feeds: Mapping[str, np.ndarray]
    fetches: Sequence[str]
    seconds_left: float | None


Steps = Generator[GraphCall, list[np.ndarray], Any]  # returns the response
Run = Callable[[Any, Any, float | None], Steps]  # (servable, request, seconds left)


def complete(steps: Steps, to_the_second: bool = False) -> Any:
    """Take all steps in this thread; return the response, or raise what one of them met.

    Args:
        steps: of a request.
        to_the_second: whether the run has to end at the deadline; gRPC itself tells its clients that it passed.
    """
    call = next(steps)
    try:
        arrays = call.servable.run(call.feeds, call.fetches, call.seconds_left, to_the_second)
    except Exception as error:  # noqa: BLE001  the steps hold a lease and a clock: they see it first
        return finish(steps, error=error)
    return finish(steps, arrays)


def finish(steps: Steps, arrays: list[np.ndarray] | None = None, error: BaseException | None = None) -> Any:
    """Give the steps what their run came to; return the response. No request runs the graph twice.

    Args:
        arrays: one for each fetch, or
        error: what the run met.
    """
    try:
        if error is not None:
            steps.throw(error)
        else:
            steps.send(arrays or [])
    except StopIteration as end:
        return end.value
    raise AssertionError("a request ran the graph twice")
