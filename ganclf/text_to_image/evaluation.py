"""How well test texts are drawn: by several networks, beside the picture of the nearest name."""

from __future__ import annotations

from typing import Any

import numpy as np

from ganclf.cli.progress import progress
from ganclf.evaluation.image_metrics import patch_frechet
from ganclf.evaluation.picture_sheets import SHOWN
from ganclf.text_to_image.drawing import HeldOut
from ganclf.text_to_image.pairs import Pairs, Reader
from ganclf.text_to_image.training import PICKED, Players, figures_of

NEAREST, MEAN, REAL, PUBLISHED = "nearest name", "mean picture", "real pictures, half beside half", "published"
WITHOUT_GAME, WITHOUT_REFERENCES = "without the game", "without references"


def compare(players: Players, reader: Reader, test: Pairs) -> tuple[list[dict[str, Any]], dict[str, np.ndarray]]:
    """Figures of all methods on the test texts.

    Args:
        players: trained.
        reader: of the training texts.
        test: true pairs.

    Returns:
        A row per method; and the pictures of some for the sheet, from 0 to 1.
    """
    part = HeldOut(test)
    mean = np.broadcast_to(part_mean(reader), part.true.shape)
    methods = {
        NEAREST: lambda: part.nearest(reader),
        MEAN: lambda: mean,
        PUBLISHED: lambda: part.draw(players.best),
        f"{PUBLISHED}, 1 of {PICKED}": lambda: part.draw(players.best, candidates=PICKED),
    }
    if players.has_game:
        methods[WITHOUT_GAME] = lambda: part.draw(players.plain)
    alone = players.alone
    if alone is not None and players.best.has_references:
        methods[WITHOUT_REFERENCES] = lambda: part.draw(alone)
    half = len(part.true) // 2
    rows: list[dict[str, Any]] = [{"method": REAL, "patch_frechet": patch_frechet(part.true[:half], part.true[half:])}]
    sheet = {"real": part.true[:SHOWN]}
    with progress("evaluate", len(methods)) as advance:
        for name, draw in methods.items():
            drawn = draw()
            rows.append({"method": name, **figures_of(drawn, part.true).to_json()})
            if name != MEAN:
                sheet[name] = drawn[:SHOWN]
            advance(1)
    return rows, sheet


def part_mean(reader: Reader) -> np.ndarray:
    """The mean training picture, float32 from 0 to 1."""
    return reader.pictures.numpy().mean(axis=0, dtype=np.float64).astype(np.float32) / np.float32(255.0)
