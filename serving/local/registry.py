"""All models of a server, by name; another list of models can replace the one that holds."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import grpc
from tensorflow_serving.config.model_server_config_pb2 import ModelConfigList, ModelServerConfig

from serving.local.failures import RequestError, invalid_argument
from serving.local.model import ServedModel
from serving.local.model_config import check_models
from serving.local.servable import Servable
from serving.local.states import Retries, State
from serving.local.versions import Version

logger = logging.getLogger(__name__)
Labels = dict[str, dict[str, int]]  # version by label, by model


class ModelRegistry(Mapping[str, ServedModel]):
    """The models, those included that were retired: their states can still be asked for.

    Args:
        make_servable: loads a version.
        allow_labels_for_unavailable: a new label may point at a version that is not loaded yet.
        retries: of a load that failed.
    """

    def __init__(
        self,
        make_servable: Callable[[Version], Servable] | None = None,
        allow_labels_for_unavailable: bool = False,
        retries: Retries | None = None,
    ) -> None:
        self.on_available: Callable[[str, int], None] = lambda name, version: None
        self.on_idle: Callable[[], None] = lambda: None
        self._make_servable = make_servable
        self._retries = retries
        self._allow_unavailable = allow_labels_for_unavailable
        self._models: dict[str, ServedModel] = {}
        self._labels: Labels = {}
        self._config = ModelConfigList()
        self._changing = threading.Lock()  # one thread at a time loads and ends versions

    def __getitem__(self, name: str) -> ServedModel:
        return self._models[name]

    def __iter__(self) -> Iterator[str]:
        return iter(dict(self._models))

    def __len__(self) -> int:
        return len(self._models)

    def labelled_version(self, name: str, label: str) -> int:
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

    def update(self, look: bool = True) -> None:
        """Bring every model up to date; see ServedModel.update."""
        with self._changing:
            for model in self._models.values():
                self._update(model, look)

    def close(self) -> None:
        """End every version of every model."""
        with self._changing:
            for model in self._models.values():
                model.close()

    def _replace(self, config: ModelConfigList) -> list[str]:
        check_models(config, self._config)
        labels = self._check_labels(config)
        before = {model.name for model in self._config.config}
        self._config, self._labels = config, labels
        listed = {model.name: model for model in config.config}
        for name in before - listed.keys():
            self._models[name].retire()
        for name, model in listed.items():
            self._add(name).configure(Path(model.base_path), model.model_version_policy)
        for served in self._models.values():
            self._update(served, look=True)
        return [name for name in listed.keys() - before if self._models[name].version is None]

    def _add(self, name: str) -> ServedModel:
        if name not in self._models:
            model = ServedModel(name, Path(), self._make_servable, self._retries)
            model.on_available = lambda version: self.on_available(name, version)
            model.on_idle = lambda: self.on_idle()
            self._models = {**self._models, name: model}  # a new dict: requests read it without the lock
        return self._models[name]

    def _update(self, model: ServedModel, look: bool) -> None:
        try:
            model.update(look)
        except Exception:  # one model's bad moment, of its disk say, must not keep the others from their updates
            logger.exception("looking for versions of %s failed; it is tried again", model.name)

    def _check_labels(self, config: ModelConfigList) -> Labels:
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
