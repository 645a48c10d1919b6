"""A tiny model of replies that was really trained and published, once for all tests of the folder."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from tiny_pairs import QUICK, pairs


@pytest.fixture(scope="session")
def pair_file(tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("data") / "pairs.csv"
    with file.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([("id", "text", "reply"), *((row, *both) for row, both in enumerate(pairs()))])
    return file


@pytest.fixture(scope="session")
def replier(pair_file, train_once) -> Path:
    """The folder of a model with generated and retrieved replies."""
    return train_once("replies", ["--task", "replies", "--data", str(pair_file), *QUICK])
