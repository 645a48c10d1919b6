"""Judges of style transfer, of other kinds and from other rows than what is judged: style, content and fluency."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression, SGDClassifier

from ganclf.config import EncoderConfig
from ganclf.encoders.transformer.encoder import PretrainedEncoder
from ganclf.evaluation.text_metrics import corpus_bleu
from ganclf.networks.kneser_ney import KneserNey

NEURAL_ROWS = 4000  # of which the neural judge learns, at most half; the linear one learns from all others
FLUENCY_ROWS, FLUENCY_WORDS = 60_000, 20  # rows, and words of each, that are counted for perplexities
REGULARIZATION = 30.0  # C of the neural judge


@dataclass(frozen=True)
class Rows:
    """Texts with a style each, and their references where there are some."""

    texts: list[str]
    labels: list[str]
    references: list[list[str]]

    def __len__(self) -> int:
        return len(self.texts)


class Judges:
    """Scores what systems wrote.

    Args:
        texts: that no system saw.
        labels: of these texts.
        preset: folder of a sentence encoder, the neural judge; None: there is none.
        seed: which texts the neural judge learns from.
    """

    def __init__(self, texts: Sequence[str], labels: Sequence[str], preset: str | None, seed: int = 0) -> None:
        order = np.random.default_rng(seed).permutation(len(texts))
        self.texts, self.labels = [texts[index] for index in order], [labels[index] for index in order]
        self.preset, self._neural_rows = preset, min(NEURAL_ROWS, len(texts) // 2)
        self._vectors: dict[str, np.ndarray] = {}

    def figures(self, outputs: Sequence[str], inputs: Sequence[str], targets: Sequence[str],
                references: Sequence[Sequence[str]]) -> dict[str, float]:  # fmt: skip
        """Score one system.

        Args:
            outputs: that it wrote.
            inputs: that it read.
            targets: labels that it was asked for.
            references: of each text; none where there are no references.

        Returns:
            accuracy by both judges and bleu in percent, perplexity, similarity from -1 to 1, and the geometric means
            of accuracy and BLEU.
        """
        given = [_tokens(text) for text in outputs]
        found = {
            "accuracy_linear": 100.0 * float(np.mean(self._linear.predict(self._counts.transform(outputs)) == targets)),
            "bleu_input": 100.0 * corpus_bleu(given, [[_tokens(text)] for text in inputs]),
            "perplexity": self.perplexity(outputs),
        }  # fmt: skip
        with_references = len(references) == len(outputs)
        right = [[_tokens(text) for text in each] for each in references] if with_references else []
        content = "bleu" if with_references else "bleu_input"
        if with_references:
            found["bleu"] = 100.0 * corpus_bleu(given, right)
        found["gm_linear"] = float(np.sqrt(found["accuracy_linear"] * found[content]))
        if self.preset:
            vectors = self.vectors(outputs)
            found["accuracy_neural"] = 100.0 * float(np.mean(self._neural.predict(vectors) == np.array(targets)))
            nearest = [each[0] for each in references] if with_references else inputs
            found["similarity"] = float(np.mean(np.sum(vectors * self.vectors(nearest), axis=1)))
            found["gm_neural"] = float(np.sqrt(found["accuracy_neural"] * found[content]))
        return found

    def accuracies(self, rows: Rows) -> dict[str, float]:
        """How often each judge is right on real texts, in percent."""
        found = {"linear": 100.0 * float(self._linear.score(self._counts.transform(rows.texts), rows.labels))}
        if self.preset:
            found["neural"] = 100.0 * float(self._neural.score(self.vectors(rows.texts), rows.labels))
        return found

    def perplexity(self, texts: Sequence[str]) -> float:
        """Of a word, by modified Kneser-Ney of order 3 on texts that no system saw."""
        words, model = self._fluency
        return model.perplexity([_ids(text, words) for text in texts])

    def vectors(self, texts: Sequence[str]) -> np.ndarray:
        """Of unit length, float32, shape [texts, size]."""
        new = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        if new:
            self._vectors |= dict(zip(new, self._encoder.transform(new), strict=True))
        found = np.stack([self._vectors[text] for text in texts])
        return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)

    @cached_property
    def _counts(self) -> CountVectorizer:
        vectorizer = CountVectorizer(ngram_range=(1, 2), binary=True, token_pattern=r"\S+", min_df=3)
        return vectorizer.fit(self.texts[self._neural_rows :])

    @cached_property
    def _linear(self) -> SGDClassifier:
        model = SGDClassifier(loss="log_loss", alpha=3e-6, max_iter=8, tol=None, random_state=0)
        return model.fit(self._counts.transform(self.texts[self._neural_rows :]), self.labels[self._neural_rows :])

    @cached_property
    def _encoder(self) -> PretrainedEncoder:
        config = EncoderConfig(encoder="pretrained", preset=self.preset, pooling="preset", max_tokens=64)
        return PretrainedEncoder(config).fit(self.texts[:8])

    @cached_property
    def _neural(self) -> LogisticRegression:
        model = LogisticRegression(C=REGULARIZATION, max_iter=2000)
        return model.fit(self.vectors(self.texts[: self._neural_rows]), self.labels[: self._neural_rows])

    @cached_property
    def _fluency(self) -> tuple[dict[str, int], KneserNey]:
        texts = [_tokens(text)[:FLUENCY_WORDS] for text in self.texts[:FLUENCY_ROWS]]
        counts: dict[str, int] = {}
        for text in texts:
            for word in text:
                counts[word] = counts.get(word, 0) + 1
        kept = sorted(word for word, count in counts.items() if count > 1)
        words = {word: number for number, word in enumerate(kept, start=3)}  # 0: unknown, 1: begin, 2: end
        ids = [_ids(" ".join(text), words) for text in texts]
        return words, KneserNey.fit(ids, len(words) + 3, 3, begin_id=1, end_id=2)


def read_rows(file: Path) -> list[dict[str, str]]:
    """The rows of a compressed CSV file."""
    with gzip.open(file, "rt", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _tokens(text: str) -> list[str]:
    return text.lower().split()


def _ids(text: str, words: dict[str, int]) -> np.ndarray:
    return np.array([*(words.get(word, 0) for word in _tokens(text)), 2], np.int64)
