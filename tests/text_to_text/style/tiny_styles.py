"""Texts of two styles of a small world, and options that make a run short."""

from __future__ import annotations

import numpy as np

THINGS = ("food", "room", "coffee", "staff", "soup", "music")
WORDS = {"good": ("great", "lovely", "really nice"), "bad": ("awful", "bland", "not good")}
ENDINGS = ("on monday .", "for us .", "at noon .", "here .", "last week .")
QUICK = (
    "--units", "12", "--embedding-size", "12", "--filters", "8", "--epochs", "1", "--discriminator-epochs", "2",
    "--rounds", "1", "--round-texts", "64", "--test-texts", "20", "--samples", "1", "--beams", "2", "--edits", "2",
    "--batch-size", "32", "--max-tokens", "16",
)  # fmt: skip


def texts(count: int = 500) -> list[tuple[str, str]]:
    """Texts with their labels."""
    random = np.random.default_rng(0)
    rows = []
    for number in range(count):
        label = ("good", "bad")[number % 2]
        thing, word, ending = (random.choice(each) for each in (THINGS, WORDS[label], ENDINGS))
        rows.append((f"the {thing} was {word} {ending} {random.integers(30)}", label))
    return rows
