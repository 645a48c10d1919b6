"""A tiny generator that was really trained and published, once for all tests of the folder."""

from __future__ import annotations

import csv
import itertools
from pathlib import Path

import pytest

WHO, DOES, WHAT = ("a man", "a dog", "the cat", "my aunt"), ("sees", "eats", "likes"), ("fish", "bread", "a red ball")
QUICK = (
    "--epochs", "2", "--discriminator-epochs", "1", "--rounds", "1", "--units", "12", "--partition-samples", "200",
    "--max-tokens", "24", "--evaluate", "perplexity",
)  # fmt: skip


def sentences():
    """Happy ones end with a mark, sad ones with dots."""
    for who, does, what in itertools.product(WHO, DOES, WHAT):
        for when in ("today", "at night", "in may"):
            yield f"{who} {does} {what} {when}!", "happy"
            yield f"{who} {does} no {what} {when}...", "sad"


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
