"""Two checkouts side by side: one interpreter, two servers, alternating requests."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import compare_builds

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_a_build_beside_itself(text_model, publish, tmp_path, capsys):
    publish(text_model, tmp_path, 1)
    words = [str(ROOT), str(ROOT), "--model", str(tmp_path), "--requests", "120", "--max-ratio", "1000"]
    assert compare_builds.main(words) == 0
    printed, sentence = capsys.readouterr().out.rsplit("}\n", 1)
    figures = json.loads(printed + "}")
    assert figures["requests"] == [150, 150]  # whole blocks
    assert figures["ratio"] == pytest.approx(figures["median_ms"]["new"] / figures["median_ms"]["old"], rel=0.01)
    assert sentence.startswith(f"The median answer of one text takes {figures['median_ms']['new']:.3f} ms")


def test_blocks_alternate_and_their_order_turns_around():
    calls: list[str] = []
    seconds = compare_builds._alternate([lambda: calls.append("old"), lambda: calls.append("new")], 100)
    timed = calls[2 * compare_builds.WARM_UP :: compare_builds.BLOCK]
    assert timed == ["old", "new", "new", "old"]
    assert [len(each) for each in seconds] == [100, 100]


def test_the_largest_difference_counts_and_another_shape_is_infinite():
    old = np.zeros((2, 3))
    new = old.copy()
    new[1, 2] = -0.25
    assert compare_builds._difference(old, new) == 0.25
    assert compare_builds._difference(old, np.zeros((3, 2))) == float("inf")


def test_a_folder_that_is_no_checkout_is_refused(tmp_path, capsys):
    with pytest.raises(SystemExit):
        compare_builds.main([str(tmp_path), str(ROOT)])
    assert "is not a checkout of this project" in capsys.readouterr().err
