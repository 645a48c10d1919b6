"""The texts of a run of style transfer: read, checked, shared out between players and judge, and encoded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ganclf.cli.progress import print_note
from ganclf.config import DataConfig
from ganclf.data.text_parts import Part, TextData, load_texts
from ganclf.encoders.tokens import Tokenizer
from ganclf.errors import DataError
from ganclf.text_to_text.style.config import StyleConfig
from ganclf.text_to_text.style.training import Corpus

JUDGE_SHARE, MAX_JUDGE = 0.15, 20_000  # of the training texts, from which the judge learns and nothing else
MIN_STYLES, MIN_TEXTS_PER_STYLE = 2, 50


@dataclass(frozen=True, eq=False)
class Prepared:
    """The texts of a run, encoded.

    Attributes:
        texts: that were read.
        learned: of the training texts those that the players learn from.
        judged: those that the judge learns from.
        tokenizer: fitted on the first.
        corpus: the first as ids.
        held_out: texts that end the trainings, as ids.
    """

    texts: TextData
    learned: Part
    judged: Part
    tokenizer: Tokenizer
    corpus: Corpus
    held_out: Corpus


def load_styles(data: DataConfig, config: StyleConfig) -> TextData:
    """Read texts with their labels, and check that there are two styles or more.

    Raises:
        DataError: a file can't be read, or nothing can be learned from it.
    """
    if not data.data:
        raise DataError("--data: give a file with a column of texts and a column of labels; there is no sample.")
    texts = load_texts(data, config.seed, print_note, labels_required=True)
    if len(texts.labels) < MIN_STYLES:
        raise DataError(
            f"{texts.sources['data']}: column {texts.columns[1]!r} has one label, {', '.join(texts.labels)}; a text is "
            f"rewritten from one style into another. Give texts of {MIN_STYLES} labels or more."
        )
    counts = np.bincount(texts.classes(texts.train), minlength=len(texts.labels))
    if counts.min() < MIN_TEXTS_PER_STYLE:
        rare = texts.labels[int(counts.argmin())]
        raise DataError(
            f"{texts.sources['data']}: {counts.min()} texts to learn from with the label {rare!r}; a style needs "
            f"{MIN_TEXTS_PER_STYLE}, and some thousands are better. Give more texts of it, or leave the label out."
        )
    return texts


def prepare(texts: TextData, config: StyleConfig) -> Prepared:
    """Share the training texts out, and encode them."""
    learned, judged = _parts(texts.train, config)
    tokenizer = Tokenizer.fit(learned.texts, config.max_words)
    corpus = _corpus(learned, texts, tokenizer, config)
    held_out = _corpus(texts.held_out, texts, tokenizer, config)
    print_note(_sentence(texts, corpus, judged, tokenizer, config))
    return Prepared(texts, learned, judged, tokenizer, corpus, held_out)


def _parts(train: Part, config: StyleConfig) -> tuple[Part, Part]:
    """Texts that the players learn from, and those of the judge."""
    order = np.random.default_rng(config.seed).permutation(len(train))
    count = min(int(JUDGE_SHARE * len(train)), MAX_JUDGE)
    judged, learned = order[:count], order[count:]
    if len(learned) > config.max_texts:
        print_note(f"{config.max_texts:,} of {len(learned):,} texts are learned from; more with --max-texts")
    return take(train, learned[: config.max_texts]), take(train, judged)


def take(part: Part, idx: np.ndarray) -> Part:
    """The texts of these indices."""
    return Part([part.texts[index] for index in idx], [part.labels[index] for index in idx])


def _corpus(part: Part, texts: TextData, tokenizer: Tokenizer, config: StyleConfig) -> Corpus:
    return Corpus(tokenizer.encode_all(part.texts, config.max_tokens), texts.classes(part))


def _sentence(texts: TextData, corpus: Corpus, judged: Part, tokenizer: Tokenizer, config: StyleConfig) -> str:
    lengths = np.array([len(row) for row in corpus.tokens])
    cut = int((lengths == config.max_tokens).sum())
    more = f" {cut} texts of more than {config.max_tokens} tokens are cut: --max-tokens." if cut else ""
    return (
        f"{len(corpus):,} texts to learn from, {len(judged):,} for the judge, {len(texts.held_out):,} held out, "
        f"{len(texts.test):,} to test; styles: {', '.join(texts.labels)}; {lengths.mean():.1f} tokens per text; "
        f"{len(tokenizer.words):,} words, others are spelled.{more}"
    )
