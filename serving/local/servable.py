"""One loaded version of a model: its signatures, and a session that runs them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
import tensorflow_text  # noqa: F401  registers the ops of models that split text

from serving.local.batch_scheduler import CallbackResult
from serving.local.batching import Batcher
from serving.local.failures import invalid_argument
from serving.local.graph_runner import MANY_ROWS, GraphRunner, make_graph_runner
from serving.local.options import ServerOptions
from serving.local.private_apis import choose_private_apis
from serving.local.versions import Version

PLACEHOLDER = "Placeholder"
MAX_RUNNERS = 64  # sets of feeds and fetches that are kept: an output_filter may choose among very many


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A tensor that a signature feeds or fetches.

    Attributes:
        name: of the tensor in the graph.
        dtype: DataType.
        sizes: of its shape, -1 for any size; None: of any rank.
    """

    name: str
    dtype: int
    sizes: tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class Signature:
    """What Predict reads of a SignatureDef, once: its maps cost more for each request than a small run.

    Attributes:
        inputs, outputs: by alias, in the order of the aliases.
        defaults: TensorProto by alias, for inputs that a request may leave out.
    """

    inputs: Mapping[str, Endpoint]
    outputs: Mapping[str, Endpoint]
    defaults: Mapping[str, Any]


def read_signature(signature: Any) -> Signature:
    """Read a SignatureDef."""
    return Signature(_endpoints(signature.inputs), _endpoints(signature.outputs), dict(signature.defaults))


def read_endpoint(info: Any) -> Endpoint:
    """Read a TensorInfo."""
    shape = info.tensor_shape
    return Endpoint(info.name, info.dtype, None if shape.unknown_rank else tuple(dim.size for dim in shape.dim))


class Servable:
    """A SavedModel in a session, as the stock server runs it: any SavedModel, old or new, with feeds and fetches.

    Attributes:
        version: its number.
        signatures: SignatureDef by name.
        plain_signatures: the same as plain values.
        checks_methods: whether Classify and Regress refuse a signature whose method_name is another.
        limits: on what one request may hold.
        in_flight: requests that use it now; the owner counts them under its own lock.
    """

    def __init__(self, version: Version, options: ServerOptions | None = None, batcher: Batcher | None = None) -> None:
        options = options or ServerOptions(base_path=version.path.parent)
        self._batcher = batcher
        self._tags = options.saved_model_tags.split(",")
        self.version = version.number
        self.checks_methods = options.enable_signature_method_name_check
        self.limits = options.limits
        self.in_flight = 0
        self._graph = tf.Graph()
        self._runners: dict[Any, GraphRunner] = {}
        self._session_callable = choose_private_apis(options.public_apis_only).session_callable
        self._many = _many_rows(options, batcher)
        self._session = tf.compat.v1.Session(graph=self._graph, config=_session_config(options))
        try:
            self.signatures: Mapping[str, Any] = dict(self._load(version.path).signature_def)
        except BaseException:
            self._session.close()
            raise
        self.plain_signatures = {name: read_signature(each) for name, each in self.signatures.items()}

    def is_declared(self, name: str) -> bool:
        """Whether a tensor is an input of the graph, whose shape its exporter declared.

        A signature may name any other tensor too, which takes what the ops behind it take, as in the stock server.
        """
        return name in self._declared

    def run(
        self,
        feeds: Mapping[str, np.ndarray],
        fetches: Sequence[str],
        seconds_left: float | None,
        to_the_second: bool = False,
    ) -> list[np.ndarray]:
        """Run the graph, together with other requests if there is a batcher.

        Args:
            feeds: array by tensor name.
            fetches: tensor names.
            seconds_left: until the client's deadline; None: it has none.
            to_the_second: whether the run has to end at the deadline, whatever its timer costs.

        Returns:
            An array for each fetch.

        Raises:
            RequestError: the batcher refuses the request.
            tf.errors.OpError: the model's own error, or DEADLINE_EXCEEDED.
        """
        if self._batcher is None:
            return self._run_graph(feeds, fetches, seconds_left, to_the_second)
        return self._batcher.run(self, self._run_graph, feeds, fetches, seconds_left)

    def submit(
        self,
        feeds: Mapping[str, np.ndarray],
        fetches: Sequence[str],
        seconds_left: float | None,
        result: CallbackResult,
    ) -> bool:
        """Put the run into a batch, which sets the result; False: only `run` can."""
        if self._batcher is None:
            return False
        return self._batcher.submit(self, self._run_graph, feeds, fetches, seconds_left, result)

    def close(self) -> None:
        """Free the session's memory; the graph follows with the garbage collector."""
        self._runners.clear()
        self._session.close()

    def _run_graph(
        self,
        feeds: Mapping[str, np.ndarray],
        fetches: Sequence[str],
        seconds_left: float | None,
        to_the_second: bool = False,
    ) -> list[np.ndarray]:
        key = (tuple(feeds), tuple(fetches))
        runner = self._runners.get(key)
        if runner is None:
            tensors = self._tensors(feeds), self._tensors(fetches)
            runner = make_graph_runner(self._session, *tensors, self._many, self._session_callable)
            if len(self._runners) < MAX_RUNNERS:
                self._runners[key] = runner
        return runner.run(list(feeds.values()), seconds_left, to_the_second)

    def _tensors(self, names: Iterable[str]) -> list[Any]:
        return [self._tensor(name) for name in names]

    def _load(self, path: Path) -> Any:
        with self._graph.as_default():
            meta_graph = tf.compat.v1.saved_model.loader.load(self._session, self._tags, str(path))
        self._graph.finalize()
        self._declared = {
            tensor.name for op in self._graph.get_operations() if op.type == PLACEHOLDER for tensor in op.outputs
        }
        return meta_graph

    def _tensor(self, name: str) -> Any:
        """The graph's tensor; a signature such as __saved_model_init_op may name what can't be fetched."""
        try:
            return self._graph.get_tensor_by_name(name)
        except (KeyError, ValueError):
            raise invalid_argument(f"Tensor {name}, specified in the signature, is not in the graph.") from None


def _session_config(options: ServerOptions) -> tf.compat.v1.ConfigProto:
    return tf.compat.v1.ConfigProto(
        intra_op_parallelism_threads=options.tensorflow_intra_op_parallelism or options.tensorflow_session_parallelism,
        inter_op_parallelism_threads=_ops_at_once(options),
    )


def _ops_at_once(options: ServerOptions) -> int:
    return options.tensorflow_inter_op_parallelism or options.tensorflow_session_parallelism


def _many_rows(options: ServerOptions, batcher: Batcher | None) -> float:
    """Rows from which on a run is shared among threads; batches are not: meanwhile the requests need the processors."""
    if _ops_at_once(options):
        return 0 if _ops_at_once(options) > 1 else math.inf
    return math.inf if batcher else MANY_ROWS


def _endpoints(infos: Mapping[str, Any]) -> dict[str, Endpoint]:
    return {alias: read_endpoint(infos[alias]) for alias in sorted(infos)}
