"""SetFit in a process of its own: PyTorch and TensorFlow can't be loaded into one. Run by path, it imports neither.

It reads trial.json in the folder that it is given, and writes predictions.json there.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ["HF_HUB_OFFLINE"] = os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"  # read when it is imported
BATCH, EPOCHS = 16, 1  # SetFit's own defaults


def main(folder: Path) -> None:
    """Tune the sentence encoder on pairs, fit SetFit's head, and predict."""
    trial = json.loads((folder / "trial.json").read_text())
    start = time.perf_counter()
    model = _train(trial["preset"], trial["texts"], trial["class_ids"], trial["seed"])
    learned = time.perf_counter()
    class_ids = [int(each) for each in model.predict(trial["test_texts"], as_numpy=True)]
    seconds = {"training_seconds": learned - start, "predicting_seconds": time.perf_counter() - learned}
    settings = {"batch": BATCH, "epochs": EPOCHS} | seconds
    (folder / "predictions.json").write_text(json.dumps({"class_ids": class_ids, "settings": settings}))


def _train(preset: str, texts: list[str], class_ids: list[int], seed: int) -> Any:
    from datasets import Dataset
    from setfit import SetFitModel, Trainer, TrainingArguments

    model = SetFitModel.from_pretrained(preset)
    with tempfile.TemporaryDirectory() as output:
        settings = TrainingArguments(
            output_dir=output, batch_size=BATCH, num_epochs=EPOCHS, seed=seed, save_strategy="no", report_to="none"
        )
        Trainer(
            model=model, args=settings, train_dataset=Dataset.from_dict({"text": texts, "label": class_ids})
        ).train()
    return model


if __name__ == "__main__":
    main(Path(sys.argv[1]))
