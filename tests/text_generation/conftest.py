"""A tiny generator that was really trained and published, once for all tests of the folder."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from tiny_sentences import QUICK, sentences


@pytest.fixture(scope="session")
def sentence_file(tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("data") / "sentences.csv"
    with file.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([("text", "mood"), *sentences()])
    return file


@pytest.fixture(scope="session")
def generator(sentence_file, train_once) -> Path:
    """The folder of a model with labels."""
    words = ["--task", "text-generation", "--data", str(sentence_file), "--label-column", "mood", *QUICK]
    return train_once("sentences", words)
