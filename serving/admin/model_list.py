"""The file of --model_config_file: read, changed, and written at once. Imports no TensorFlow."""

from __future__ import annotations

import itertools
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from google.protobuf import text_format
from tensorflow_serving.config.model_server_config_pb2 import ModelConfig, ModelServerConfig

from ganclf.errors import UserError

LATEST = 1  # versions that are served where a model has no policy


class ModelList:
    """The models that servers have, as their config file lists them.

    Args:
        file: a text proto of ModelServerConfig.

    Raises:
        UserError: it can't be read, or lists no models.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        try:
            text = file.read_text(encoding="utf-8")
            self.config: ModelServerConfig = text_format.Parse(text, ModelServerConfig())
        except FileNotFoundError:
            raise UserError(
                f"--config: there is no file {file}. Give the file that the servers have as --model_config_file: "
                "--config FILE, before the subcommand."
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(f"--config: {file} can't be read ({error}). Give the --model_config_file.") from None
        except text_format.ParseError as error:
            raise UserError(f"--config: {file}:{error}. Mend it: it is a text proto of ModelServerConfig.") from None
        if not self.config.model_config_list.config:
            raise UserError(f"--config: {file} lists no models; give a file with a model_config_list.")
        self._header = list(itertools.takewhile(lambda line: line.startswith("#"), text.splitlines()))

    @property
    def names(self) -> list[str]:
        """Of the models, in their order."""
        return [model.name for model in self.config.model_config_list.config]

    def model(self, name: str) -> ModelConfig:
        """The entry of a model, to read or to change.

        Raises:
            UserError: there is none.
        """
        for model in self.config.model_config_list.config:
            if model.name == name:
                return model
        raise UserError(f"{self.file} lists no model {name!r}; it lists {', '.join(self.names)}.")

    def write(self) -> None:
        """Replace the file at once: a reader gets the old list or the new one. Its first comments stay."""
        draft = self.file.with_name(f".{self.file.name}.{secrets.token_hex(4)}")
        text = "\n".join([*self._header, text_format.MessageToString(self.config)])
        try:
            with draft.open("w", encoding="utf-8") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            draft.chmod(self.file.stat().st_mode)
            draft.replace(self.file)
        finally:
            draft.unlink(missing_ok=True)


def describe_policy(model: ModelConfig) -> str:
    """Which versions of a model are served, in words."""
    policy = model.model_version_policy
    match policy.WhichOneof("policy_choice"):
        case "specific":
            return "versions " + ", ".join(str(version) for version in sorted(policy.specific.versions))
        case "all":
            return "all versions"
        case _:
            count = policy.latest.num_versions or LATEST
            return f"the newest {count} versions" if count > 1 else "the newest version"


def serve_versions(model: ModelConfig, versions: Sequence[int]) -> None:
    """Serve exactly these versions."""
    model.model_version_policy.specific.versions[:] = sorted(set(versions))


def serve_latest(model: ModelConfig, count: int) -> None:
    """Serve the newest versions."""
    model.model_version_policy.latest.num_versions = count


def set_label(model: ModelConfig, label: str, version: int | None) -> None:
    """Let a label point at a version; None removes it.

    Raises:
        UserError: there is no such label to remove.
    """
    if version is not None:
        model.version_labels[label] = version
    elif label in model.version_labels:
        del model.version_labels[label]
    else:
        labels = ", ".join(sorted(model.version_labels)) or "none"
        raise UserError(f"{model.name} has no label {label!r}; it has: {labels}.")


def go_back(model: ModelConfig, version: int) -> None:
    """Serve a version and, below it, those with labels; labels above it come down to it."""
    for label, number in model.version_labels.items():
        model.version_labels[label] = min(number, version)
    serve_versions(model, [version, *model.version_labels.values()])
