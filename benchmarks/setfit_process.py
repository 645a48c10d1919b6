"""SetFit in a process of its own: PyTorch and TensorFlow can't be loaded into one. Run by path, it imports neither.

It reads task.json in the folder that it is given, and writes answers.json there.
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
    """Tune the sentence encoder on pairs, fit SetFit's head, and answer."""
    task = json.loads((folder / "task.json").read_text())
    start = time.perf_counter()
    model = _trained(task["preset"], task["texts"], task["numbers"], task["seed"])
    learned = time.perf_counter()
    numbers = [int(each) for each in model.predict(task["asked"], as_numpy=True)]
    took = {"training_seconds": learned - start, "answering_seconds": time.perf_counter() - learned}
    settings = {"batch": BATCH, "epochs": EPOCHS} | took
    (folder / "answers.json").write_text(json.dumps({"numbers": numbers, "settings": settings}))


def _trained(preset: str, texts: list[str], numbers: list[int], seed: int) -> Any:
    from datasets import Dataset
    from setfit import SetFitModel, Trainer, TrainingArguments

    model = SetFitModel.from_pretrained(preset)
    with tempfile.TemporaryDirectory() as output:
        settings = TrainingArguments(
            output_dir=output, batch_size=BATCH, num_epochs=EPOCHS, seed=seed, save_strategy="no", report_to="none"
        )
        Trainer(model=model, args=settings, train_dataset=Dataset.from_dict({"text": texts, "label": numbers})).train()
    return model


if __name__ == "__main__":
    main(Path(sys.argv[1]))
