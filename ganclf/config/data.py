"""Which rows are read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ganclf.cli.options import Checked, option


@dataclass(frozen=True, kw_only=True)
class DataConfig(Checked):
    """Data."""

    data: tuple[Path, ...] = option(
        (), "one or more files with texts and labels; default: the bundled sample", common=True
    )
    unlabeled: Path | None = option(None, "file with more texts; its labels are ignored", common=True)
    test: Path | None = option(None, "file with labeled texts, used for evaluation only", common=True)
    text_column: tuple[str, ...] = option(
        (), "name of the text column, or of several that are joined; default: found by name and content", common=True
    )
    label_column: str | None = option(
        None, "name of the label column; default: found by name and content, and none where texts are generated",
        common=True,
    )  # fmt: skip
    classes: str | None = option(
        None,
        "names of the classes, separated by commas, where no text has a label: a sentence encoder learns from them",
    )
    labels: str = option(
        "auto", "whether a text has one label or may have several; auto sees it from the files",
        choices=("auto", "single", "multi"),
    )  # fmt: skip
    encoding: str | None = option(
        None, "encoding of the files, such as latin-1 or big5; default: UTF-8, UTF-16 or GB18030, found by content"
    )
    separator: str | None = option(
        None,
        "character between the columns of the files, or tab; default: comma, semicolon, tab or |, found by content",
    )
    header: bool | None = option(
        None, "whether the first row of the files names the columns; default: found by content"
    )
    quoting: str = option(
        "auto", "quotes in the files: none mean anything, or inside quotes they are doubled, or escaped by a backslash",
        choices=("auto", "none", "double", "backslash"),
    )  # fmt: skip
    keep_label_spelling: bool = option(
        False, "labels that differ by case, width, blanks, or as 1.0 and 1 do, are classes of their own"
    )
    no_label_values: tuple[str, ...] = option(
        (), "values of the label column that mean that a row has no label, such as UNK; '' for none but blank ones; "
        "default: found by content"
    )  # fmt: skip
    max_classes: int = option(10_000, "maximum number of classes; more are taken for the wrong column", low=2)
    labels_per_class: int | None = option(
        None, "keep this many random labels per class and drop the others, to try out training with few labels", low=1
    )
    max_unlabeled: int = option(
        200_000, "maximum number of unlabeled texts; of more, a random sample is used, which bounds memory and time",
        low=1,
    )  # fmt: skip
