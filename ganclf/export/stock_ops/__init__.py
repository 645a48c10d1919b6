"""The ops that the stock server 2.20 runs on a processor, frozen in ops_2_20.txt; `__main__` makes the file."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

FILE = "ops_2_20.txt"


@cache
def stock_ops() -> frozenset[str]:
    """The names of the ops, one per line of the file; # begins its source."""
    lines = files("ganclf.export.stock_ops").joinpath(FILE).read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))
