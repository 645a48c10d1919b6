"""What a server has: GetModelStatus and HandleReloadConfigRequest of ModelService, and GetModelMetadata."""

from __future__ import annotations

import grpc
from tensorflow_serving.apis import get_model_metadata_pb2, get_model_status_pb2, model_management_pb2

from serving.local.failures import RequestError, cut, invalid_argument, missing_model_spec
from serving.local.registry import ModelRegistry
from serving.local.versions import VersionState

SIGNATURES = "signature_def"  # the only metadata field there is


def get_model_status(
    models: ModelRegistry, request: get_model_status_pb2.GetModelStatusRequest
) -> get_model_status_pb2.GetModelStatusResponse:
    """Answer with the state of one version, or of every version, the highest first.

    Raises:
        RequestError: no model is named, its label is unknown, or there is nothing about it or about the version.
    """
    if not request.HasField("model_spec"):
        raise missing_model_spec()
    spec = request.model_spec
    states = models[spec.name].states() if spec.name in models else {}
    version = models.resolve_version(spec)
    if version is not None:
        states = {number: state for number, state in states.items() if number == version}
        if not states:
            raise _not_found(f"Could not find version {version} of model {spec.name}")
    if not states:
        raise _not_found(f"Could not find any versions of model {spec.name}")
    response = get_model_status_pb2.GetModelStatusResponse()
    for number, state in states.items():
        _add(response, number, state)
    return response


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
    with models.lease(request.model_spec) as servable:
        response.model_spec.name = request.model_spec.name
        response.model_spec.version.value = servable.version
        signatures = get_model_metadata_pb2.SignatureDefMap(signature_def=servable.signatures)
    response.metadata[SIGNATURES].Pack(signatures)
    return response


def reload_config(
    models: ModelRegistry, request: model_management_pb2.ReloadConfigRequest, is_allowed: bool
) -> model_management_pb2.ReloadConfigResponse:
    """Replace the models; the answer comes when the new ones are loaded.

    Args:
        models: to replace.
        request: with the new list.
        is_allowed: whether strangers can't reach this server, or may do this all the same.

    Raises:
        RequestError: PERMISSION_DENIED; the list is refused; UNKNOWN, a new model has no version that loads.
    """
    if not is_allowed:
        raise RequestError(
            grpc.StatusCode.PERMISSION_DENIED,
            "This server listens on more than the loopback address; start it with --allow_reload to allow this.",
        )
    missing = models.reload(request.config)
    if missing:
        named = ", ".join(f"{{{name}{_why(models, name)}}}" for name in sorted(missing))
        raise RequestError(grpc.StatusCode.UNKNOWN, f"{len(missing)} model(s) did not become available: {{{named}}}")
    response = model_management_pb2.ReloadConfigResponse()
    response.status.error_code = grpc.StatusCode.OK.value[0]
    return response


def _add(response: get_model_status_pb2.GetModelStatusResponse, number: int, state: VersionState) -> None:
    added = response.model_version_status.add(version=number, state=state.state)
    added.status.error_code = state.code.value[0]
    added.status.error_message = cut(state.message)


def _not_found(message: str) -> RequestError:
    return RequestError(grpc.StatusCode.NOT_FOUND, message)


def _why(models: ModelRegistry, name: str) -> str:
    failed = [state.message for state in models[name].states().values() if state.message]
    return f" due to error: {failed[0]}" if failed else ""
