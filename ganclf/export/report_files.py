"""The report that travels with a published model: what the run took, its files, and where a reader finds them."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ganclf import contract
from ganclf.cli.options import plain_value


def resources_of(folder: Path, start: float, peak_memory: int) -> dict[str, Any]:
    """What a run took.

    Args:
        folder: assets.extra of the version, whose files are written but for the report.
        start: of the run, as of time.perf_counter.
        peak_memory: bytes.
    """
    return {
        "seconds": time.perf_counter() - start,
        "peak_memory_bytes": peak_memory,
        "model_bytes": sum(file.stat().st_size for file in folder.parent.rglob("*") if file.is_file()),
    }


def write_report(folder: Path, report: Mapping[str, Any], card: str, page: str) -> None:
    """Write a report as JSON, as a model card and as a page.

    Args:
        folder: assets.extra of the version.
        report: of the run.
        card: the model card, Markdown.
        page: HTML.
    """
    text = json.dumps(report, indent=1, ensure_ascii=False, default=plain_value)
    (folder / contract.REPORT_FILE).write_text(text + "\n", encoding="utf-8")
    (folder / contract.MODEL_CARD_FILE).write_text(card, encoding="utf-8")
    (folder / contract.HTML_REPORT_FILE).write_text(page, encoding="utf-8")


def published_sentences(report: Mapping[str, Any], version: Path) -> list[str]:
    """Where a version and its report are, and what they took."""
    resources = report["resources"]
    return [
        f"Published: {version} ({resources['model_bytes'] / 1e6:.1f} MB, {resources['seconds']:.0f} s, "
        f"{resources['peak_memory_bytes'] / 2**20:.0f} MiB at the peak).",
        f"Report: {version.resolve() / contract.ASSETS_EXTRA / contract.HTML_REPORT_FILE}",
    ]
