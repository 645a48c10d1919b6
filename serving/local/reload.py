"""ModelService.HandleReloadConfigRequest: another list of models, while the server runs."""

from __future__ import annotations

import grpc
from tensorflow_serving.apis import model_management_pb2

from serving.local.failures import RequestError
from serving.local.registry import ModelRegistry


def reload_config(
    models: ModelRegistry, request: model_management_pb2.ReloadConfigRequest, is_allowed: bool
) -> model_management_pb2.ReloadConfigResponse:
    """Replace the models; the answer comes when the new ones are loaded.

    Args:
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


def _why(models: ModelRegistry, name: str) -> str:
    failed = [state.message for state in models[name].states().values() if state.message]
    return f" due to error: {failed[0]}" if failed else ""
