"""A tiny enlarger that was really trained and published, once for all tests of the folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from drawn_pictures import bars, write_folder

QUICK = ("--scale", "2", "--epochs", "2", "--adversarial-epochs", "6", "--batch-size", "8", "--width", "8",
         "--discriminator-width", "8", "--test-pictures", "20")  # fmt: skip


@pytest.fixture(scope="session")
def pictures(tmp_path_factory) -> Path:
    return write_folder(tmp_path_factory.mktemp("pictures"), bars(160))


@pytest.fixture(scope="session")
def enlarger(pictures, train_once) -> Path:
    """The folder of a model with both networks."""
    return train_once("enlarger", ["--task", "super-resolution", "--data", str(pictures), *QUICK])
