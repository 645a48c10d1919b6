"""A run on real news, where the data folder is at hand; on training rows only, official test parts stay unseen."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("GANCLF_DATA", ROOT.parent / "shared" / "data"))

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(
        not (DATA / "ag_news").is_dir(), reason=f"no {DATA / 'ag_news'}; set GANCLF_DATA to the data folder"
    ),
]


def test_on_news_with_ten_labels_a_class_the_game_beats_the_linear_models(tmp_path):
    rows = pd.read_csv(DATA / "ag_news" / "train.csv.gz").sample(frac=1, random_state=1)
    rows[:1500].to_csv(tmp_path / "held.csv", index=False)
    rows[1500:].to_csv(tmp_path / "train.csv", index=False)
    command = [
        sys.executable, "-m", "ganclf.train", "--data", str(tmp_path / "train.csv"),
        "--test", str(tmp_path / "held.csv"),
        "--unlabeled", str(DATA / "ag_news" / "extra_train.csv.gz"), "--labels-per-class", "10", "--seed", "100",
        "--calibration", "none", "--steps", "400",
        "--output", str(tmp_path / "model"),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "model" / "1" / "assets.extra" / "report.json").read_text(encoding="utf-8"))
    accuracy = {name: result["accuracy"] for name, result in report["results"].items()}
    linear = max(accuracy["features_logistic_regression"], accuracy["tfidf_logistic_regression"])
    assert accuracy["game"] > linear + 0.06, accuracy
    assert report["resources"]["model_bytes"] < 50e6
    assert report["resources"]["peak_memory_bytes"] < 4 * 2**30
