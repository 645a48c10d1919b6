"""A tiny model of styles that was really trained and published, once for all tests of the folder."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from tiny_styles import QUICK, texts


@pytest.fixture(scope="session")
def style_file(tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("data") / "styles.csv"
    with file.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([("text", "label"), *texts()])
    return file


@pytest.fixture(scope="session")
def restyler(style_file, train_once) -> Path:
    """The folder of a model with counted edits, a network and a discriminator."""
    return train_once("style", ["--task", "style", "--data", str(style_file), "--publish", "ranked", *QUICK])
