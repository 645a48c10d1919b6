"""What servers have, and where that differs from the file that lists what they should have."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from tensorflow_serving.config.model_server_config_pb2 import ModelConfig

from ganclf import contract
from ganclf.errors import program
from serving.admin.fleet import AVAILABLE, Fleet
from serving.admin.model_list import LATEST, ModelList, describe_policy
from serving.answers import VersionStatus


def show_status(fleet: Fleet, arguments: argparse.Namespace) -> Iterator[str]:
    """Each model on each server as the server tells it: versions, states, labels, errors; then how the file differs.

    Args:
        fleet: the servers.
        arguments: `models`, the names to ask for: the protocol has no list of them; and `config`, the file, or None.
    """
    listed = ModelList(arguments.config) if arguments.config else None
    names = arguments.models or (listed.names if listed else [contract.DEFAULT_MODEL])
    for address in fleet.addresses:
        yield address
        for name in names:
            entry = listed.model(name) if listed and name in listed.names else None
            yield from _show_model(fleet, address, name, entry)
            if listed and not entry:
                yield f"    not in {arguments.config}"
            elif entry:
                yield f"    {arguments.config}: {_compare(fleet, address, entry)}"
    if not arguments.models and not listed:
        command = f"{program('admin', 'serving.admin')} status"
        yield f"Only {names[0]!r} was asked for: servers list no names. Name others, as in: {command} NAME"


def _show_model(fleet: Fleet, address: str, name: str, entry: ModelConfig | None) -> Iterator[str]:
    """What a server answers about a model; of labels it can be asked only for those that the file has."""
    found = fleet.status(address, name)
    if not found:
        yield f"  {name}: unknown to this server"
        return
    served = ", ".join(str(number) for number in _available(found))
    yield f"  {name}: {f'serves {served}' if served else 'serves no version'}"
    labels = _labels(fleet, address, entry) if entry else {}
    for each in found:
        pointing = sorted(label for label, version in labels.items() if version == each.version)
        yield "  " + "  ".join(part for part in (f"{each.version:>6}", each.state, *pointing, each.error) if part)


def _compare(fleet: Fleet, address: str, entry: ModelConfig) -> str:
    """One sentence: the policy of the file, and what differs on the server."""
    found = fleet.status(address, entry.name)
    if not found:
        return f"{describe_policy(entry)} of {entry.base_path}; `reload` sends it to this server"
    differences = [*_version_differences(_available(found), entry), *_label_differences(fleet, address, entry)]
    return f"{describe_policy(entry)}; " + ("; ".join(differences) or "the server agrees")


def _version_differences(served: list[int], entry: ModelConfig) -> list[str]:
    policy = entry.model_version_policy
    choice = policy.WhichOneof("policy_choice")
    if choice == "specific":
        wanted = set(policy.specific.versions)
        missing, more = sorted(wanted - set(served)), sorted(set(served) - wanted)
        return [
            *(f"version {number} is not served" for number in missing),
            *(f"version {number} is served, and not in the file" for number in more),
        ]
    count = policy.latest.num_versions or LATEST
    return [f"{len(served)} versions are served"] if choice != "all" and len(served) > count else []


def _label_differences(fleet: Fleet, address: str, entry: ModelConfig) -> list[str]:
    on_server = _labels(fleet, address, entry)
    return [
        f"the label {label} of version {version} points {f'at version {at}' if (at := on_server[label]) else 'nowhere'}"
        for label, version in sorted(entry.version_labels.items())
        if on_server[label] != version
    ]


def _labels(fleet: Fleet, address: str, entry: ModelConfig) -> dict[str, int | None]:
    """Where the labels of the file point on the server; None: nowhere."""
    return {label: fleet.labeled(address, entry.name, label) for label in entry.version_labels}


def _available(found: list[VersionStatus]) -> list[int]:
    return sorted(each.version for each in found if each.state == AVAILABLE)
