"""SetFit (Tunstall et al. 2022) on the labelled texts alone, from the same pretrained folder, where it is installed."""

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

LONGEST = 4 * 3600  # seconds
PROCESS = Path(__file__).with_name("setfit_process.py")  # run with -P: beside it lies a file called setfit


def answer_by_setfit(
    folder: str | None, texts: Sequence[str], labels: np.ndarray, asked: Sequence[str], seed: int
) -> tuple[np.ndarray, dict[str, Any]]:
    """Tune the sentence encoder on pairs, fit SetFit's head, and predict, all in another process.

    Args:
        folder: of the sentence encoder, as --preset; nothing is downloaded.
        texts: n labelled texts.
        labels: n labels.
        asked: texts to predict.
        seed: of SetFit.
    Returns:
        The predictions, shape [asked]; the settings with the seconds that training and answering took.
    Raises:
        ConfigError: `folder` is none, or SetFit took LONGEST or failed, with its own last words.
    """
    if folder is None or not Path(folder).is_dir():
        raise ConfigError(
            f"--methods setfit: --preset {folder} is no folder; SetFit needs the folder of a sentence encoder."
        )
    classes, numbers = np.unique(labels, return_inverse=True)
    task = {"preset": str(Path(folder).resolve()), "texts": list(texts), "numbers": numbers.tolist()}
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "task.json").write_text(json.dumps(task | {"asked": list(asked), "seed": seed}))
        told = json.loads(_answers_of([sys.executable, "-P", str(PROCESS), place], Path(place)))
    return classes[np.asarray(told["numbers"], int)], told["settings"]


def _answers_of(command: list[str], place: Path) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST, check=False)
    except subprocess.TimeoutExpired as error:
        raise ConfigError(
            f"--methods setfit: not done in {LONGEST} s. Give it fewer labels, or leave it out."
        ) from error
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no words"])[-1]
        raise ConfigError(f"--methods setfit: it failed ({last}). Install it: pip install setfit.")
    return (place / "answers.json").read_text()
