"""The gRPC services: each method's bytes become a message, its exceptions one status.

A method that is not named here is UNIMPLEMENTED.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from functools import partial
from typing import Any

import grpc
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

from serving.local.batch_scheduler import Callback, CallbackResult, Outputs
from serving.local.failures import RequestError, cut, deadline_exceeded, from_request
from serving.local.inference import GraphCall, RequestCoroutine, finish_request, run_request
from serving.local.model_service import get_model_status, reload_config
from serving.local.prediction_service import PredictionService
from serving.local.registry import ModelRegistry
from serving.local.unary_calls import Call, Handler

PREDICTION_SERVICE = "tensorflow.serving.PredictionService"
MODEL_SERVICE = "tensorflow.serving.ModelService"
LONGEST_DEADLINE = 86_400.0  # seconds; without one, gRPC reports centuries, which the runtime can't count
SMALL_BYTES = 65_536  # of a request that is parsed in gRPC's own thread; a larger one would hold up all others
StartRequest = Callable[[Any, float | None], RequestCoroutine]  # (request, seconds left)


class Services:
    """The handlers of both services, over the models that this server has.

    Args:
        models: for status and reload.
        service: that answers.
        pool: threads in which requests run that do not wait for a batch.
        allow_reload: whether HandleReloadConfigRequest is answered.
        batches: whether requests that are small wait for their batch without a thread.
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
        self._allow_reload, self._bound = allow_reload, bound
        self._batches = batches and bound is None  # only a thread that waits can end at a bound

    def inference_handlers(self) -> Mapping[str, Handler]:
        """The methods that run a graph, by path."""
        service = self._service
        methods: dict[str, tuple[StartRequest, Any]] = {
            "Predict": (service.predict, predict_pb2.PredictRequest),
            "Classify": (service.classify, classification_pb2.ClassificationRequest),
            "Regress": (service.regress, regression_pb2.RegressionRequest),
            "MultiInference": (service.multi_inference, inference_pb2.MultiInferenceRequest),
        }
        return {f"/{PREDICTION_SERVICE}/{name}": partial(self._serve, *each) for name, each in methods.items()}

    def other_handlers(self) -> tuple[grpc.GenericRpcHandler, ...]:
        """The other methods, by service; each has a thread, for it may wait for locks."""
        metadata = _handler(self._service.metadata, get_model_metadata_pb2.GetModelMetadataRequest)
        status = _handler(
            lambda request: get_model_status(self._models, request), get_model_status_pb2.GetModelStatusRequest
        )
        reload = _handler(
            lambda request: reload_config(self._models, request, self._allow_reload),
            model_management_pb2.ReloadConfigRequest,
        )
        return (
            grpc.method_handlers_generic_handler(PREDICTION_SERVICE, {"GetModelMetadata": metadata}),
            grpc.method_handlers_generic_handler(
                MODEL_SERVICE, {"GetModelStatus": status, "HandleReloadConfigRequest": reload}
            ),
        )

    def _serve(self, start: StartRequest, request_type: Any, call: Call) -> None:
        """Put a call into a batch, or give it a thread; called in gRPC's own thread."""
        end = self._end_of(call.seconds_left)
        if self._batches and len(call.sent) <= SMALL_BYTES:
            _into_batch(start(_parse(request_type, call.sent), _left(end)), call, self._pool)
        else:
            bounded = self._bound is not None
            self._pool.submit(
                _answer, call, lambda: run_request(start(_parse(request_type, call.sent), _left(end)), bounded)
            )

    def _end_of(self, seconds_left: float) -> float | None:
        """When a request has to end, on time.monotonic's clock; None: it may take as long as it does."""
        bounds = [each for each in (seconds_left, self._bound) if each is not None and each <= LONGEST_DEADLINE]
        if seconds_left <= 0:
            raise deadline_exceeded()
        return time.monotonic() + min(bounds) if bounds else None


def _left(end: float | None) -> float | None:
    """What is left of the time after the wait for a thread."""
    return None if end is None else max(0.001, end - time.monotonic())


def _answer(call: Call, make: Callable[[], Any]) -> None:
    """Answer with the message that is made, or with what making it met."""
    try:
        call.answer(make().SerializeToString())
    except Exception as error:  # noqa: BLE001  the one place where foreign exceptions are mapped
        call.refuse(error)


def _into_batch(coroutine: RequestCoroutine, call: Call, pool: Executor) -> None:
    """Run a request without a thread that waits: gRPC's own finishes it when the batch has run."""
    run = next(coroutine)

    def callback(outputs: Outputs | None, error: Exception | None) -> None:
        _answer(call, lambda: finish_request(coroutine, outputs, error))

    try:
        result = CallbackResult(callback, call.run)
        is_in_batch = run.servable.submit(run.feeds, run.fetches, run.seconds_left, result)
    except Exception as error:  # noqa: BLE001  the coroutine holds a lease and a clock: it gets the error first
        callback(None, error)
    else:
        if not is_in_batch:
            pool.submit(_run_alone, run, callback)


def _run_alone(run: GraphCall, callback: Callback) -> None:
    try:
        outputs = run.servable.run(run.feeds, run.fetches, run.seconds_left)
    except Exception as error:  # noqa: BLE001  as above
        callback(None, error)
    else:
        callback(outputs, None)


def _parse(request_type: Any, sent: bytes) -> Any:
    try:
        return request_type.FromString(sent)
    except DecodeError:
        raise RequestError(grpc.StatusCode.INTERNAL, "Exception deserializing request!") from None


def _handler(call: Callable[[Any], Any], request_type: Any) -> grpc.RpcMethodHandler:
    """Wrap a method so that whatever it raises reaches the client as a status, and never as UNKNOWN."""

    def handle(sent: bytes, context: grpc.ServicerContext) -> bytes:
        try:
            response: bytes = call(_parse(request_type, sent)).SerializeToString()
            return response
        except Exception as error:  # noqa: BLE001  as for inference
            failure = from_request(error)
        context.abort(failure.code, cut(failure.message))
        raise AssertionError("abort raises")

    return grpc.unary_unary_rpc_method_handler(handle)
