"""Objects in the rows of a JSON or Parquet file become columns of their own: `data.text`, `meta.source`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ganclf.data.table import Table

MAX_KEYS = 200  # of the objects of one column; more are values where names belong

_CHOICES = frozenset(("choices", "labels", "rating", "taxonomy"))  # objects that stand for a label
_NESTED_KINDS = ("json", "jsonl", "parquet")


def flatten(table: Table) -> Table:
    """Add a column for each key of columns of objects.

    Args:
        table: any table.

    Returns:
        The table, with `name.key` for every key of the objects in column `name`; the column itself stays.
    """
    if table.kind not in _NESTED_KINDS:
        return table
    inner: dict[str, tuple[str, str]] = {}
    for name in table.names:
        for key in _keys(table.read(name)):
            inner.setdefault(f"{name}.{key}", (name, key))
    inner = {name: place for name, place in inner.items() if name not in table.names}
    if not inner:
        return table

    def read(name: str) -> list[Any]:
        if name not in inner:
            return table.read(name)
        outer, key = inner[name]
        return [value.get(key) if isinstance(value, Mapping) else None for value in table.read(outer)]

    return replace(table, names=(*table.names, *inner), header=(*table.header, *inner), read=read)


def _keys(values: list[Any]) -> list[str]:
    """Keys of the objects of a column, in order; none where it holds something else too."""
    keys: dict[str, None] = {}
    for value in values:
        if value is None:
            continue
        if not isinstance(value, Mapping) or _CHOICES & value.keys():
            return []
        keys.update(dict.fromkeys(value))
        if len(keys) > MAX_KEYS:
            return []
    return list(keys)
