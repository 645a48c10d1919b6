"""Which models a server has: ModelServerConfig, read from a file or a request, and checked as the stock server does."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from tensorflow_serving.config.model_server_config_pb2 import ModelConfigList, ModelServerConfig, ModelType

from serving.local.failures import invalid_argument
from serving.local.text_protos import read_text_proto

PLATFORM = "tensorflow"


def read_config_file(path: Path) -> ModelServerConfig:
    """The text proto of a --model_config_file.

    Raises:
        ConfigError: it can't be read, or is no ModelServerConfig.
    """
    config: ModelServerConfig = read_text_proto(path, ModelServerConfig(), "--model_config_file")
    return config


def one_model(name: str, base_path: Path) -> ModelServerConfig:
    """The configuration that --model_name and --model_base_path stand for."""
    config = ModelServerConfig()
    config.model_config_list.config.add(name=name, base_path=str(base_path), model_platform=PLATFORM)
    return config


def check_models(new: ModelConfigList, old: ModelConfigList) -> None:
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
