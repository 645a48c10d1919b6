"""How much drawn pictures are like real ones, beside real ones and beside what draws without a game."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from ganclf.cli.progress import progress
from ganclf.encoders.pictures.form import as_floats
from ganclf.evaluation.image_distributions import Memorization, compare_features, memorization, nearest
from ganclf.evaluation.image_features import Features, has_vgg, vgg_features
from ganclf.evaluation.picture_sheets import SHOWN
from ganclf.image_generation.baselines import principal_components, variational_autoencoder
from ganclf.image_generation.networks import Generator
from ganclf.image_generation.served import mean_styles
from ganclf.image_generation.training import Drawn, Rows, Training, drawing, latents_of

REAL, MODEL, AUTOENCODER, COMPONENTS = (
    "real training pictures", "this model", "variational autoencoder", "principal components",
)  # fmt: skip
TRUNCATIONS = (0.7,)  # other than 1
BETWEEN = 8  # pictures of a line of the interpolation
PART = 2048  # pictures
LINES = 6  # of the interpolation
SEED = 7  # added to the run's, for what is drawn in the evaluation
Draw = Callable[[np.ndarray], np.ndarray]  # classes → pictures from 0 to 1


def truncated(model: Generator, truncation: float, seed: int) -> Draw:
    """A function that draws as a server does, at a truncation."""
    means = mean_styles(model)

    @tf.function(autograph=False, input_signature=[tf.TensorSpec([None, means.shape[1]], tf.float32)])
    def draw(styles: tf.Tensor) -> tf.Tensor:
        return (model.draw(styles) + 1.0) / 2.0

    def draw_all(classes: np.ndarray) -> np.ndarray:
        latents = latents_of(len(classes), model.latent, seed)
        found = []
        for start in range(0, len(classes), 64):
            part = slice(start, start + 64)
            centers = means[classes[part]]
            styles = model.style(tf.constant(latents[part]), tf.constant(classes[part], tf.int32)).numpy()
            found.append(draw(centers + np.float32(truncation) * (styles - centers)).numpy())
        return np.concatenate(found)

    return draw_all


def compare(
    drawn: Drawn, training: Training, test: Rows, baseline_minutes: float
) -> tuple[list[dict[str, Any]], Memorization, dict[str, np.ndarray]]:  # fmt: skip
    """Figures of all methods against the test pictures.

    Args:
        drawn: of the training.
        training: with the training pictures.
        test: real pictures; every method draws as many of each class.
        baseline_minutes: for the autoencoder; 0: none.

    Returns:
        A row per method; how near drawn pictures are to training pictures; and pictures of some for the sheet.
    """
    seed, model = training.config.seed + SEED, drawn.generator
    sample = as_floats(training.train.sample(len(test), seed).pixels)
    draw = drawing(model)
    methods: dict[str, Draw] = {
        REAL: lambda classes: sample,
        MODEL: lambda classes: draw(latents_of(len(classes), model.latent, seed), classes),
    }
    for truncation in TRUNCATIONS:
        methods[f"this model, truncation {truncation:g}"] = truncated(model, truncation, seed)
    if baseline_minutes:
        methods[AUTOENCODER] = variational_autoencoder(training, baseline_minutes)
    methods[COMPONENTS] = principal_components(training.train, training.classes, seed)

    real = as_floats(test.pixels)
    spaces: dict[str, Features] = {"learned": drawn.features}
    if has_vgg():
        spaces["vgg"] = vgg_features(sample)
    known = {name: features(real) for name, features in spaces.items()}
    rows: list[dict[str, Any]] = []
    shown = np.linspace(0, len(real) - 1, min(SHOWN, len(real))).astype(int)  # of all labels, whose pictures follow
    sheet: dict[str, np.ndarray] = {"real test pictures": real[shown]}
    with progress("evaluate", len(methods) + 1) as advance:
        for name, method in methods.items():
            pictures = method(test.classes)
            row: dict[str, Any] = {"method": name}
            for space, features in spaces.items():
                found = compare_features(features(pictures), known[space], seed).to_json()
                row |= {key if space == "learned" else f"{space}_{key}": value for key, value in found.items()}
            rows.append(row)
            if name != REAL:
                sheet[name] = pictures[shown]
            if name == MODEL:
                mine = pictures
            advance(1)
        every, own = _features_of(drawn.features, training.train.pixels), drawn.features(mine)
        near = memorization(own, every, known["learned"])
        sheet["nearest training picture"] = as_floats(training.train.pixels[nearest(own[shown], every)])
        advance(1)
    order = ["real test pictures", MODEL, "nearest training picture"]
    return rows, near, {name: sheet[name] for name in [*order, *(each for each in sheet if each not in order)]}


def _features_of(features: Features, pixels: np.ndarray) -> np.ndarray:
    """Of pictures, uint8; as numbers they would take four times the memory, so they are seen in parts."""
    starts = range(0, len(pixels), PART)
    return np.concatenate([features(as_floats(pixels[start : start + PART])) for start in starts])


def interpolate(model: Generator, labels: tuple[str, ...], seed: int) -> Mapping[str, np.ndarray]:
    """From one picture to another of the same class by equal steps of the style, a line for each of some classes."""
    lines = {}
    for number in range(LINES):
        place = number % max(len(labels), 1)
        ends = latents_of(2, model.latent, seed + number)
        styles = model.style(tf.constant(ends), tf.fill([2], place))
        weights = tf.linspace(0.0, 1.0, BETWEEN)[:, tf.newaxis]
        mixed = (1.0 - weights) * styles[:1] + weights * styles[1:]
        name = f"{labels[place]} {number // len(labels) + 1}" if labels else f"{number + 1}"
        lines[name] = ((model.draw(mixed) + 1.0) / 2.0).numpy()
    return lines
