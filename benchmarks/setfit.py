"""SetFit (Tunstall et al. 2022) on the labeled texts alone, from the same pretrained folder, where it is installed."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ganclf.errors import ConfigError

TIMEOUT = 4 * 3600  # seconds
PROCESS = Path(__file__).with_name("setfit_process.py")  # run with -P: its folder has a file called setfit


def predict_setfit(
    folder: str | None, texts: Sequence[str], labels: np.ndarray, test_texts: Sequence[str], seed: int
) -> tuple[np.ndarray, dict[str, Any]]:
    """Tune the sentence encoder on pairs, fit SetFit's head, and predict, in another process.

    Args:
        folder: of the sentence encoder, as --preset; nothing is downloaded.
        texts: n labeled texts.
        labels: n labels.
        test_texts: texts to predict.
        seed: of SetFit.

    Returns:
        The predictions, shape [test_texts]; the settings with the seconds that training and answering took.

    Raises:
        ConfigError: `folder` is not one, or SetFit took TIMEOUT or failed, with the last line of its output.
    """
    if folder is None or not Path(folder).is_dir():
        raise ConfigError(
            f"--methods setfit: --preset {folder} is not a folder; SetFit needs the folder of a sentence encoder."
        )
    classes, class_ids = np.unique(labels, return_inverse=True)
    trial = {"preset": str(Path(folder).resolve()), "texts": list(texts), "class_ids": class_ids.tolist()}
    with tempfile.TemporaryDirectory() as work:
        (Path(work) / "trial.json").write_text(json.dumps(trial | {"test_texts": list(test_texts), "seed": seed}))
        output = json.loads(_run([sys.executable, "-P", str(PROCESS), work], Path(work)))
    return classes[np.asarray(output["class_ids"], int)], output["settings"]


def _run(command: list[str], folder: Path) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    except subprocess.TimeoutExpired as error:
        raise ConfigError(
            f"--methods setfit: not done in {TIMEOUT} s. Give it fewer labels, or leave it out."
        ) from error
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no output"])[-1]
        raise ConfigError(f"--methods setfit: it failed ({last}). Install it: pip install setfit.")
    return (folder / "predictions.json").read_text()
