"""What a server counts and times, as Prometheus text with the stock server's names."""

from __future__ import annotations

import bisect
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

PREFIX = ":tensorflow:serving:"
BOUNDS = tuple(10 * 1.8**power for power in range(33))  # microseconds: 10 to about 20 minutes
MetricLabels = tuple[tuple[str, str], ...]


class Histogram:
    """How often a time fell into each bucket; the owner locks."""

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS) + 1)
        self.total = 0.0  # microseconds

    def add(self, microseconds: float) -> None:
        """Count a time."""
        self.counts[bisect.bisect_left(BOUNDS, microseconds)] += 1
        self.total += microseconds


class Metrics:
    """Counters and histograms, written by all requests."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: dict[MetricLabels, int] = defaultdict(int)
        self._latencies: dict[str, dict[MetricLabels, Histogram]] = {
            "request_latency": defaultdict(Histogram),
            "runtime_latency": defaultdict(Histogram),
        }

    def count_request(self, model_name: str, status: str) -> None:
        """One more request of a model ended with a status."""
        with self._lock:
            self._requests[("model_name", model_name), ("status", status)] += 1

    def add(self, metric: str, start: float, **labels: str) -> None:
        """Count the time since `start`.

        Args:
            metric: `request_latency` or `runtime_latency`.
            start: on time.perf_counter's clock.
            labels: model_name and API, then entrypoint or runtime.
        """
        microseconds = 1e6 * (time.perf_counter() - start)
        with self._lock:
            self._latencies[metric][tuple(labels.items())].add(microseconds)

    def text(self) -> str:
        """All of it in Prometheus' text format."""
        with self._lock:
            lines = [f"# TYPE {PREFIX}request_count counter"]
            lines += [f"{PREFIX}request_count{_braces(labels)} {count}" for labels, count in self._requests.items()]
            for metric, histograms in self._latencies.items():
                lines.append(f"# TYPE {PREFIX}{metric} histogram")
                for labels, histogram in histograms.items():
                    lines += _lines(PREFIX + metric, labels, histogram)
        return "\n".join(lines) + "\n"


def _lines(name: str, labels: MetricLabels, histogram: Histogram) -> Iterator[str]:
    so_far = 0
    for bound, count in zip((*BOUNDS, None), histogram.counts, strict=True):
        so_far += count
        le = "+Inf" if bound is None else f"{bound:g}"
        yield f"{name}_bucket{_braces((*labels, ('le', le)))} {so_far}"
    yield f"{name}_sum{_braces(labels)} {histogram.total:.10g}"
    yield f"{name}_count{_braces(labels)} {so_far}"


def _braces(labels: Any) -> str:
    return "{" + ",".join(f'{name}="{_escape(value)}"' for name, value in labels) + "}"


def _escape(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
