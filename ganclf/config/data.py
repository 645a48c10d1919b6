"""Which rows are read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ganclf.cli.options import Checked, option


@dataclass(frozen=True, kw_only=True)
class DataConfig(Checked):
    """Which rows are read."""

    data: tuple[Path, ...] = option(
        (), "CSV, TSV, JSONL or Parquet files, plain or .gz, one or more; default: the bundled sample"
    )
    unlabeled: Path | None = option(None, "file with further texts; its labels, if any, are not read")
    test: Path | None = option(None, "file with labelled texts, for the report only")
    text_column: str | None = option(None, "column with the text; default: found by name or content")
    label_column: str | None = option(None, "column with the label; default: found by name or content")
    labels_per_class: int | None = option(
        None, "keep this many random labels a class and treat the rest as unlabelled, to try the few-label case", low=1
    )
    max_unlabeled: int = option(
        200_000, "unlabelled texts that are used, chosen at random where there are more: bounds memory and time", low=1
    )
