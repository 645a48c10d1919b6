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
def generator(sentence_file, tmp_path_factory) -> Path:
    """The folder of a model with labels."""
    from ganclf.train import main

    folder = tmp_path_factory.mktemp("saved_models") / "sentences"
    words = ["--task", "text-generation", "--data", str(sentence_file), "--label-column", "mood"]
    assert main([*words, "--output", str(folder), *QUICK]) == 0
    return folder
