"""Generated texts as rows of a table; each is marked as generated."""

from __future__ import annotations

from typing import Any

from ganclf.contract import LABEL, LOG_PROBABILITY, REALNESS, TEXT, GeneratedText
from ganclf.data.writing.cells import Column

GENERATED = "generated"  # true in every row
DIGITS = 4  # after the point
COLUMNS = (Column(TEXT), Column(LABEL), Column(LOG_PROBABILITY, DIGITS), Column(REALNESS, DIGITS), Column(GENERATED))


def generated_row(text: GeneratedText) -> dict[str, Any]:
    """The values of COLUMNS, by their names."""
    return {
        TEXT: text.text,
        LABEL: text.label,
        LOG_PROBABILITY: round(text.log_probability, DIGITS),
        REALNESS: round(text.realness, DIGITS),
        GENERATED: True,
    }
