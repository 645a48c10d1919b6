"""Where the metrics are read: the path of --monitoring_config_file, on the REST port."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from serving.local.metrics import Metrics
from serving.local.text_protos import MonitoringConfig, read_text_proto

DEFAULT_PATH = "/monitoring/prometheus/metrics"


def metrics_pages(file: Path | None, metrics: Metrics) -> dict[str, Callable[[], str]]:
    """The page with the metrics by its path; without a file, or if the file does not enable it, there is none.

    Raises:
        ConfigError: the file can't be read, or is no MonitoringConfig.
    """
    if file is None:
        return {}
    config = read_text_proto(file, MonitoringConfig(), "--monitoring_config_file").prometheus_config
    return {config.path or DEFAULT_PATH: metrics.text} if config.enable else {}
