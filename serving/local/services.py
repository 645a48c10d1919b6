"""The gRPC services: each method's bytes become a message, its exceptions one status. A method not named here is
UNIMPLEMENTED.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import grpc
from tensorflow_serving.apis import (
    classification_pb2,
    get_model_metadata_pb2,
    get_model_status_pb2,
    inference_pb2,
    model_management_pb2,
    predict_pb2,
    regression_pb2,
)

from serving.local.failures import RequestError, cut, from_request
from serving.local.prediction import PredictionService
from serving.local.registry import ModelRegistry
from serving.local.reload import reload_config
from serving.local.status import get_model_status

PREDICTION_SERVICE = "tensorflow.serving.PredictionService"
MODEL_SERVICE = "tensorflow.serving.ModelService"
LONGEST_DEADLINE = 86_400.0  # seconds; without a deadline, gRPC tells centuries, which the runtime can't count
Answer = Callable[[Any, float | None], Any]  # (request, seconds left or None) -> response


def make_handlers(
    models: ModelRegistry, service: PredictionService, allow_reload: bool
) -> tuple[grpc.GenericRpcHandler, ...]:
    """The handlers of both services, over the models that this server has."""
    prediction = {
        "Predict": _method(service.predict, predict_pb2.PredictRequest),
        "Classify": _method(service.classify, classification_pb2.ClassificationRequest),
        "Regress": _method(service.regress, regression_pb2.RegressionRequest),
        "MultiInference": _method(service.multi_inference, inference_pb2.MultiInferenceRequest),
        "GetModelMetadata": _method(service.metadata, get_model_metadata_pb2.GetModelMetadataRequest),
    }
    model = {
        "GetModelStatus": _method(
            lambda request, _: get_model_status(models, request), get_model_status_pb2.GetModelStatusRequest
        ),
        "HandleReloadConfigRequest": _method(
            lambda request, _: reload_config(models, request, allow_reload), model_management_pb2.ReloadConfigRequest
        ),
    }
    return (
        grpc.method_handlers_generic_handler(PREDICTION_SERVICE, prediction),
        grpc.method_handlers_generic_handler(MODEL_SERVICE, model),
    )


def _method(answer: Answer, request_type: Any) -> grpc.RpcMethodHandler:
    """Wrap a method so that whatever it raises reaches the client as a status, and never as UNKNOWN."""

    def handle(request: Any, context: grpc.ServicerContext) -> Any:
        try:
            return answer(request, _seconds_left(context))
        except Exception as error:  # noqa: BLE001  the one place where foreign exceptions are mapped
            failure = from_request(error)
        return context.abort(failure.code, cut(failure.message))

    return grpc.unary_unary_rpc_method_handler(
        handle,
        request_deserializer=request_type.FromString,
        response_serializer=lambda response: response.SerializeToString(),
    )


def _seconds_left(context: grpc.ServicerContext) -> float | None:
    """Until the client's deadline; None without one. A request that waited too long for a thread is not run at all."""
    left: float | None = context.time_remaining()
    if left is None or left > LONGEST_DEADLINE:
        return None
    if left <= 0:
        raise RequestError(grpc.StatusCode.DEADLINE_EXCEEDED, "The deadline passed before the request could run.")
    return left
