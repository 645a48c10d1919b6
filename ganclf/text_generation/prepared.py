"""The texts of a run as ids, with the n-grams that go with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import tensorflow as tf

from ganclf.config.devices import choose_strategy
from ganclf.data.text_parts import Part, TextData
from ganclf.encoders.tokens import BEGIN, END, Tokenizer, normalize, padded, split
from ganclf.export.checkpoints import Checkpoint, work_of
from ganclf.networks.kneser_ney import KneserNey, KneserNeyLookup
from ganclf.text_generation.batches import Corpus
from ganclf.text_generation.config import TextGameConfig
from ganclf.text_generation.pairs import ends_of_lines
from ganclf.text_generation.perplexities import ORDERS, Texts, choose_ngrams, countable
from ganclf.text_generation.players import Training

ROOM = 1.25  # tokens that a text may have, beside the longest training text


class Prepared:
    """The texts of a run as ids, with their n-grams.

    Args:
        texts: that were read.
        config: of the run.
    """

    def __init__(self, texts: TextData, config: TextGameConfig) -> None:
        self.texts, self.config = texts, config
        self.tokenizer = Tokenizer.fit(texts.train.texts, config.max_words)
        self.train = self._corpus(texts.train, config.max_tokens)
        longest = int(ROOM * self.train.lengths.max()) + 1
        self.max_tokens = min(config.max_tokens, longest)
        self.held_out, self.test = (self._texts(part) for part in (texts.held_out, texts.test))
        self.ngrams: KneserNey
        self.lookup: KneserNeyLookup
        self.uncut_ngrams = 0  # that were counted

    def work(self) -> dict[str, Any]:
        """From what the players are made."""
        arrays = [array for corpus in (self.train, self.held_out.corpus) for array in corpus.to_arrays().values()]
        return work_of(
            asdict(self.config), choose_strategy().num_replicas_in_sync,
            training_texts=[*arrays, self.tokenizer.words, self.texts.labels],
        )  # fmt: skip

    def training(self, checkpoint: Checkpoint) -> Training:
        """Count n-grams; returns what trains the players."""
        size = self.tokenizer.size
        arrays = dict(checkpoint.kept("n-grams", self._count_ngrams))
        self.uncut_ngrams = int(arrays.pop("uncut"))
        self.ngrams = KneserNey.from_arrays(arrays, size, begin_id=BEGIN, end_id=END)
        self.lookup = KneserNeyLookup(self.ngrams)
        return Training(
            self.config, self.train, self.held_out.corpus, self.ngrams, self.lookup, size, self.texts.priors(),
            self.max_tokens, ends_of_lines(self.tokenizer.words, size), checkpoint,
        )  # fmt: skip

    def decode(self, corpus: Corpus) -> list[str]:
        """The texts of ids."""
        return [text.decode() for text in self.tokenizer.decode(tf.constant(padded(corpus.tokens))).numpy()]

    def words(self, texts: Sequence[str]) -> list[list[str]]:
        """The words and punctuation marks of texts, whatever the vocabulary has."""
        pieces = split(normalize(tf.constant(list(texts))), False).to_list()
        return [[piece.decode().strip() for piece in text] for text in pieces]

    def sentence(self) -> str:
        """What was found."""
        cut = int((self.train.lengths == self.config.max_tokens).sum())
        words = len(self.tokenizer.words)
        more = f" {cut} texts have more than {self.config.max_tokens} tokens and are cut: --max-tokens." if cut else ""
        return (
            f"{len(self.texts.train):,} texts to learn from, {len(self.texts.held_out):,} held out, "
            f"{len(self.texts.test):,} to test; {self.train.lengths.mean():.1f} tokens per text; {words:,} words, "
            f"others are spelled.{more}"
        )

    def ngrams_sentence(self) -> str:
        """By how much the n-grams were cut, or ""."""
        counted, parts = len(countable(self.train)), []
        if counted < len(self.train):
            parts.append(f"The n-grams are those of {counted:,} of {len(self.train):,} texts.")
        if self.ngrams.ngrams < self.uncut_ngrams:
            parts.append(
                f"Of {self.uncut_ngrams:,} n-grams the {self.ngrams.ngrams:,} most frequent are in the model: "
                "--max-ngrams."
            )
        return " ".join(parts)

    def _count_ngrams(self) -> dict[str, np.ndarray]:
        config = self.config
        orders = (config.ngram_order,) if config.ngram_order else ORDERS
        model, uncut = choose_ngrams(
            self.train, self.held_out.corpus, self.tokenizer.size, orders, config.max_ngrams
        )  # fmt: skip
        return model.to_arrays() | {"uncut": np.array(uncut)}

    def _corpus(self, part: Part, max_tokens: int) -> Corpus:
        return Corpus.of(self.tokenizer.encode_all(part.texts, max_tokens), self.texts.classes(part))

    def _texts(self, part: Part) -> Texts:
        plain = normalize(tf.constant(part.texts)).numpy()
        return Texts(self._corpus(part, self.config.max_tokens), sum(len(text.decode()) + 1 for text in plain))
