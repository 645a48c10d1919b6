"""The commands that change: each takes the servers and the arguments, and yields lines to print."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from tensorflow_serving.config.model_server_config_pb2 import ModelConfig, ModelServerConfig

from ganclf import contract
from ganclf.errors import UserError
from serving.admin.fleet import Fleet, restoring
from serving.admin.model_list import (
    ModelList,
    describe_policy,
    go_back,
    serve_latest,
    serve_versions,
    set_label,
)


def versions(fleet: Fleet, arguments: argparse.Namespace) -> Iterator[str]:
    """Show or choose which versions are served."""
    models = ModelList(arguments.config)
    old, model = _copy(models), models.model(arguments.model)
    if arguments.versions and arguments.latest is not None:
        raise UserError("versions: give numbers or --latest, not both.")
    if arguments.latest is not None:
        if not 1 <= arguments.latest <= 1000:
            raise UserError(f"--latest {arguments.latest}: out of range; give a number from 1 to 1000.")
        serve_latest(model, arguments.latest)
    elif arguments.versions:
        _check_numbers(arguments.versions)
        serve_versions(model, arguments.versions)
    if arguments.versions or arguments.latest is not None:
        _check_labels(model, arguments.versions)
        restoring(fleet, old, lambda: _choose(fleet, models, old, arguments))
        models.write()
    served = ", ".join(str(number) for number in fleet.available(model.name)) or "none"
    yield f"{model.name}: {describe_policy(model)}; served now: {served}"


def label(fleet: Fleet, arguments: argparse.Namespace) -> Iterator[str]:
    """Let a label point at a version that is served, or remove it."""
    models = ModelList(arguments.config)
    old, model = _copy(models), models.model(arguments.model)
    served = fleet.available(model.name)
    if arguments.version is not None and arguments.version not in served:
        numbers = " ".join(str(number) for number in served)
        raise UserError(
            f"version {arguments.version} of {model.name} is not served, so no label can point at it; served: "
            f"{numbers or 'none'}. Serve it first: versions {model.name} {numbers} {arguments.version}".rstrip()
        )
    set_label(model, arguments.label, arguments.version)
    fleet.replace(models.config, old)
    models.write()
    where = "points nowhere now" if arguments.version is None else f"points at version {arguments.version}"
    yield f"{model.name}: {arguments.label} {where}"


def rollback(fleet: Fleet, arguments: argparse.Namespace) -> Iterator[str]:
    """Load the version before next to the others, then end those above it: no request meets a gap."""
    models = ModelList(arguments.config)
    old, model = _copy(models), models.model(arguments.model)
    served = fleet.available(model.name)
    target = _target(fleet, model.name, served, Path(model.base_path), arguments.to)

    def change() -> None:
        serve_versions(model, [*served, target])
        fleet.replace(models.config, old)
        fleet.wait_for(model.name, target)
        go_back(model, target)
        fleet.replace(models.config, old)

    restoring(fleet, old, change)
    models.write()
    yield f"{model.name}: version {target} serves; newer ones stay out until `versions {model.name} …` names them"


def reload(fleet: Fleet, arguments: argparse.Namespace) -> Iterator[str]:
    """Send the file as it is."""
    models = ModelList(arguments.config)
    fleet.replace(models.config, models.config)
    for address in fleet.addresses:
        yield f"{address}: {', '.join(models.names)}"


def _copy(models: ModelList) -> ModelServerConfig:
    copy = ModelServerConfig()
    copy.CopyFrom(models.config)
    return copy


def _check_numbers(numbers: list[int]) -> None:
    for number in numbers:
        if number < 0:
            raise UserError(f"version {number}: a version is a number from 0; give the name of its folder.")


def _check_labels(model: ModelConfig, numbers: list[int]) -> None:
    """Refuse to let a label point at nothing, now or when the next version is published."""
    left = [f"{label} ({version})" for label, version in model.version_labels.items() if version not in numbers]
    if left:
        raise UserError(
            f"versions: labels of {model.name} would point at versions that may not be served: {', '.join(left)}. Name "
            "these versions too, or move or remove the labels first."
        )


def _choose(fleet: Fleet, models: ModelList, old: ModelServerConfig, arguments: argparse.Namespace) -> None:
    fleet.replace(models.config, old)
    for number in arguments.versions:
        fleet.wait_for(arguments.model, number)


def _target(fleet: Fleet, model: str, served: list[int], base_path: Path, wanted: int | None) -> int:
    """The version to go back to: the requested one, or the highest known below the one that answers."""
    if wanted is not None:
        _check_numbers([wanted])
        return wanted
    if not served:
        raise UserError(f"no version of {model} is served by every server; name the one to go back to with --to.")
    known = {each.version for address in fleet.addresses for each in fleet.status(address, model) if not each.error}
    on_disk = (contract.version_number(folder.name) for folder in base_path.glob("*"))  # if it can be seen here
    known |= {number for number in on_disk if number is not None}
    below = [version for version in known if version < served[-1]]
    if not below:
        raise UserError(f"no version of {model} below {served[-1]} is known; name the one to go back to with --to.")
    return max(below)
