"""A tiny model that draws, really trained and published, once for all tests of the folder."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "image_to_image"))
from drawn_pictures import bars, write_folder

QUICK = ("--steps", "12", "--steps-per-report", "6", "--batch-size", "8", "--width", "4", "--latent", "8",
         "--test-pictures", "20", "--baseline-minutes", "0.01")  # fmt: skip


@pytest.fixture(scope="session")
def labeled_pictures(tmp_path_factory) -> Path:
    """Two folders of pictures: dark bars, and light ones."""
    folder, pictures = tmp_path_factory.mktemp("labeled"), bars(160)
    write_folder(folder / "dark", pictures[:80])
    write_folder(folder / "light", 255 - pictures[80:])
    return folder


@pytest.fixture(scope="session")
def drawer(labeled_pictures, train_once) -> Path:
    """The folder of a model of two labels."""
    return train_once("drawer", ["--task", "image-generation", "--data", str(labeled_pictures), *QUICK])
