"""Tables are written: one class per form, each of which appends blocks of rows to a draft."""

from __future__ import annotations

from pathlib import Path

from ganclf.data.writing.arrow import Parquet
from ganclf.data.writing.cells import Column, as_cell, free_name
from ganclf.data.writing.form import Form
from ganclf.data.writing.lines import CSV, TSV, JSONLines
from ganclf.data.writing.spreadsheet import XLSX
from ganclf.errors import ConfigError

__all__ = ["CSV", "FORMS", "TSV", "XLSX", "Column", "Form", "JSONLines", "Parquet", "as_cell", "find_form", "free_name"]

FORMS: dict[str, type[Form]] = {
    ".csv": CSV,
    ".tsv": TSV,
    ".jsonl": JSONLines,
    ".ndjson": JSONLines,
    ".xlsx": XLSX,
    ".parquet": Parquet,
}


def find_form(file: Path) -> type[Form]:
    """Return the form that a file's ending means.

    Raises:
        ConfigError: it means none, or a library is missing.
    """
    form = FORMS.get(file.suffix.lower())
    if form is None:
        raise ConfigError(
            f"--output {file}: unknown ending {file.suffix!r}. Give a name that ends in {', '.join(FORMS)}."
        )
    if library := form.missing_library():
        raise ConfigError(
            f"--output {file}: {library} is not installed. Install it with: pip install "
            "'ganclf[spreadsheets]', or give a name that ends in .csv."
        )
    return form
