"""Translation without pairs is measured: halves that share nothing, a row per method, and test parts logged."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from benchmarks.picture_translation import main

COUNT = 300
QUICK = ["--epochs", "1", "--width", "4", "--blocks", "1", "--discriminator-width", "4", "--batch-size", "32"]


@pytest.fixture
def data(tmp_path):
    """Bars of 32 pixels, 255 for ink, in two kinds; a tenth is test, a fifth dev."""
    random = np.random.default_rng(0)
    images = np.zeros((COUNT, 32, 32), np.uint8)
    for image in images:
        top, left = random.integers(0, 20, 2)
        image[top : top + random.integers(4, 12), left : left + random.integers(4, 12)] = 255
    folder = tmp_path / "bars"
    folder.mkdir()
    np.savez(folder / "dark.npz", images=images)
    np.savez(folder / "pale.npz", images=images // 2)
    splits = ["test", "dev", "dev", *["train"] * 7] * (COUNT // 10)
    pd.DataFrame({"index": range(COUNT), "character": "一", "split": splits}).to_csv(
        folder / "characters.csv.gz", index=False
    )
    return folder


def test_a_row_per_method_and_direction_and_the_test_part_is_logged(data, tmp_path, capsys):
    output = tmp_path / "found" / "rows.jsonl"
    output.parent.mkdir()
    words = ["--data", str(data), "--kinds", "dark", "pale", "--size", "16", "--ink", "--models",
             str(tmp_path / "models"), "--output", str(output), "--paired-epochs", "1"]  # fmt: skip
    assert main([*words, "--final", "--train", *QUICK]) == 0
    rows = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
    methods = ["real", "copy", "shift", "morphology", "this model", "network of pairs"]
    assert [(row["from"], row["method"]) for row in rows] == [
        (kind, name) for kind in ("dark", "pale") for name in methods
    ]
    by_name = {row["method"]: row for row in rows[:6]}
    assert by_name["real"]["l1"] == 0.0
    assert by_name["copy"]["psnr"] > 5.0
    assert {row["split"] for row in rows} == {"test"}

    halves = [
        pd.read_csv(tmp_path / "models" / "of_16" / "dark_pale" / kind / f"{kind}.csv") for kind in ("dark", "pale")
    ]
    learned = [set(half[half["split"] == "train"]["text"]) for half in halves]
    assert not learned[0] & learned[1]
    assert len(learned[0] | learned[1]) == 210

    log = [json.loads(line) for line in (output.parent / "test_uses.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["data"] for line in log] == ["bars"]
