"""A tiny enlarger and a tiny translator that were really trained and published, once for all tests of the folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from drawn_pictures import bars, paler, write_folder

QUICK = ("--scale", "2", "--epochs", "2", "--adversarial-epochs", "6", "--batch-size", "8", "--width", "8",
         "--discriminator-width", "8", "--test-pictures", "20")  # fmt: skip


@pytest.fixture(scope="session")
def pictures(tmp_path_factory) -> Path:
    return write_folder(tmp_path_factory.mktemp("pictures"), bars(160))


@pytest.fixture(scope="session")
def enlarger(pictures, train_once) -> Path:
    """The folder of a model with both networks."""
    return train_once("enlarger", ["--task", "super-resolution", "--data", str(pictures), *QUICK])


QUICK_TRANSLATION = ("--epochs", "2", "--batch-size", "8", "--width", "8", "--blocks", "1", "--learning-rate", "4e-3",
                     "--discriminator-width", "8", "--discriminator-learning-rate", "4e-3")  # fmt: skip


@pytest.fixture(scope="session")
def two_kinds(tmp_path_factory) -> tuple[Path, Path]:
    """Folders of bars, `dark`, and of the same with paler ink, `pale`; files of one name show the same."""
    folder, pictures = tmp_path_factory.mktemp("kinds"), bars(220)
    return write_folder(folder / "dark", pictures), write_folder(folder / "pale", paler(pictures))


@pytest.fixture(scope="session")
def translator(two_kinds, train_once) -> Path:
    """The folder of a model of both directions."""
    words = ["--task", "image-to-image", "--data", *map(str, two_kinds), "--size", "16", *QUICK_TRANSLATION]
    return train_once("translator", words)
