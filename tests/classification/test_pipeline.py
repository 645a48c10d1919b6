"""What a run shows of the rows before training."""

import io

import pytest
from rich.console import Console

from ganclf.classification import pipeline
from ganclf.cli import progress
from ganclf.config import GameConfig
from ganclf.data import check_rows, read_rows


@pytest.mark.parametrize(
    ("counts", "kind", "offered"),
    [((7, 2), "none", True), ((7, 2), "balanced", False), ((6, 2), "none", False)],
)
def test_class_weights_are_offered_where_labels_are_unbalanced(counts, kind, offered, tmp_path, monkeypatch):
    lines = [
        f"text {name} {number},{name}\n" for name, count in zip("ab", counts, strict=True) for number in range(count)
    ]
    file = tmp_path / "rows.csv"
    file.write_text("text,label\n" + "".join(lines))
    printed = io.StringIO()
    monkeypatch.setattr(progress, "console", Console(file=printed, width=300))
    pipeline._note_imbalance(check_rows(read_rows(file)), GameConfig(class_weights=kind))
    assert ("3.5 times as often" in printed.getvalue()) == ("--class-weights balanced" in printed.getvalue()) == offered
