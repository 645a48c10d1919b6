"""PredictionService without its transport: gRPC and REST share it."""

from __future__ import annotations

import time
from typing import Any

from tensorflow_serving.apis import (
    classification_pb2,
    get_model_metadata_pb2,
    inference_pb2,
    predict_pb2,
    regression_pb2,
)

from serving.local.examples import CLASSIFICATION, REGRESSION, first_spec, multi_inference
from serving.local.failures import missing_model_spec, status_of
from serving.local.inference import Method, RequestCoroutine, finish_request, predict
from serving.local.metrics import Metrics
from serving.local.model_service import get_model_metadata
from serving.local.registry import ModelRegistry

RUNTIME = "TF1"  # the stock server's word for sessions


class PredictionService:
    """Each method takes a request and the seconds until its deadline, None without one, and gives its coroutine.

    Args:
        models: that answer.
        metrics: that count and time the requests.
        entrypoint: `GRPC` or `REST`, for the metrics.

    Raises:
        RequestError, tf.errors.OpError: from the coroutine: the request is refused, or the model failed on it.
    """

    def __init__(self, models: ModelRegistry, metrics: Metrics | None = None, entrypoint: str = "GRPC") -> None:
        self._models = models
        self._metrics = metrics or Metrics()
        self._entrypoint = entrypoint

    def predict(self, request: predict_pb2.PredictRequest, seconds_left: float | None) -> RequestCoroutine:
        """Tensors in, tensors out."""
        return self._answer("Predict", predict, request, seconds_left)

    def classify(
        self, request: classification_pb2.ClassificationRequest, seconds_left: float | None
    ) -> RequestCoroutine:
        """tf.Examples in, classes with scores out."""
        return self._answer("Classify", CLASSIFICATION.run, request, seconds_left)

    def regress(self, request: regression_pb2.RegressionRequest, seconds_left: float | None) -> RequestCoroutine:
        """tf.Examples in, a number for each out."""
        return self._answer("Regress", REGRESSION.run, request, seconds_left)

    def multi_inference(
        self, request: inference_pb2.MultiInferenceRequest, seconds_left: float | None
    ) -> RequestCoroutine:
        """Several signatures over the same tf.Examples."""
        return self._answer("MultiInference", multi_inference, request, seconds_left)

    def metadata(
        self, request: get_model_metadata_pb2.GetModelMetadataRequest
    ) -> get_model_metadata_pb2.GetModelMetadataResponse:
        """The signatures of a model; no run, so no coroutine."""
        return get_model_metadata(self._models, request)

    def _answer(self, api: str, method: Method, request: Any, seconds_left: float | None) -> RequestCoroutine:
        spec = first_spec(request) if api == "MultiInference" else request.model_spec
        # a stranger's names would fill the memory
        name = spec.name if spec.name in self._models else ""
        start = time.perf_counter()
        try:
            if api != "MultiInference" and not request.HasField("model_spec"):
                raise missing_model_spec()
            with self._models.lease(spec) as servable:
                response = yield from self._timed(method(servable, request, seconds_left), name, api)
        except Exception as error:
            self._metrics.count_request(name, status_of(error))
            raise
        self._metrics.add("request_latency", start, model_name=name, API=api, entrypoint=self._entrypoint)
        self._metrics.count_request(name, "OK")
        return response

    def _timed(self, coroutine: RequestCoroutine, name: str, api: str) -> RequestCoroutine:
        """The same coroutine; its run is timed if it succeeds."""
        call = next(coroutine)
        start = time.perf_counter()
        try:
            arrays = yield call
        except BaseException:
            coroutine.close()
            raise
        self._metrics.add("runtime_latency", start, model_name=name, API=api, runtime=RUNTIME)
        return finish_request(coroutine, arrays)
