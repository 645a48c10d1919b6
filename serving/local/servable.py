"""One loaded version of a model: its signatures, and a session that runs them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
import tensorflow_text  # noqa: F401  registers the ops of models that split text

from serving.local.batching import Batcher
from serving.local.failures import invalid_argument
from serving.local.versions import Version

SERVE_TAG = "serve"


class Servable:
    """A SavedModel in a session, as the stock server runs it: any SavedModel, old or new, with feeds and fetches.

    Attributes:
        version: its number.
        signatures: SignatureDef by name.
        checks_methods: whether Classify and Regress refuse a signature whose method_name is another.
        in_flight: requests that use it now; the owner counts them under its own lock.
    """

    def __init__(self, version: Version, checks_methods: bool = False, batcher: Batcher | None = None) -> None:
        self._batcher = batcher
        self.version = version.number
        self.checks_methods = checks_methods
        self.in_flight = 0
        self._graph = tf.Graph()
        self._session = tf.compat.v1.Session(graph=self._graph)
        try:
            self.signatures: Mapping[str, Any] = dict(self._load(version.path).signature_def)
        except BaseException:
            self._session.close()
            raise

    def run(
        self, feeds: Mapping[str, np.ndarray], fetches: Sequence[str], seconds_left: float | None
    ) -> list[np.ndarray]:
        """Run the graph, together with other requests if there is a batcher.

        Args:
            feeds: array by tensor name.
            fetches: tensor names.
            seconds_left: until the client's deadline; None: it has none.
        Returns:
            An array for each fetch.
        Raises:
            RequestError: the batcher refuses the request.
            tf.errors.OpError: the model's own error, or DEADLINE_EXCEEDED.
        """
        if self._batcher is None:
            return self._run_graph(feeds, fetches, seconds_left)
        return self._batcher.run(self, self._run_graph, feeds, fetches, seconds_left)

    def close(self) -> None:
        """Free the session's memory; the graph follows with the garbage collector."""
        self._session.close()

    def _run_graph(
        self, feeds: Mapping[str, np.ndarray], fetches: Sequence[str], seconds_left: float | None
    ) -> list[np.ndarray]:
        options = None
        if seconds_left is not None:
            options = tf.compat.v1.RunOptions(timeout_in_ms=max(1, int(1000 * seconds_left)))
        tensors = [self._tensor(name) for name in fetches]
        return self._session.run(tensors, {self._tensor(name): feeds[name] for name in feeds}, options=options)

    def _load(self, path: Path) -> Any:
        with self._graph.as_default():
            meta_graph = tf.compat.v1.saved_model.loader.load(self._session, [SERVE_TAG], str(path))
        self._graph.finalize()
        return meta_graph

    def _tensor(self, name: str) -> Any:
        """The graph's tensor; a signature such as __saved_model_init_op may name what can't be fetched."""
        try:
            return self._graph.get_tensor_by_name(name)
        except (KeyError, ValueError):
            raise invalid_argument(f"Tensor {name}, specified in the signature, is not in the graph.") from None
