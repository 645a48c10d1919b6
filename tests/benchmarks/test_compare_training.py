"""Training of two checkouts side by side."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import compare_training

ROOT = Path(__file__).parents[2]


def draw(seconds: float, accuracy: float, peak: float = 100.0) -> dict[str, float]:
    return {"seconds": seconds, "processor_seconds": 2 * seconds, "peak_memory_bytes": peak, "accuracy": accuracy}


def test_ratios_are_of_the_sums_and_accuracies_are_paired():
    draws = [
        {"old": draw(10.0, 0.80), "new": draw(2.0, 0.81)},
        {"old": draw(20.0, 0.90), "new": draw(4.0, 0.89, 90.0)},
    ]
    figures = compare_training.summarize(draws)
    assert figures["ratios"] == {"seconds": 0.2, "processor_seconds": 0.2, "peak_memory_bytes": 0.95}
    assert figures["accuracy_gain"] == {"mean": 0.0, "standard_error": 1.0}
    assert figures["holds"]
    assert "takes 0.20 times the seconds" in compare_training.sentence(figures)


@pytest.mark.parametrize("new", [draw(4.0, 0.8), draw(2.0, 0.797), draw(2.0, 0.8, 101.0)])
def test_each_limit_counts(new):
    assert not compare_training.summarize([{"old": draw(10.0, 0.8), "new": new}])["holds"]


@pytest.mark.slow
def test_a_build_beside_itself(tmp_path, capsys):
    random, file = np.random.default_rng(0), tmp_path / "features.npz"
    truth = np.arange(200) % 2
    features = (np.eye(8)[truth] + 0.3 * random.normal(size=(200, 8))).astype(np.float32)
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    np.savez(file, features=features, labels=np.where(np.arange(200) < 100, np.array(["a", "b"])[truth], ""))
    words = [str(ROOT), str(ROOT), "--features", str(file), "--seeds", "100-100", "--labels", "5",
             "--steps", "50"]  # fmt: skip
    compare_training.main(words)
    printed = capsys.readouterr().out
    figures = json.loads(printed[: printed.rindex("}") + 1])
    assert figures["draws"][0]["old"]["accuracy"] == figures["draws"][0]["new"]["accuracy"] > 0.8
    assert figures["accuracy_gain"]["mean"] == 0.0
