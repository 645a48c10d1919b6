"""A tiny model of styles that was really trained and published, once for all tests of the folder."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import tensorflow as tf
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
    tf.config.run_functions_eagerly(True)  # a few small steps take less time than their graphs
    try:
        return train_once("style", ["--task", "style", "--data", str(style_file), "--publish", "ranked", *QUICK])
    finally:
        tf.config.run_functions_eagerly(False)
