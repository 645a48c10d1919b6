"""SetFit (Tunstall et al. 2022) on the labelled texts alone, from the same pretrained folder, where it is installed."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ganclf.errors import ConfigError

BATCH, EPOCHS = 16, 1  # SetFit's own defaults


def answer_by_setfit(
    folder: str | None, texts: Sequence[str], labels: np.ndarray, asked: Sequence[str], seed: int
) -> tuple[np.ndarray, dict[str, Any]]:
    """Tune the sentence encoder on pairs, fit SetFit's head, and predict.

    Args:
        folder: of the sentence encoder, as --preset; nothing is downloaded.
        texts: n labelled texts.
        labels: n labels.
        asked: texts to predict.
        seed: of SetFit.
    Returns:
        The predictions, shape [asked]; the settings with the seconds that training and answering took.
    """
    if folder is None or not Path(folder).is_dir():
        raise ConfigError(
            f"--methods setfit: --preset {folder} is no folder; SetFit needs the folder of a sentence encoder."
        )
    classes, numbers = np.unique(labels, return_inverse=True)
    start = time.perf_counter()
    model = _trained(folder, list(texts), numbers.tolist(), seed)
    learned = time.perf_counter()
    answers = classes[np.asarray(model.predict(list(asked), as_numpy=True), int)]
    took = {"training_seconds": learned - start, "answering_seconds": time.perf_counter() - learned}
    return answers, {"batch": BATCH, "epochs": EPOCHS} | took


def _trained(folder: str, texts: list[str], numbers: list[int], seed: int) -> Any:
    os.environ["HF_HUB_OFFLINE"] = os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"  # read when it is imported
    from datasets import Dataset
    from setfit import SetFitModel, Trainer, TrainingArguments

    model = SetFitModel.from_pretrained(folder)
    with tempfile.TemporaryDirectory() as output:
        settings = TrainingArguments(
            output_dir=output, batch_size=BATCH, num_epochs=EPOCHS, seed=seed, save_strategy="no", report_to="none"
        )
        Trainer(model=model, args=settings, train_dataset=Dataset.from_dict({"text": texts, "label": numbers})).train()
    return model
