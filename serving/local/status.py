"""ModelService.GetModelStatus: which versions of a model there are, and where each is in its life."""

from __future__ import annotations

import grpc
from tensorflow_serving.apis import get_model_status_pb2

from serving.local.choice import chosen_version
from serving.local.failures import RequestError, cut, missing_model_spec
from serving.local.registry import ModelRegistry
from serving.local.states import VersionState


def get_model_status(
    models: ModelRegistry, request: get_model_status_pb2.GetModelStatusRequest
) -> get_model_status_pb2.GetModelStatusResponse:
    """Answer with the state of one version, or of every version, the highest first.

    Raises:
        RequestError: no model is named, its label is unknown, or nothing is known of it or of the version.
    """
    if not request.HasField("model_spec"):
        raise missing_model_spec()
    spec = request.model_spec
    states = models[spec.name].states() if spec.name in models else {}
    version = chosen_version(models, spec)
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


def _add(response: get_model_status_pb2.GetModelStatusResponse, number: int, state: VersionState) -> None:
    added = response.model_version_status.add(version=number, state=state.state)
    added.status.error_code = state.code.value[0]
    added.status.error_message = cut(state.message)


def _not_found(message: str) -> RequestError:
    return RequestError(grpc.StatusCode.NOT_FOUND, message)
