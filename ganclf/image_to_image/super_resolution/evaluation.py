"""How good enlarged pictures are, at each sharpness, beside filters that learn nothing or next to nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from ganclf.cli.progress import progress
from ganclf.encoders.pictures.form import as_floats
from ganclf.evaluation.image_metrics import patch_frechet
from ganclf.evaluation.picture_sheets import SHOWN
from ganclf.image_to_image.super_resolution.networks import Enlarger, enlarge_by_filter, make_small
from ganclf.image_to_image.super_resolution.training import Enlarge, Players, enlarging, figures_of

FILTERS = ("nearest", "bilinear", "bicubic", "lanczos5")
SHARPNESSES = (0.0, 0.25, 0.5, 0.75, 1.0)
LEVELS = 64  # values of the contrast curve


class ContrastCurve:
    """What a bicubic filter gives, each value replaced by the mean of the true values where it stands.

    Of all curves it has the least squared error on the pictures from which it is made: the honest filter for drawings.

    Args:
        scale: 2 or 4.
        pictures: true ones, uint8.
    """

    def __init__(self, scale: int, pictures: np.ndarray) -> None:
        self._enlarge = by_filter("bicubic", scale)
        given = self._enlarge(pictures)
        places = np.clip((given * LEVELS).astype(int), 0, LEVELS - 1).reshape(-1)
        sums = np.bincount(places, pictures.reshape(-1) / 255.0, LEVELS)
        counts = np.bincount(places, minlength=LEVELS)
        middles = (np.arange(LEVELS) + 0.5) / LEVELS
        self._middles, self._curve = middles, np.where(counts > 0, sums / np.maximum(counts, 1), middles)

    def __call__(self, pictures: np.ndarray) -> np.ndarray:
        """Make pictures small and enlarge them again, float32 from 0 to 1."""
        return np.interp(self._enlarge(pictures), self._middles, self._curve).astype(np.float32)


def by_filter(method: str, scale: int) -> Enlarge:
    """A function that makes pictures small and enlarges them again by a filter, float32 from 0 to 1."""

    def enlarge(pictures: np.ndarray) -> np.ndarray:
        parts = []
        for start in range(0, len(pictures), 256):
            small = make_small(tf.cast(pictures[start : start + 256], tf.float32) / 255.0, scale)
            parts.append(tf.clip_by_value(enlarge_by_filter(small, scale, method), 0.0, 1.0).numpy())
        return np.concatenate(parts)

    return enlarge


def at_sharpness(players: Players, sharpness: float, make: Callable[[], Enlarger]) -> Enlarger:
    """The network whose weights lie between those of both."""
    network = make()
    pairs = zip(players.plain.get_weights(), players.sharp.get_weights(), strict=True)
    network.set_weights([one + np.float32(sharpness) * (other - one) for one, other in pairs])
    return network


def compare(
    players: Players, make: Callable[[], Enlarger], held_out: np.ndarray, test: np.ndarray
) -> tuple[list[dict[str, Any]], dict[str, np.ndarray]]:
    """Figures of all methods on the test pictures.

    Args:
        players: trained.
        make: makes a generator as new.
        held_out: from which the contrast curve is made, uint8.
        test: true pictures, uint8.

    Returns:
        A row per method; and the pictures of some for the sheet, from 0 to 1.
    """
    scale = players.plain.scale
    methods: dict[str, Enlarge] = {name: by_filter(name, scale) for name in FILTERS}
    methods["bicubic, with a contrast curve"] = ContrastCurve(scale, held_out)
    for sharpness in SHARPNESSES if players.has_game else SHARPNESSES[:1]:
        methods[f"sharpness {sharpness:g}"] = enlarging(at_sharpness(players, sharpness, make), test.shape[3])
    half = len(test) // 2
    floor = patch_frechet(as_floats(test[:half]), as_floats(test[half:]))
    rows: list[dict[str, Any]] = [{"method": "real pictures, half beside half", "patch_frechet": floor}]
    sheet = {"small": by_filter("nearest", scale)(test[:SHOWN])}
    with progress("evaluate", len(methods)) as advance:
        for name, enlarge in methods.items():
            given = enlarge(test)
            rows.append({"method": name, **figures_of(given, test).to_json()})
            if name in ("bicubic", "sharpness 0", "sharpness 1"):
                sheet[name] = given[:SHOWN]
            advance(1)
    sheet["real"] = as_floats(test[:SHOWN])
    return rows, sheet


def draw_trade(rows: list[dict[str, Any]], file: Path) -> None:
    """PSNR against the Fréchet distance of patches: what sharpness costs, and what it brings."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4.2), layout="constrained")
    axis = figure.subplots()
    curve = [row for row in rows if row["method"].startswith("sharpness")]
    axis.plot([row["psnr"] for row in curve], [row["patch_frechet"] for row in curve], "o-", label="this model")
    for row in rows:
        if "psnr" not in row:
            axis.axhline(row["patch_frechet"], linestyle=":", color="gray", label=row["method"])
        elif row not in curve:
            axis.plot(row["psnr"], row["patch_frechet"], "s", label=row["method"])
    for row in curve:
        axis.annotate(row["method"].removeprefix("sharpness "), (row["psnr"], row["patch_frechet"]),
                      textcoords="offset points", xytext=(5, 5))  # fmt: skip
    axis.set(
        xlabel="PSNR in dB: the closer, the higher", ylabel="Fréchet distance of patches: the more real, the lower"
    )
    axis.set_yscale("log")
    axis.legend(fontsize=8)
    figure.savefig(file, dpi=100)
