"""Which rows are read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ganclf.cli.options import Checked, option


@dataclass(frozen=True, kw_only=True)
class DataConfig(Checked):
    """Data."""

    data: tuple[Path, ...] = option(
        (), "one or more files: CSV, TSV, JSONL or Parquet, plain or .gz; default: the bundled sample", common=True
    )
    unlabeled: Path | None = option(None, "file with more texts; its labels are ignored", common=True)
    test: Path | None = option(None, "file with labeled texts, used for evaluation only", common=True)
    text_column: str | None = option(
        None, "name of the text column; default: found by its name or its content", common=True
    )
    label_column: str | None = option(
        None, "name of the label column; default: found by its name or its content", common=True
    )
    encoding: str | None = option(
        None, "encoding of the files, such as latin-1 or big5; default: UTF-8, UTF-16 or GB18030, found by content"
    )
    separator: str | None = option(
        None,
        "character between the columns of the files, or tab; default: comma, semicolon, tab or |, found by content",
    )
    labels_per_class: int | None = option(
        None, "keep this many random labels per class and drop the others, to try out training with few labels", low=1
    )
    max_unlabeled: int = option(
        200_000, "maximum number of unlabeled texts; of more, a random sample is used, which bounds memory and time",
        low=1,
    )  # fmt: skip
