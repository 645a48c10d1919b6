"""What `--encoder auto` serves: encoders that the labels show to be worthless are left out."""

import json

import numpy as np
import pytest
import tensorflow as tf

from ganclf import GANClassifier
from ganclf.encoders import auto
from ganclf.export.published import PublishedModel
from ganclf.train import main

WORDS = {"rain": ("wet", "cloud", "umbrella"), "sun": ("warm", "bright", "beach")}
NAMES = ("anna", "bert", "carl", "dora", "emil", "finn")  # in texts of either class
TEXTS = [f"{words[i % 3]} {words[i // 3 % 3]} {NAMES[i % 6]}" for words in WORDS.values() for i in range(36)]
LABELS = [name if i < 18 else None for name in WORDS for i in range(36)]


@pytest.fixture(autouse=True)
def nothing_installed(monkeypatch, tmp_path):
    monkeypatch.setattr(auto, "is_installed", lambda: False)
    monkeypatch.setattr(auto, "_reads_transformers", lambda: False)


@pytest.fixture
def vectors(tmp_path):
    """Writes a file of word vectors."""

    def write(of_word):
        words = sorted({word for text in TEXTS for word in text.split()})
        lines = (" ".join([word, *map(str, vector)]) for word in words if (vector := of_word(word)) is not None)
        (tmp_path / "words.txt").write_text("\n".join(lines) + "\n")
        return str(tmp_path / "words.txt")

    return write


def of_names(word):
    """Vectors of the names alone, which say nothing about the classes."""
    return tuple(float(word == name) for name in NAMES) if word in NAMES else None


def by_class(word):
    return tuple(float(word in words) + 0.1 for words in WORDS.values())


def fit(tiny, preset, labels=LABELS):
    return GANClassifier(**tiny | {"game": "off"}, encoder="auto", preset=preset).fit(TEXTS, labels)


def test_vectors_that_say_nothing_are_not_in_the_published_model(tiny, vectors, tmp_path):
    classifier = fit(tiny, vectors(of_names))
    chosen = classifier.served_views_
    assert chosen.served == ("ngram",)
    assert list(chosen.left_out) == ["static"]
    assert "left out" in chosen.sentence([])
    version = classifier.save(tmp_path / "model")
    names = [name for name, _ in tf.train.list_variables(str(version / "variables" / "variables"))]
    assert {"/".join(name.split("/")[:3]) for name in names if name.startswith("encoder/")} == {"encoder/parts/0"}
    probabilities, _ = PublishedModel(version).answers(TEXTS)
    np.testing.assert_allclose(probabilities, classifier.predict_proba(TEXTS), atol=1e-5)


def test_vectors_that_tell_the_classes_apart_are_served(tiny, vectors):
    classifier = fit(tiny, vectors(by_class))
    assert classifier.served_views_.served == ("ngram", "static")
    views = classifier.ensemble_.figures()["views"]
    assert [view["name"] for view in views] == ["ngram", "static"]
    assert "% of the teacher" in classifier.served_views_.sentence(views)


def test_nothing_is_left_out_where_nothing_can_be_measured(tiny, vectors):
    classifier = GANClassifier(**tiny, encoder="auto", preset=vectors(of_names))
    assert classifier.encode(TEXTS).features.shape[1] == tiny["size"] + len(NAMES)  # no labels
    assert classifier.served_views_.served == ("ngram", "static")
    several = fit(tiny, vectors(of_names), [[label] if label else None for label in LABELS])
    assert several.served_views_.served == ("ngram", "static")


def test_another_encoder_has_no_choice(tiny):
    classifier = GANClassifier(**tiny | {"game": "off"}, encoder="auto").fit(TEXTS, LABELS)
    assert classifier.served_views_.served == ("ngram",)
    assert classifier.set_params(encoder="ngram").fit(TEXTS, LABELS).served_views_ is None


def test_a_run_says_what_it_took_and_the_report_keeps_it(vectors, tmp_path, capsys):
    rows = [f"{text},{label or ''}" for text, label in zip(TEXTS, LABELS, strict=True)]
    (tmp_path / "train.csv").write_text("\n".join(["text,label", *rows]), "utf-8")
    short = ["--steps", "2", "--game", "off", "--calibration", "none", "--compare", "none"]
    short += ["--output", str(tmp_path / "model")]
    files = ["--data", str(tmp_path / "train.csv"), "--preset", vectors(by_class)]
    assert main(["--encoder", "auto", *files, *short]) == 0
    printed = capsys.readouterr()
    assert "--encoder auto takes ngram and static from" in " ".join(printed.err.split())
    assert "--encoder auto took ngram (" in " ".join(printed.out.split())
    extra = tmp_path / "model" / "1" / "assets.extra"
    report = json.loads((extra / "report.json").read_text("utf-8"))
    assert report["encoders"]["served"] == ["ngram", "static"]
    assert "ganclf[use]" in report["encoders"]["missing"][0]
    assert "took ngram (" in (extra / "report.html").read_text("utf-8")
