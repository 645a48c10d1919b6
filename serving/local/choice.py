"""Which model and version a request means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tensorflow_serving.apis import model_pb2

from serving.local.failures import invalid_argument
from serving.local.model import ServedModel, servable_not_found
from serving.local.servable import Servable

Models = Mapping[str, ServedModel]  # by name


@contextmanager
def lease(models: Models, spec: model_pb2.ModelSpec) -> Iterator[Servable]:
    """Hold the version that a ModelSpec means, while a request uses it.

    Raises:
        RequestError: no name, an unknown label (none can be configured yet), no such model or version.
    """
    if not spec.name:
        raise invalid_argument("ModelSpec has no name specified.")
    if spec.WhichOneof("version_choice") == "version_label":
        raise invalid_argument(f"Unrecognized servable version label: {spec.version_label}")
    version = spec.version.value if spec.HasField("version") else None
    if spec.name not in models:
        raise servable_not_found(spec.name, version)
    with models[spec.name].lease(version) as servable:
        yield servable
