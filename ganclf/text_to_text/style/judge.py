"""A judge of another kind, and from other texts, than what is judged; it chooses on held-out texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
from sklearn.linear_model import SGDClassifier
from sklearn.pipeline import Pipeline, make_pipeline

from ganclf.encoders.tokens import BEGIN, END, Tokenizer
from ganclf.evaluation.text_metrics import corpus_bleu
from ganclf.networks.kneser_ney import KneserNey

FLUENT_SHARE = 0.9  # of real texts that count as fluent
ORDER = 3
FEATURES = 2**18


@dataclass(frozen=True)
class Figures:
    """How good rewritings are, 0 to 1.

    Attributes:
        style: share that has the style that was asked for.
        fluent: share that is as probable, per word, as nine tenths of real texts.
        content: BLEU-4 with the input.
        score: geometric mean of `content` and the share that has the style and is fluent.
    """

    style: float
    fluent: float
    content: float
    score: float


class Judge:
    """Character n-grams name the style; an n-gram model of its own says what is fluent.

    Args:
        texts: that nothing that is judged has learned from.
        styles: number of the style of each, int, shape [texts].
        tokenizer: of the run.
        max_tokens: of a text.
        seed: of the classifier.
    """

    def __init__(
        self, texts: Sequence[str], styles: np.ndarray, tokenizer: Tokenizer, max_tokens: int, seed: int
    ) -> None:
        self.tokenizer, self.max_tokens = tokenizer, max_tokens
        self._classifier: Pipeline = make_pipeline(
            HashingVectorizer(analyzer="char_wb", ngram_range=(2, 5), n_features=FEATURES, alternate_sign=False),
            TfidfTransformer(sublinear_tf=True),
            SGDClassifier(loss="log_loss", alpha=3e-6, max_iter=10, tol=None, random_state=seed),
        ).fit(list(texts), styles)
        ids = self._ids(texts)
        half = len(ids) // 2
        model = KneserNey.fit(ids[:half], tokenizer.size, ORDER, begin_id=BEGIN, end_id=END)
        self._lowest = np.quantile([each.mean() for each in model.log_probabilities(ids[half:])], 1.0 - FLUENT_SHARE)
        self._model = model

    def accuracy(self, texts: Sequence[str], styles: np.ndarray) -> float:
        """Share of real texts whose style it names, 0 to 1."""
        return float(self._classifier.score(list(texts), styles))

    def has_style(self, texts: Sequence[str], styles: np.ndarray) -> np.ndarray:
        """Whether each text has a style, bool, shape [texts]."""
        return np.asarray(self._classifier.predict(list(texts)) == styles)

    def is_fluent(self, texts: Sequence[str]) -> np.ndarray:
        """Whether each text is fluent, bool, shape [texts]."""
        return np.array([each.mean() >= self._lowest for each in self._model.log_probabilities(self._ids(texts))], bool)

    def figures(self, outputs: Sequence[str], inputs: Sequence[str], targets: np.ndarray) -> Figures:
        """How good rewritings are.

        Args:
            outputs: what was written.
            inputs: what was read.
            targets: number of the style that was asked for, int, shape [texts].
        """
        return figures_of(outputs, inputs, self.has_style(outputs, targets), self.is_fluent(outputs))

    def _ids(self, texts: Sequence[str]) -> list[np.ndarray]:
        return self.tokenizer.encode_all(texts, self.max_tokens)


def figures_of(outputs: Sequence[str], inputs: Sequence[str], style: np.ndarray, fluent: np.ndarray) -> Figures:
    """The same, where it is known which outputs have the style and which are fluent, bool, shape [texts]."""
    content = corpus_bleu([words(text) for text in outputs], [[words(text)] for text in inputs])
    good = float((style & fluent).mean())
    return Figures(float(style.mean()), float(fluent.mean()), content, float(np.sqrt(good * content)))


def words(text: str) -> list[str]:
    """Lower-case words between blanks; single characters where there are hardly any blanks."""
    parts = text.lower().split()
    return parts if 12 * len(parts) >= len(text) else list(text.lower().replace(" ", ""))
