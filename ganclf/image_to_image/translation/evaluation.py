"""How good translated pictures are, beside what learns nothing or next to nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import tensorflow as tf

from ganclf.cli.progress import progress
from ganclf.encoders.pictures.form import as_floats
from ganclf.evaluation.image_metrics import patch_frechet
from ganclf.evaluation.picture_sheets import SHOWN
from ganclf.image_to_image.translation.kinds import Kinds
from ganclf.image_to_image.translation.networks import DIRECTIONS, Translator
from ganclf.image_to_image.translation.training import Translate, figures_of, held_out_of, test_of, translating

COPY, SHIFT, MORPHOLOGY, MODEL = "copy", "shift", "morphology", "this model"
REAL = "real pictures, half beside half"
MAX_SHIFT = 2  # pixels
AMOUNTS = np.linspace(-1.0, 1.0, 9)  # of thinner strokes, below 0 of bolder ones


def shifted(down: int, right: int) -> Translate:
    """Pictures moved by whole pixels; their edges are repeated."""

    def translate(pictures: np.ndarray) -> np.ndarray:
        padded = np.pad(as_floats(pictures), [(0, 0), (MAX_SHIFT, MAX_SHIFT), (MAX_SHIFT, MAX_SHIFT), (0, 0)], "edge")
        height, width = pictures.shape[1:3]
        top, left = MAX_SHIFT - down, MAX_SHIFT - right
        return padded[:, top : top + height, left : left + width]

    return translate


def with_strokes(amount: float) -> Translate:
    """Dark strokes made thinner by up to a pixel on each side, or below 0 bolder (gray-scale morphology)."""

    def translate(pictures: np.ndarray) -> np.ndarray:
        values = as_floats(pictures)
        sign = 1.0 if amount > 0.0 else -1.0
        extreme = sign * tf.nn.max_pool2d(sign * tf.constant(values), 3, 1, "SAME").numpy()
        return (values + abs(amount) * (extreme - values)).astype(np.float32)

    return translate


def best_of(candidates: list[Translate], kinds: Kinds, direction: int) -> Translate:
    """The one with the least difference on held-out pairs or, where there are none, the least Fréchet distance."""
    given, real, pairs = held_out_of(kinds, direction)

    def badness(translate: Translate) -> float:
        made = translate(given)
        if not kinds.has_pairs:
            return patch_frechet(made, as_floats(real))
        return float(np.abs(made[pairs[:, 0]] - as_floats(real[pairs[:, 1]])).mean())

    return min(candidates, key=badness)


def simple_methods(kinds: Kinds, direction: int) -> dict[str, Translate]:
    """What is compared with, fitted to held-out pictures; a shift only where pairs tell where to."""
    places = range(-MAX_SHIFT, MAX_SHIFT + 1)
    methods: dict[str, Translate] = {COPY: as_floats}
    if kinds.has_pairs:
        methods[SHIFT] = best_of([shifted(down, right) for down in places for right in places], kinds, direction)
    methods[MORPHOLOGY] = best_of([with_strokes(amount) for amount in AMOUNTS], kinds, direction)
    return methods


def compare(translator: Translator, kinds: Kinds, most: int) -> tuple[list[dict[str, Any]], dict[str, np.ndarray]]:
    """Figures of all methods on the test pictures.

    Args:
        translator: trained.
        kinds: both kinds of pictures.
        most: test pictures of each kind that are compared, at most.

    Returns:
        A row per direction and method; and the pictures of some for the sheet, from 0 to 1.
    """
    rows: list[dict[str, Any]] = []
    sheet: dict[str, np.ndarray] = {}
    with progress("evaluate", len(DIRECTIONS)) as advance:
        for direction in DIRECTIONS:
            start, end = kinds.names[direction], kinds.names[1 - direction]
            given, real, pairs = test_of(kinds, direction)
            given, real = given[:most], real[:most]
            pairs = pairs[(pairs[:, 0] < len(given)) & (pairs[:, 1] < len(real))]
            judged = pairs if kinds.has_pairs else None
            name = f"{start} → {end}"
            rows.append({"direction": name, "method": REAL, "patch_frechet": _floor(real)})
            back = translating(translator, 1 - direction, kinds.form.channels)
            for method, made, again in _made(translator, kinds, direction, given, back):
                rows.append(
                    {"direction": name, "method": method, **figures_of(made, given, real, judged, again).to_json()}
                )
            shown, true = judged[:SHOWN].T if judged is not None else (np.arange(SHOWN),) * 2
            sheet |= {start: as_floats(given[shown[shown < len(given)]]), name: made[shown[shown < len(given)]]}
            sheet[f"real {end}"] = as_floats(real[true[true < len(real)]])
            advance(1)
    return rows, sheet


def _made(
    translator: Translator, kinds: Kinds, direction: int, given: np.ndarray, back: Translate
) -> Iterator[tuple[str, np.ndarray, np.ndarray | None]]:
    """What each method makes of the given pictures, and what becomes of that on the way back; the model is the last."""
    methods: dict[str, Callable[[np.ndarray], np.ndarray]] = simple_methods(kinds, direction)
    for name, translate in methods.items():
        yield name, translate(given), None
    made = translating(translator, direction, kinds.form.channels)(given)
    yield MODEL, made, back(made)


def _floor(real: np.ndarray) -> float:
    half = len(real) // 2
    return patch_frechet(as_floats(real[:half]), as_floats(real[half:]))
