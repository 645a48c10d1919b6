"""PredictionService without its transport: gRPC and REST ask the same object."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tensorflow_serving.apis import (
    classification_pb2,
    get_model_metadata_pb2,
    inference_pb2,
    predict_pb2,
    regression_pb2,
)

from serving.local.choice import lease
from serving.local.classify import run_classify
from serving.local.failures import missing_model_spec, status_of
from serving.local.metadata import get_model_metadata
from serving.local.metrics import Metrics, TimedServable
from serving.local.multi_inference import run_multi_inference, spec_of
from serving.local.predict import run_predict
from serving.local.registry import ModelRegistry
from serving.local.regress import run_regress

Run = Callable[[Any, Any, float | None], Any]  # (servable, request, seconds left) -> response


class PredictionService:
    """Each method takes a request and the seconds until its deadline, None without one, and returns the response.

    Args:
        models: that are asked.
        metrics: that count and time the requests.
        entrypoint: `GRPC` or `REST`, for the metrics.
    Raises:
        RequestError, tf.errors.OpError: the request is refused, or the model failed on it.
    """

    def __init__(self, models: ModelRegistry, metrics: Metrics | None = None, entrypoint: str = "GRPC") -> None:
        self._models = models
        self._metrics = metrics or Metrics()
        self._entrypoint = entrypoint

    def predict(self, request: predict_pb2.PredictRequest, seconds_left: float | None) -> predict_pb2.PredictResponse:
        """Tensors in, tensors out."""
        return self._answer("Predict", run_predict, request, seconds_left)

    def classify(
        self, request: classification_pb2.ClassificationRequest, seconds_left: float | None
    ) -> classification_pb2.ClassificationResponse:
        """tf.Examples in, classes with scores out."""
        return self._answer("Classify", run_classify, request, seconds_left)

    def regress(
        self, request: regression_pb2.RegressionRequest, seconds_left: float | None
    ) -> regression_pb2.RegressionResponse:
        """tf.Examples in, a number for each out."""
        return self._answer("Regress", run_regress, request, seconds_left)

    def multi_inference(
        self, request: inference_pb2.MultiInferenceRequest, seconds_left: float | None
    ) -> inference_pb2.MultiInferenceResponse:
        """Several signatures over the same tf.Examples."""
        return self._answer("MultiInference", run_multi_inference, request, seconds_left)

    def metadata(
        self, request: get_model_metadata_pb2.GetModelMetadataRequest, seconds_left: float | None
    ) -> get_model_metadata_pb2.GetModelMetadataResponse:
        """The signatures of a model."""
        return get_model_metadata(self._models, request)

    def _answer(self, api: str, run: Run, request: Any, seconds_left: float | None) -> Any:
        spec = spec_of(request) if api == "MultiInference" else request.model_spec
        # a stranger's names would fill the memory
        name = spec.name if spec.name in self._models else ""
        try:
            if api != "MultiInference" and not request.HasField("model_spec"):
                raise missing_model_spec()
            with (
                self._metrics.time("request_latency", model_name=name, API=api, entrypoint=self._entrypoint),
                lease(self._models, spec) as servable,
            ):
                response = run(TimedServable(servable, self._metrics, name, api), request, seconds_left)
        except Exception as error:
            self._metrics.count_request(name, status_of(error))
            raise
        self._metrics.count_request(name, "OK")
        return response
