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

from serving.local import multi_inference
from serving.local.choice import Models, lease
from serving.local.classify import run_classify
from serving.local.failures import missing_model_spec
from serving.local.metadata import get_model_metadata
from serving.local.predict import run_predict
from serving.local.regress import run_regress
from serving.local.servable import Servable


class PredictionService:
    """Each method takes a request and the seconds until its deadline, None without one, and returns the response.

    Raises:
        RequestError, tf.errors.OpError: the request is refused, or the model failed on it.
    """

    def __init__(self, models: Models) -> None:
        self._models = models

    def predict(self, request: predict_pb2.PredictRequest, seconds_left: float | None) -> predict_pb2.PredictResponse:
        """Tensors in, tensors out."""
        return self._run(run_predict, request, seconds_left)

    def classify(
        self, request: classification_pb2.ClassificationRequest, seconds_left: float | None
    ) -> classification_pb2.ClassificationResponse:
        """tf.Examples in, classes with scores out."""
        return self._run(run_classify, request, seconds_left)

    def regress(
        self, request: regression_pb2.RegressionRequest, seconds_left: float | None
    ) -> regression_pb2.RegressionResponse:
        """tf.Examples in, a number for each out."""
        return self._run(run_regress, request, seconds_left)

    def multi_inference(
        self, request: inference_pb2.MultiInferenceRequest, seconds_left: float | None
    ) -> inference_pb2.MultiInferenceResponse:
        """Several signatures over the same tf.Examples."""
        with lease(self._models, multi_inference.spec_of(request)) as servable:
            return multi_inference.run_multi_inference(servable, request, seconds_left)

    def metadata(
        self, request: get_model_metadata_pb2.GetModelMetadataRequest, seconds_left: float | None
    ) -> get_model_metadata_pb2.GetModelMetadataResponse:
        """The signatures of a model."""
        return get_model_metadata(self._models, request)

    def _run(self, run: Callable[[Servable, Any, float | None], Any], request: Any, seconds_left: float | None) -> Any:
        if not request.HasField("model_spec"):
            raise missing_model_spec()
        with lease(self._models, request.model_spec) as servable:
            return run(servable, request, seconds_left)
