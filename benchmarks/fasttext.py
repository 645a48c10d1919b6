"""fastText (Joulin et al. 2017) on few labels, where the package is installed."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ganclf.errors import DataError

PREFIX = "__label__"
SINGLE_CHARACTER_WORDS = re.compile("([\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])")  # written without spaces
SETTINGS = {"epoch": 50, "dim": 50, "wordNgrams": 2, "minn": 2, "maxn": 4, "bucket": 200_000}
LEARNING_RATES = (0.5, 0.25, 0.125, 0.0625)


def predict_fasttext(
    texts: Sequence[str], labels: Sequence[str], test_texts: Sequence[str], seed: int
) -> tuple[np.ndarray, dict[str, Any]]:
    """Train on labeled texts and predict.

    Args:
        texts: n texts.
        labels: n labels.
        test_texts: texts to predict.
        seed: of fastText.

    Returns:
        The predictions, shape [test_texts]; the settings.
    """
    classes = np.unique(labels)
    number = {name: i for i, name in enumerate(classes)}
    lines = [f"{PREFIX}{number[label]} {_line(text)}" for text, label in zip(texts, labels, strict=True)]
    model, rate = _train_gently(lines, seed)
    # the binding below `predict`, which fails with numpy 2
    found, _ = model.f.multilinePredict([_line(text) + "\n" for text in test_texts], 1, 0.0, "strict")
    return classes[[int(each[0].removeprefix(PREFIX)) if each else 0 for each in found]], SETTINGS | {"lr": rate}


def _train_gently(lines: list[str], seed: int) -> tuple[Any, float]:
    """Train; where the weights overflow, again with half the learning rate."""
    for rate in LEARNING_RATES:
        try:
            return _train(lines, seed, rate), rate
        except RuntimeError as error:
            if "NaN" not in str(error):
                raise
    raise DataError(f"fastText: NaN even at learning rate {LEARNING_RATES[-1]}. Leave it out of --methods.")


def _train(lines: list[str], seed: int, rate: float) -> Any:
    import fasttext

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "labeled.txt"
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        # one thread: with several, results change from run to run
        return fasttext.train_supervised(str(file), lr=rate, seed=seed, thread=1, verbose=0, minCount=1, **SETTINGS)


def _line(text: str) -> str:
    """A text as one line of lower-case words; characters of scripts without spaces are words."""
    return " ".join(SINGLE_CHARACTER_WORDS.sub(r" \1 ", text.lower().replace("\0", " ")).split())
