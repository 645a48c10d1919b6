"""A tiny model that was really trained to draw and published, once for all tests of the folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from drawn_signs import write_table

QUICK = ("--epochs", "4", "--matching-epochs", "1", "--adversarial-epochs", "0", "--batch-size", "16", "--width", "8",
         "--units", "16", "--discriminator-width", "4", "--test-pictures", "20", "--learning-rate", "3e-3",
         "--references", "yes")  # fmt: skip


@pytest.fixture(scope="session")
def table(tmp_path_factory) -> Path:
    return write_table(tmp_path_factory.mktemp("signs"))


@pytest.fixture(scope="session")
def drawings(table, train_once) -> Path:
    """The folder of a model with references."""
    return train_once("drawings", ["--task", "text-to-image", "--data", str(table), *QUICK])
