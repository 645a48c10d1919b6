"""PredictionService.GetModelMetadata: the signatures of a model."""

from __future__ import annotations

from tensorflow_serving.apis import get_model_metadata_pb2

from serving.local.choice import lease
from serving.local.failures import invalid_argument, missing_model_spec
from serving.local.registry import ModelRegistry

SIGNATURES = "signature_def"  # the only field there is


def get_model_metadata(
    models: ModelRegistry, request: get_model_metadata_pb2.GetModelMetadataRequest
) -> get_model_metadata_pb2.GetModelMetadataResponse:
    """Answer with the SignatureDefs of the version that the request means.

    Raises:
        RequestError: no model, no such version, no field, or a field that does not exist.
    """
    if not request.HasField("model_spec"):
        raise missing_model_spec()
    if not request.metadata_field:
        raise invalid_argument("GetModelMetadataRequest must specify at least one metadata_field")
    for field in request.metadata_field:
        if field != SIGNATURES:
            raise invalid_argument(f"Metadata field {field} is not supported")
    response = get_model_metadata_pb2.GetModelMetadataResponse()
    with lease(models, request.model_spec) as servable:
        response.model_spec.name = request.model_spec.name
        response.model_spec.version.value = servable.version
        signatures = get_model_metadata_pb2.SignatureDefMap(signature_def=servable.signatures)
    response.metadata[SIGNATURES].Pack(signatures)
    return response
