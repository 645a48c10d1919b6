"""How readable pictures of single characters are: an independent character reader tries each.

The reader is the recognizer of PP-OCRv4 (Apache-2.0), an ONNX file in the wheel of rapidocr-onnxruntime 1.4.4, of which
no code runs: `pip download rapidocr-onnxruntime==1.4.4 --no-deps` gets it. It never saw our pictures, and nothing is
trained with it.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from ganclf.errors import ConfigError

MODEL = "rapidocr_onnxruntime/models/ch_PP-OCRv4_rec_infer.onnx"
SIDE = 48  # pixels of the height that the reader takes
WIDTH = 64  # pixels of a picture with the paper beside it
PAPER = 1.0
SURE = 0.9  # probability above which a picture counts as some character
BATCH = 64


@dataclass(frozen=True)
class Readings:
    """What was read in each picture.

    Attributes:
        characters: the most likely one; "" where there is none.
        probabilities: of it, float32, shape [pictures].
    """

    characters: list[str]
    probabilities: np.ndarray

    def accuracy(self, true: Sequence[str]) -> float:
        """Share that is read as the true character."""
        return float(np.mean([read == character for read, character in zip(self.characters, true, strict=True)]))

    def readable(self) -> float:
        """Share that is read as any character with a probability above SURE."""
        return float((self.probabilities > SURE).mean())


class GlyphReader:
    """Reads one character per picture.

    Args:
        source: the wheel of rapidocr-onnxruntime, or an ONNX file of the recognizer.

    Raises:
        ConfigError: the file is not there or holds no recognizer, or onnxruntime is not installed.
    """

    def __init__(self, source: Path) -> None:
        try:
            import onnxruntime
        except ImportError as missing:
            raise ConfigError("onnxruntime is not installed. Install it with: pip install 'ganclf[onnx]'.") from missing
        try:
            content = source.read_bytes() if source.suffix == ".onnx" else zipfile.ZipFile(source).read(MODEL)
        except (OSError, KeyError, zipfile.BadZipFile) as error:
            raise ConfigError(
                f"{source}: holds no reader ({error}). Get it with: pip download rapidocr-onnxruntime==1.4.4 --no-deps."
            ) from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name
        self._alphabet = ["", *self._session.get_modelmeta().custom_metadata_map["character"].splitlines(), " "]

    def read(self, pictures: np.ndarray) -> Readings:
        """Read pictures of dark ink on white paper.

        Args:
            pictures: from 0 (ink) to 1 (paper), float, shape [pictures, side, side] or with one channel last.
        """
        flat = pictures[..., 0] if pictures.ndim == 4 else pictures
        characters: list[str] = []
        probabilities = np.zeros(len(flat), np.float32)
        for start in range(0, len(flat), BATCH):
            lines = np.stack([_as_line(picture) for picture in flat[start : start + BATCH]])
            found = self._session.run(None, {self._input: lines})[0]
            for row, steps in enumerate(found):
                characters.append(self._text(steps))
                probabilities[start + row] = steps[:, 1:].max()
        return Readings(characters, probabilities)

    def _text(self, steps: np.ndarray) -> str:
        """The most likely symbol of each place, repeats and empty ones left out (CTC); shape [places, symbols]."""
        best = steps.argmax(axis=1)
        kept = [symbol for place, symbol in enumerate(best) if symbol and (not place or symbol != best[place - 1])]
        return "".join(self._alphabet[symbol] for symbol in kept).strip()


def _as_line(picture: np.ndarray) -> np.ndarray:
    """A picture in the middle of white paper, from -1 to 1, float32, shape [3, SIDE, WIDTH]."""
    levels = Image.fromarray(np.round(np.clip(picture, 0.0, 1.0) * 255.0).astype(np.uint8))
    inner = SIDE - 8
    line = np.full((SIDE, WIDTH), PAPER, np.float32)
    top, left = (SIDE - inner) // 2, (WIDTH - inner) // 2
    resized = levels.resize((inner, inner), Image.Resampling.BICUBIC)
    line[top : top + inner, left : left + inner] = np.asarray(resized, np.float32) / 255.0
    return np.broadcast_to(2.0 * line - 1.0, (3, SIDE, WIDTH))
