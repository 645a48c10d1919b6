"""Which model and version a request means."""

from __future__ import annotations

from contextlib import AbstractContextManager

from tensorflow_serving.apis import model_pb2

from serving.local.failures import invalid_argument, servable_not_found
from serving.local.registry import ModelRegistry
from serving.local.servable import Servable


def lease(models: ModelRegistry, spec: model_pb2.ModelSpec) -> AbstractContextManager[Servable]:
    """Hold the version that a ModelSpec means, while a request uses it.

    Raises:
        RequestError: no name, an unknown label, no such model or version.
    """
    if not spec.name:
        raise invalid_argument("ModelSpec has no name specified.")
    version = chosen_version(models, spec)
    if spec.name not in models:
        raise servable_not_found(spec.name, version)
    return models[spec.name].lease(version)


def chosen_version(models: ModelRegistry, spec: model_pb2.ModelSpec) -> int | None:
    """The version that a ModelSpec names by number or label; None: it names none.

    Raises:
        RequestError: INVALID_ARGUMENT, an unknown label.
    """
    if spec.WhichOneof("version_choice") == "version_label":
        return models.labelled_version(spec.name, spec.version_label)
    return int(spec.version.value) if spec.HasField("version") else None
