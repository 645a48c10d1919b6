"""The beginning of a run: what can be checked before a file is read, and what every report says of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ganclf.cli.output import check_folder
from ganclf.config.devices import check_batch, choose_strategy, is_chief, require_tensorflow_backend
from ganclf.evaluation.report import versions


def start_run(output: Path, **batches: int) -> int:
    """Check backend, batches and the folder of the model.

    Args:
        output: folder of the versions.
        batches: rows of a step by their option, with underscores.

    Returns:
        The number of devices that train together.

    Raises:
        ConfigError: with a sentence for the user.
    """
    require_tensorflow_backend()
    replicas = choose_strategy().num_replicas_in_sync
    for name, size in batches.items():
        check_batch(f"--{name.replace('_', '-')}", size, replicas)
    if is_chief():
        check_folder(output)
    return replicas


def report_head(task: str, config: Any, output: Any) -> dict[str, Any]:
    """Of a report: when and by what a run was made, and its settings.

    Args:
        task: as of `train --task`.
        config: dataclass of the training, with a seed.
        output: dataclass of output and evaluation.
    """
    said: Mapping[str, Any] = asdict(output)
    return {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "task": task,
        "versions": versions(),
        "seed": config.seed,
        "configuration": asdict(config) | {name: value for name, value in said.items() if name != "restart"},
    }
