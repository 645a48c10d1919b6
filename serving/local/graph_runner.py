"""Run the same feeds and fetches of a graph again and again, with deadlines and with few threads for few rows."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf import config_pb2

from serving.local.failures import invalid_argument

CALLER_THREAD, SESSION_THREADS = -1, 0  # RunOptions.inter_op_thread_pool
MARGIN = 10.0  # a deadline that is so many times the usual seconds away needs no timer
FORGETTING = 0.95  # of a long run, at each later one: the first run of all builds the executors
MANY_ROWS = 8  # from which on the ops of a run take longer than to hand them from thread to thread


class GraphRunner(Protocol):
    """Runs the graph on arrays, one for each of its feeds."""

    def run(
        self, arrays: Sequence[np.ndarray], seconds_left: float | None, to_the_second: bool = False
    ) -> list[np.ndarray]:
        """Run the graph.

        Args:
            arrays: one for each feed.
            seconds_left: until the deadline; None: there is none.
            to_the_second: whether it has to end then even if no run ever came near to its deadline.

        Returns:
            An array for each fetch.

        Raises:
            tf.errors.OpError: the model's own error, or DEADLINE_EXCEEDED.
        """


def make_graph_runner(
    session: tf.compat.v1.Session,
    feeds: Sequence[Any],
    fetches: Sequence[Any],
    many: float = MANY_ROWS,
    session_callable: bool = True,
) -> GraphRunner:
    """Prepare a run.

    Args:
        session: of the graph.
        feeds: tensors of the graph.
        fetches: tensors of the graph.
        many: rows from which on the threads of the session share the ops of a run; with fewer, all run in the thread
            that calls: to hand the ops of a small run from thread to thread takes as long as to run them.
        session_callable: use TensorFlow's callables, which are not public; False: Session.run.
    """
    return (CallableRunner if session_callable else SessionRunner)(session, feeds, fetches, many)


class CallableRunner:
    """Runs the graph at half the cost of Session.run: feeds and fetches are resolved once, each run only passes arrays.

    A timer for the deadline needs a thread of its own, so only a run that may need it gets one. What it uses of
    TensorFlow's session is not public; `private_apis.py` lists the versions that it was tried with.
    """

    def __init__(
        self, session: tf.compat.v1.Session, feeds: Sequence[Any], fetches: Sequence[Any], many: float
    ) -> None:
        self._session = session
        session._extend_graph()
        self._feeds, self._fetches, self._many = feeds, fetches, many
        self._making = threading.Lock()
        self._callables: dict[int, Any] = {}  # by the threads that run the ops
        self._usual: float | None = None  # seconds that the longest of the late runs took; None: there was none

    def run(
        self, arrays: Sequence[np.ndarray], seconds_left: float | None, to_the_second: bool = False
    ) -> list[np.ndarray]:
        """Run the graph; see GraphRunner."""
        start = time.perf_counter()
        if seconds_left is not None and (to_the_second or self._may_be_late(seconds_left)):
            outputs = self._run_with_timer(arrays, seconds_left)
        else:
            outputs = self._callable(_threads(arrays, self._many))(*arrays)
        seconds = time.perf_counter() - start
        self._usual = max(seconds, FORGETTING * (self._usual or 0.0))
        return outputs

    def _may_be_late(self, seconds_left: float) -> bool:
        return self._usual is None or MARGIN * self._usual > seconds_left

    def _run_with_timer(self, arrays: Sequence[np.ndarray], seconds_left: float) -> list[np.ndarray]:
        """What Session.run does, without its own check of shapes: the graph is the judge, as in the stock server."""
        from tensorflow.python.client import pywrap_tf_session as tf_session

        options = config_pb2.RunOptions(timeout_in_ms=_milliseconds(seconds_left))
        feeds = {tensor._as_tf_output(): array for tensor, array in zip(self._feeds, arrays, strict=True)}
        fetches = [tensor._as_tf_output() for tensor in self._fetches]
        buffer = tf_session.TF_NewBufferFromString(options.SerializeToString())
        try:
            outputs: list[np.ndarray] = self._session._call_tf_sessionrun(buffer, feeds, fetches, [], None)
        finally:
            tf_session.TF_DeleteBuffer(buffer)
        return outputs

    def _callable(self, threads: int) -> Any:
        if threads not in self._callables:
            with self._making:
                self._callables[threads] = self._callables.get(threads) or self._make_callable(threads)
        return self._callables[threads]

    def _make_callable(self, threads: int) -> Any:
        options = config_pb2.CallableOptions()
        options.feed.extend(tensor.name for tensor in self._feeds)
        options.fetch.extend(tensor.name for tensor in self._fetches)
        options.run_options.inter_op_thread_pool = threads
        return self._session._make_callable_from_options(options)  # Session.make_callable maps each feed anew


class SessionRunner:
    """Runs the graph with Session.run, which checks and maps the feeds each time."""

    def __init__(
        self, session: tf.compat.v1.Session, feeds: Sequence[Any], fetches: Sequence[Any], many: float
    ) -> None:
        self._session = session
        self._feeds, self._fetches, self._many = feeds, list(fetches), many

    def run(
        self, arrays: Sequence[np.ndarray], seconds_left: float | None, to_the_second: bool = False
    ) -> list[np.ndarray]:
        """Run the graph; see GraphRunner. It always ends at the deadline.

        Raises:
            RequestError: INVALID_ARGUMENT, Session.run refuses the shape of an array before the graph does.
        """
        if seconds_left is None:
            options = config_pb2.RunOptions(inter_op_thread_pool=_threads(arrays, self._many))
        else:  # a run in the caller's thread can't be ended by a timer
            options = config_pb2.RunOptions(timeout_in_ms=_milliseconds(seconds_left))
        feeds = dict(zip(self._feeds, arrays, strict=True))
        try:
            outputs: list[np.ndarray] = self._session.run(self._fetches, feeds, options)
        except (TypeError, ValueError) as error:
            raise invalid_argument(f"{type(error).__name__}: {error}") from None
        return outputs


def _threads(arrays: Sequence[np.ndarray], many: float) -> int:
    rows = max((len(array) for array in arrays if array.ndim), default=0)
    return SESSION_THREADS if rows >= many else CALLER_THREAD


def _milliseconds(seconds: float) -> int:
    return max(1, math.floor(1000 * seconds))
