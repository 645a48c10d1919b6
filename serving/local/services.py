"""The gRPC services: each method's bytes become a message, its exceptions one status. A method not named here is
UNIMPLEMENTED.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from typing import Any

import grpc
import numpy as np
from google.protobuf.message import DecodeError
from tensorflow_serving.apis import (
    classification_pb2,
    get_model_metadata_pb2,
    get_model_status_pb2,
    inference_pb2,
    model_management_pb2,
    predict_pb2,
    regression_pb2,
)

from serving.local.batch_results import LoopResult
from serving.local.failures import RequestError, cut, deadline_exceeded, from_request
from serving.local.prediction import PredictionService
from serving.local.registry import ModelRegistry
from serving.local.reload import reload_config
from serving.local.status import get_model_status
from serving.local.steps import GraphCall, Steps, complete, finish

PREDICTION_SERVICE = "tensorflow.serving.PredictionService"
MODEL_SERVICE = "tensorflow.serving.ModelService"
LONGEST_DEADLINE = 86_400.0  # seconds; without a deadline, gRPC tells centuries, which the runtime can't count
SMALL_BYTES = 65_536  # of a request that is parsed on the event loop; a larger one would hold up all others
Answer = Callable[[bytes, float | None], Awaitable[Any]]  # (request, seconds left or None) -> response


class Services:
    """The handlers of both services, over the models that this server has.

    Args:
        models: for status and reload.
        service: that answers.
        pool: threads in which requests run that do not wait for a batch.
        allow_reload: whether HandleReloadConfigRequest is answered.
        batches: whether requests that are small wait on the event loop for their batch.
        bound: seconds that a request may take whose client allows more; None: as long as it does.
    """

    def __init__(
        self,
        models: ModelRegistry,
        service: PredictionService,
        pool: Executor,
        allow_reload: bool,
        batches: bool,
        bound: float | None = None,
    ) -> None:
        self._models, self._service, self._pool = models, service, pool
        self._allow_reload, self._batches, self._bound = allow_reload, batches, bound

    def handlers(self) -> tuple[grpc.GenericRpcHandler, ...]:
        """By service and method."""
        service = self._service
        prediction = {
            "Predict": self._steps_of(service.predict, predict_pb2.PredictRequest),
            "Classify": self._steps_of(service.classify, classification_pb2.ClassificationRequest),
            "Regress": self._steps_of(service.regress, regression_pb2.RegressionRequest),
            "MultiInference": self._steps_of(service.multi_inference, inference_pb2.MultiInferenceRequest),
            "GetModelMetadata": self._call_of(service.metadata, get_model_metadata_pb2.GetModelMetadataRequest),
        }
        model = {
            "GetModelStatus": self._call_of(
                lambda request: get_model_status(self._models, request), get_model_status_pb2.GetModelStatusRequest
            ),
            "HandleReloadConfigRequest": self._call_of(
                lambda request: reload_config(self._models, request, self._allow_reload),
                model_management_pb2.ReloadConfigRequest,
            ),
        }
        return (
            grpc.method_handlers_generic_handler(PREDICTION_SERVICE, prediction),
            grpc.method_handlers_generic_handler(MODEL_SERVICE, model),
        )

    def _steps_of(self, begin: Callable[[Any, float | None], Steps], request_type: Any) -> grpc.RpcMethodHandler:
        """A method whose request runs the graph."""

        async def answer(sent: bytes, seconds_left: float | None) -> Any:
            seconds_left = min((each for each in (seconds_left, self._bound) if each is not None), default=None)
            if self._batches and len(sent) <= SMALL_BYTES:
                steps = begin(_parse(request_type, sent), seconds_left)
                return await _complete_in_batch(steps, self._pool, self._bound)
            began, bounded = time.monotonic(), self._bound is not None
            return await _in_thread(
                self._pool, lambda: complete(begin(_parse(request_type, sent), _later(seconds_left, began)), bounded)
            )

        return _handler(answer)

    def _call_of(self, call: Callable[[Any], Any], request_type: Any) -> grpc.RpcMethodHandler:
        """A method that is one call; it may wait for locks, so it has a thread."""

        async def answer(sent: bytes, seconds_left: float | None) -> Any:
            return await _in_thread(self._pool, lambda: call(_parse(request_type, sent)))

        return _handler(answer)


def _later(seconds_left: float | None, began: float) -> float | None:
    """What is left of the time after the wait for a thread."""
    return None if seconds_left is None else max(0.001, seconds_left - (time.monotonic() - began))


async def _in_thread(pool: Executor, work: Callable[[], Any]) -> Any:
    return await asyncio.get_running_loop().run_in_executor(pool, work)


async def _complete_in_batch(steps: Steps, pool: Executor, bound: float | None) -> Any:
    """Take the steps on the event loop, which meanwhile serves others; the batch runs in a thread of its own."""
    call = next(steps)
    try:
        submitted = call.servable.submit(call.feeds, call.fetches, call.seconds_left)
        arrays = await (_wait(submitted, steps, bound) if submitted else _in_thread(pool, lambda: _run(call)))
    except Exception as error:  # noqa: BLE001  the steps hold a lease and a clock: they see it first
        return finish(steps, error=error)
    return finish(steps, arrays)


def _run(call: GraphCall) -> list[np.ndarray]:
    arrays: list[np.ndarray] = call.servable.run(call.feeds, call.fetches, call.seconds_left)
    return arrays


async def _wait(submitted: LoopResult, steps: Steps, bound: float | None) -> list[np.ndarray]:
    """Wait for a batch."""
    try:
        return await (submitted if bound is None else asyncio.wait_for(asyncio.shield(submitted), bound))
    except TimeoutError:
        submitted.add_done_callback(_forget)
        raise deadline_exceeded() from None
    except asyncio.CancelledError:
        submitted.add_done_callback(_forget)
        submitted.add_done_callback(lambda _: steps.close())  # the lease ends with the batch, not with the client
        raise


def _forget(submitted: asyncio.Future[Any]) -> None:
    """Take notice of an error that no one waits for any more."""
    if not submitted.cancelled():
        submitted.exception()


def _parse(request_type: Any, sent: bytes) -> Any:
    try:
        return request_type.FromString(sent)
    except DecodeError:
        raise RequestError(grpc.StatusCode.INTERNAL, "Exception deserializing request!") from None


def _handler(answer: Answer) -> grpc.RpcMethodHandler:
    """Wrap a method so that whatever it raises reaches the client as a status, and never as UNKNOWN."""

    async def handle(sent: bytes, context: grpc.aio.ServicerContext) -> bytes:
        try:
            response: bytes = (await answer(sent, _seconds_left(context))).SerializeToString()
            return response
        except Exception as error:  # noqa: BLE001  the one place where foreign exceptions are mapped
            failure = from_request(error)
        return await context.abort(failure.code, cut(failure.message))

    return grpc.unary_unary_rpc_method_handler(handle)


def _seconds_left(context: grpc.aio.ServicerContext) -> float | None:
    """Until the client's deadline; None without one."""
    left: float | None = context.time_remaining()
    if left is None or left > LONGEST_DEADLINE:
        return None
    if left <= 0:
        raise deadline_exceeded()
    return left
