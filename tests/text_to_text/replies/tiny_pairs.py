"""Pairs of a small world, and options that make a run short."""

from __future__ import annotations

import numpy as np

COLORS, THINGS = ("red", "blue", "green", "old", "new", "big"), ("cat", "dog", "car", "tree", "house", "book")
QUICK = (
    "--units", "12", "--embedding-size", "12", "--vector-size", "16", "--epochs", "1", "--discriminator-epochs", "2",
    "--rounds", "0", "--test-pairs", "20", "--samples", "2", "--beams", "2", "--batch-size", "32",
    "--discriminator-batch-size", "32", "--max-tokens", "16", "--replies", "3",
)  # fmt: skip


def pairs(count: int = 400) -> list[tuple[str, str]]:
    """Questions and answers, which name the same thing."""
    random = np.random.default_rng(0)
    rows = []
    for _ in range(count):
        color, thing, number = random.choice(COLORS), random.choice(THINGS), random.integers(100)
        rows.append((f"where is my {color} {thing} {number} ?", f"your {color} {thing} is at number {number} ."))
    return rows
