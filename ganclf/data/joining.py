"""Several files become one, and a text that has a label somewhere counts as labelled."""

from __future__ import annotations

from collections.abc import Sequence

from ganclf.data.reading import Rows


def join_rows(parts: Sequence[Rows]) -> Rows:
    """Put files one after the other; row numbers then name their file. Notes stay with the parts."""
    if len(parts) == 1:
        return parts[0]
    return Rows(
        texts=[text for rows in parts for text in rows.texts],
        labels=[label for rows in parts for label in rows.labels],
        source=", ".join(rows.source for rows in parts),
        text_column=parts[0].text_column,
        label_column=parts[0].label_column,
        row_numbers=[f"{rows.row_number(place)} of {rows.source}" for rows in parts for place in range(len(rows))],
    )


def labelled_texts(rows: Rows) -> set[str]:
    """The texts with a label, without the space around them; the empty text is none."""
    return {text.strip() for text, label in zip(rows.texts, rows.labels, strict=True) if label} - {""}


def without_copies(rows: Rows, labelled: set[str]) -> Rows:
    """Leave out unlabelled rows whose text is among `labelled`."""
    pairs = enumerate(zip(rows.texts, rows.labels, strict=True))
    return rows.take([place for place, (text, label) in pairs if label or text.strip() not in labelled])
