"""PredictionService without its transport: gRPC and REST ask the same object."""

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

from serving.local.choice import lease
from serving.local.classify import CLASSIFICATION
from serving.local.failures import missing_model_spec, status_of
from serving.local.metadata import get_model_metadata
from serving.local.metrics import Metrics
from serving.local.multi_inference import run_multi_inference, spec_of
from serving.local.predict import run_predict
from serving.local.registry import ModelRegistry
from serving.local.regress import REGRESSION
from serving.local.steps import Run, Steps, finish

RUNTIME = "TF1"  # the stock server's word for sessions


class PredictionService:
    """Each method takes a request and the seconds until its deadline, None without one, and gives its steps.

    Args:
        models: that are asked.
        metrics: that count and time the requests.
        entrypoint: `GRPC` or `REST`, for the metrics.
    Raises:
        RequestError, tf.errors.OpError: from the steps: the request is refused, or the model failed on it.
    """

    def __init__(self, models: ModelRegistry, metrics: Metrics | None = None, entrypoint: str = "GRPC") -> None:
        self._models = models
        self._metrics = metrics or Metrics()
        self._entrypoint = entrypoint

    def predict(self, request: predict_pb2.PredictRequest, seconds_left: float | None) -> Steps:
        """Tensors in, tensors out."""
        return self._answer("Predict", run_predict, request, seconds_left)

    def classify(self, request: classification_pb2.ClassificationRequest, seconds_left: float | None) -> Steps:
        """tf.Examples in, classes with scores out."""
        return self._answer("Classify", CLASSIFICATION.run, request, seconds_left)

    def regress(self, request: regression_pb2.RegressionRequest, seconds_left: float | None) -> Steps:
        """tf.Examples in, a number for each out."""
        return self._answer("Regress", REGRESSION.run, request, seconds_left)

    def multi_inference(self, request: inference_pb2.MultiInferenceRequest, seconds_left: float | None) -> Steps:
        """Several signatures over the same tf.Examples."""
        return self._answer("MultiInference", run_multi_inference, request, seconds_left)

    def metadata(
        self, request: get_model_metadata_pb2.GetModelMetadataRequest
    ) -> get_model_metadata_pb2.GetModelMetadataResponse:
        """The signatures of a model; no run, so no steps."""
        return get_model_metadata(self._models, request)

    def _answer(self, api: str, run: Run, request: Any, seconds_left: float | None) -> Steps:
        spec = spec_of(request) if api == "MultiInference" else request.model_spec
        # a stranger's names would fill the memory
        name = spec.name if spec.name in self._models else ""
        start = time.perf_counter()
        try:
            if api != "MultiInference" and not request.HasField("model_spec"):
                raise missing_model_spec()
            with lease(self._models, spec) as servable:
                response = yield from self._timed(run(servable, request, seconds_left), name, api)
        except Exception as error:
            self._metrics.count_request(name, status_of(error))
            raise
        self._metrics.add("request_latency", start, model_name=name, API=api, entrypoint=self._entrypoint)
        self._metrics.count_request(name, "OK")
        return response

    def _timed(self, steps: Steps, name: str, api: str) -> Steps:
        """The same steps; their run is timed if it succeeds."""
        call = next(steps)
        start = time.perf_counter()
        try:
            arrays = yield call
        except BaseException:
            steps.close()
            raise
        self._metrics.add("runtime_latency", start, model_name=name, API=api, runtime=RUNTIME)
        return finish(steps, arrays)
