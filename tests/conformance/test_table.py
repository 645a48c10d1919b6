"""docs/reference/protocol.md names a test for each row, and these tests are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
TABLE = (HERE.parents[1] / "docs" / "reference" / "protocol.md").read_text(encoding="utf-8")
ROWS = [line for line in TABLE.splitlines() if line.startswith("| ") and "test in `" not in line]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip())
def test_the_row_has_its_test(row):
    named = re.findall(r"`(\w+)::(test_\w+)`(?: \"([^\"]+)\")?", row)
    assert named
    for file, test, case in named:
        tree = ast.parse((HERE / f"test_rows_{file}.py").read_text(encoding="utf-8"))
        assert test in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
        assert not case or case in texts
