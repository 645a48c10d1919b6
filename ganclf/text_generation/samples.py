"""Samples of every model beside real texts: overlap, variety, copies, and whether a fresh classifier sees them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ganclf.cli.progress import Advance
from ganclf.config import EncoderConfig
from ganclf.encoders.fit import fit_encoder
from ganclf.evaluation.frechet import frechet_distance
from ganclf.evaluation.text_metrics import bleu, copied_share, distinct, new_ngram_share, self_bleu

TEMPERATURES = (0.7, 0.85, 1.0, 1.15, 1.3)
MAX_REFERENCES = 2000  # test texts that samples are compared with
NEW_ORDER = 4  # of n-grams that no training text has
CANDIDATES = 8  # of the row with resampling
FOLDS = 5  # of the classifier that tells real from generated
FEATURES = 64  # of the project's own encoder of n-grams: fewer than texts, or a Fréchet distance means nothing
ENCODER_TEXTS = 20_000  # from which it learns
MAX_KNOWN = 500_000  # training texts among which copies are looked for: their words stay in memory
NEAREST = 10  # samples that are shown beside the training text that is nearest

Words = list[str]
Draw = Callable[[int], Sequence[str]]  # count → texts
Encode = Callable[[Sequence[str]], np.ndarray]  # texts → features, shape [texts, size]


def feature_encoder(train: Sequence[str], preset: str | None, seed: int) -> Encode:
    """The encoder of the Fréchet distance.

    Args:
        train: training texts, from which the project's own n-gram encoder learns.
        preset: folder or name of a transformer instead of it.
        seed: of the encoder and of the choice of texts.

    Raises:
        EncoderError: the preset can't be read.
    """
    config = (
        EncoderConfig(encoder="pretrained", preset=preset, pooling="preset") if preset else EncoderConfig(size=FEATURES)
    )
    chosen = np.random.default_rng(seed).permutation(len(train))[:ENCODER_TEXTS]
    encoder, _ = fit_encoder([train[index] for index in sorted(chosen)], config, seed, verbose=True)
    return lambda texts: np.asarray(encoder.transform(list(texts)))


def compare(
    train: Sequence[str], test: Sequence[str], draws: dict[str, Draw], count: int, seed: int,
    split: Callable[[Sequence[str]], list[Words]], encode: Encode, advance: Advance,
) -> list[dict[str, Any]]:  # fmt: skip
    """Measure samples of each model, and real training texts as one would samples.

    Args:
        train: training texts.
        test: real texts that no model learned from: the references.
        draws: makes samples, by the name of a row.
        count: of samples.
        seed: of the choice of real texts.
        split: texts → their words.
        encode: of the Fréchet distance.
        advance: receives 1 after each row.

    Returns:
        A row for each model; shares and scores from 0 to 1. The Fréchet distance is of as many texts as references;
        that of the real training texts is the floor.
    """
    random = np.random.default_rng(seed)
    chosen = [train[index] for index in random.permutation(len(train))[:count]]
    references = [test[index] for index in random.permutation(len(test))[:MAX_REFERENCES]]
    known, real = split(train[:MAX_KNOWN]), split(references)
    size = frechet_texts(len(test), min(count, len(train)))
    features = encode(references[:size])

    def row(name: str, texts: Sequence[str], is_training: bool = False) -> dict[str, Any]:
        measured = _row(name, texts, references, split(texts), known, real, is_training)
        advance(1)
        return measured | {"frechet_distance": frechet_distance(encode(texts[:size]), features)}

    rows = [row("real training texts", chosen, is_training=True)]
    return rows + [row(name, list(draw(count))) for name, draw in draws.items()]


def frechet_texts(test: int, count: int) -> int:
    """Texts of each side of a Fréchet distance."""
    return min(test, MAX_REFERENCES, count)


def nearest(samples: Sequence[str], train: Sequence[str]) -> list[dict[str, Any]]:
    """For some samples the training text that shares most n-grams of characters, by cosine of tf-idf."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    shown = list(samples[:NEAREST])
    vectors = TfidfVectorizer(analyzer="char", ngram_range=(2, 4), max_features=200_000).fit(train)
    similar = vectors.transform(shown) @ vectors.transform(train).T
    best = np.asarray(similar.argmax(axis=1)).ravel()
    return [
        {"sample": text, "training_text": train[place], "similarity": float(similar[row, place])}
        for row, (text, place) in enumerate(zip(shown, best, strict=True))
    ]


def detection_accuracy(real: Sequence[str], generated: Sequence[str]) -> float:
    """Accuracy of a fresh classifier, cross-validated, in telling real from generated; 0.5 is chance.

    It is logistic regression on tf-idf of words and pairs of words; both kinds are equally many.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_score
    from sklearn.pipeline import make_pipeline

    count = min(len(real), len(generated))
    texts, labels = [*real[:count], *generated[:count]], np.repeat([0, 1], count)
    words = TfidfVectorizer(token_pattern=r"[^\W_]|\w+|[^\w\s]", ngram_range=(1, 2), sublinear_tf=True)
    folds = min(FOLDS, count)
    if folds < 2:
        return 0.5
    order = np.arange(2 * count).reshape(2, count).T.ravel()  # the kinds in turn: every fold has both
    texts, labels = [texts[index] for index in order], labels[order]
    return float(cross_val_score(make_pipeline(words, LogisticRegression(C=10.0)), texts, labels, cv=folds).mean())


def plot_quality(rows: Sequence[dict[str, Any]], file: Path) -> None:
    """Draw BLEU-4 against self-BLEU-4 of every row."""
    from ganclf.evaluation.plots import plot_quality_variety

    at = {temperature_row(temperature): temperature for temperature in TEMPERATURES}
    pairs = {row["texts"]: (row["bleu_4"], row["self_bleu_4"]) for row in rows}
    curve = {at[name]: pair for name, pair in pairs.items() if name in at}
    points = {name: pair for name, pair in pairs.items() if name not in at}
    plot_quality_variety(curve, points, "Samples beside real texts", file)


def temperature_row(temperature: float) -> str:
    """Name of the row of the generator at a temperature."""
    return f"generator, temperature {temperature:g}"


def _row(
    name: str, texts: Sequence[str], references: Sequence[str], words: list[Words], known: list[Words],
    real: list[Words], is_training: bool = False,
) -> dict[str, Any]:  # fmt: skip
    filled = [each for each in words if each] or [[""], [""]]
    overlap, alike = bleu(filled, real), self_bleu(filled if len(filled) > 1 else filled * 2)
    return {
        "texts": name,
        **{f"bleu_{order}": value for order, value in overlap.items()},
        **{f"self_bleu_{order}": value for order, value in alike.items()},
        "distinct_2": distinct(filled, 2),
        "distinct_4": distinct(filled, NEW_ORDER),
        "copies": None if is_training else copied_share(filled, known),
        "new_4_grams": None if is_training else new_ngram_share(filled, known, NEW_ORDER),
        "detected": detection_accuracy(references, texts),
    }
