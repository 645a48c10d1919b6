"""What a run says of the rows before it learns."""

import io

import pytest
from rich.console import Console

from ganclf.classification import pipeline
from ganclf.config import GameConfig
from ganclf.data import check_rows, read_rows


@pytest.mark.parametrize(
    ("counts", "kind", "offered"),
    [((7, 2), "none", True), ((7, 2), "balanced", False), ((6, 2), "none", False)],
)
def test_class_weights_are_offered_where_labels_are_unbalanced(counts, kind, offered, tmp_path):
    lines = [
        f"text {name} {number},{name}\n" for name, count in zip("ab", counts, strict=True) for number in range(count)
    ]
    file = tmp_path / "rows.csv"
    file.write_text("text,label\n" + "".join(lines))
    said = io.StringIO()
    summary = check_rows(read_rows(file))
    pipeline._note_imbalance(summary, GameConfig(class_weights=kind), Console(file=said, width=300))
    assert ("3.5 times as often" in said.getvalue()) == ("--class-weights balanced" in said.getvalue()) == offered
