"""All models of a server by name: which version a request means, and the list of models, which can be replaced."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import grpc
from tensorflow_serving.apis import model_pb2
from tensorflow_serving.config.model_server_config_pb2 import ModelConfigList, ModelServerConfig, ModelType

from ganclf.errors import ModelError
from serving.local.config_files import PLATFORM
from serving.local.failures import RequestError, invalid_argument, servable_not_found
from serving.local.servable import Servable
from serving.local.served_model import ServedModel
from serving.local.versions import RetryPolicy, State, Version

logger = logging.getLogger(__name__)
VersionLabels = dict[str, dict[str, int]]  # version by label, by model


class ModelRegistry(Mapping[str, ServedModel]):
    """The models, including retired ones, whose states can still be read.

    Args:
        make_servable: loads a version.
        allow_labels_for_unavailable: a new label may point at a version that is not loaded yet.
        retries: of a load that failed.
    """

    def __init__(
        self,
        make_servable: Callable[[Version], Servable] | None = None,
        allow_labels_for_unavailable: bool = False,
        retries: RetryPolicy | None = None,
    ) -> None:
        self.on_available: Callable[[str, int], None] = lambda name, version: None
        self.on_idle: Callable[[], None] = lambda: None
        self._make_servable = make_servable
        self._retries = retries
        self._allow_unavailable = allow_labels_for_unavailable
        self._models: dict[str, ServedModel] = {}
        self._labels: VersionLabels = {}
        self._config = ModelConfigList()
        self._changing = threading.Lock()  # one thread at a time loads and ends versions

    def __getitem__(self, name: str) -> ServedModel:
        return self._models[name]

    def __iter__(self) -> Iterator[str]:
        return iter(dict(self._models))

    def __len__(self) -> int:
        return len(self._models)

    def lease(self, spec: model_pb2.ModelSpec) -> AbstractContextManager[Servable]:
        """Hold the version that a ModelSpec means, while a request uses it.

        Raises:
            RequestError: no name, an unknown label, no such model or version.
        """
        if not spec.name:
            raise invalid_argument("ModelSpec has no name specified.")
        version = self.resolve_version(spec)
        if spec.name not in self._models:
            raise servable_not_found(spec.name, version)
        return self._models[spec.name].lease(version)

    def resolve_version(self, spec: model_pb2.ModelSpec) -> int | None:
        """The version that a ModelSpec names by number or label; None: it names none.

        Raises:
            RequestError: INVALID_ARGUMENT, an unknown label.
        """
        if spec.WhichOneof("version_choice") == "version_label":
            return self.labeled_version(spec.name, spec.version_label)
        return int(spec.version.value) if spec.HasField("version") else None

    def labeled_version(self, name: str, label: str) -> int:
        """The version of a model to which a label points.

        Raises:
            RequestError: INVALID_ARGUMENT, it points nowhere.
        """
        try:
            return self._labels[name][label]
        except KeyError:
            raise invalid_argument(f"Unrecognized servable version label: {label}") from None

    def reload(self, config: ModelServerConfig) -> list[str]:
        """Replace the whole list of models, and load what is new.

        Returns:
            The new models of which no version serves.

        Raises:
            RequestError: the list is refused; then all stays as it was.
        """
        if config.WhichOneof("config") != "model_config_list":
            raise invalid_argument(
                "ServerModelConfig type not supported by HandleReloadConfigRequest. Only ModelConfigList is currently "
                "supported"
            )
        with self._changing:
            return self._replace(config.model_config_list)

    def update(self, poll: bool = True) -> None:
        """Bring every model up to date; see ServedModel.update."""
        with self._changing:
            for model in self._models.values():
                self._update(model, poll)

    def close(self) -> None:
        """End every version of every model."""
        with self._changing:
            for model in self._models.values():
                model.close()

    def _replace(self, config: ModelConfigList) -> list[str]:
        _check_models(config, self._config)
        labels = self._check_labels(config)
        before = {model.name for model in self._config.config}
        self._config, self._labels = config, labels
        listed = {model.name: model for model in config.config}
        for name in before - listed.keys():
            self._models[name].retire()
        for name, model in listed.items():
            self._add(name).configure(Path(model.base_path), model.model_version_policy)
        for served in self._models.values():
            self._update(served, poll=True)
        return [name for name in listed.keys() - before if self._models[name].version is None]

    def _add(self, name: str) -> ServedModel:
        if name not in self._models:
            model = ServedModel(name, Path(), self._make_servable, self._retries)
            model.on_available = lambda version: self.on_available(name, version)
            model.on_idle = lambda: self.on_idle()
            self._models = {**self._models, name: model}  # a new dict: requests read it without the lock
        return self._models[name]

    def _update(self, model: ServedModel, poll: bool) -> None:
        try:
            model.update(poll)
        except Exception:  # one model's bad moment, such as its disk's, must not keep the others from their updates
            logger.exception("polling for versions of %s failed; it is tried again", model.name)

    def _check_labels(self, config: ModelConfigList) -> VersionLabels:
        for model in config.config:
            for label, version in model.version_labels.items():
                if not self._may_label(model.name, label, version):
                    raise RequestError(
                        grpc.StatusCode.FAILED_PRECONDITION,
                        f"Request to assign label to version {version} of model {model.name}, which is not currently "
                        "available for inference",
                    )
        return {model.name: dict(model.version_labels) for model in config.config}

    def _may_label(self, name: str, label: str, version: int) -> bool:
        state: Any = self._models[name].states().get(version) if name in self._models else None
        if state is not None and state.state == State.AVAILABLE:
            return True
        return self._allow_unavailable and self._labels.get(name, {}).get(label, version) == version


class StartupCheck:
    """Watches the models of the first list until each of them serves, or failed for good.

    A folder without a version is waited for; a model that comes with a later list may fail without ending the server.

    Args:
        models: of the first list, by name.
    """

    def __init__(self, models: Mapping[str, ServedModel]) -> None:
        self._models = dict(models)

    def check(self) -> None:
        """Check once more.

        Raises:
            ModelError: no model is under way any more, and one failed as often as it may.
        """
        if any(model.version is None and not model.has_failed for model in self._models.values()):
            return
        lost = [model for model in self._models.values() if model.version is None]
        self._models = {}
        if lost:
            raise ModelError(
                f"Failed to start server. {len(lost)} servable(s) did not become available: "
                f"{{{', '.join(map(_describe, lost))}}}. Mend these versions, or take them out of their folders."
            )


def _describe(model: ServedModel) -> str:
    """The newest version, and what it met."""
    number, state = next(iter(model.states().items()))
    return f"{{{{name: {model.name} version: {number}}} due to error: {state.code.name}: {state.message}}}"


def _check_models(new: ModelConfigList, old: ModelConfigList) -> None:
    """Refuse a list that the stock server would refuse.

    Args:
        new: the list that shall hold.
        old: the list that holds now.

    Raises:
        RequestError: INVALID_ARGUMENT: a model twice, a relative path, a platform that is missing, changed or unknown.
    """
    seen: set[str] = set()
    for model in new.config:
        if model.name in seen:
            raise invalid_argument(f"Illegal to list model {model.name} multiple times in config list")
        seen.add(model.name)
    for model in new.config:
        if not Path(model.base_path).is_absolute() and not urlparse(model.base_path).scheme:
            raise invalid_argument(
                f"Expected model {model.name} to have an absolute path or URI; got base_path()={model.base_path}"
            )
    platforms = {model.name: _platform(model) for model in old.config}
    for model in new.config:
        _check_platform(model.name, _platform(model), platforms.get(model.name))


def _check_platform(name: str, platform: str, old: str | None) -> None:
    if old is not None and platform != old:
        raise invalid_argument(
            f"Illegal to change a model's platform. For model {name} platform was {old} and new platform requested "
            f"is {platform}"
        )
    if platform != PLATFORM:
        raise invalid_argument(f"Model {name} requests unsupported platform {platform}")


def _platform(model: Any) -> str:
    if model.model_type == ModelType.MODEL_TYPE_UNSPECIFIED:
        if not model.model_platform:
            raise invalid_argument(
                "Illegal setting neither ModelServerConfig::model_type (deprecated) nor "
                "ModelServerConfig::model_platform."
            )
        return str(model.model_platform)
    if model.model_platform:
        raise invalid_argument(
            "Illegal setting both ModelServerConfig::model_type (deprecated) and ModelServerConfig::model_platform."
        )
    return PLATFORM if model.model_type == ModelType.TENSORFLOW else "other"
