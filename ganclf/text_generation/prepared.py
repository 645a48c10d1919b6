"""The texts of a run as ids, with the n-grams that go with them."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

from ganclf.encoders.tokens import Tokenizer, normalize, padded, split
from ganclf.networks.kneser_ney import KneserNey, KneserNeyLookup
from ganclf.text_generation.batches import Corpus
from ganclf.text_generation.config import TextGameConfig
from ganclf.text_generation.perplexities import Texts, choose_order, fit_ngrams
from ganclf.text_generation.players import Training
from ganclf.text_generation.texts import Part, TextData

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
        self.ngrams: KneserNey = (
            fit_ngrams(self.train, self.tokenizer.size, config.ngram_order)
            if config.ngram_order
            else choose_order(self.train, self.held_out.corpus, self.tokenizer.size)
        )
        self.lookup = KneserNeyLookup(self.ngrams)

    def training(self) -> Training:
        """What trains the players."""
        return Training(
            self.config, self.train, self.held_out.corpus, self.ngrams, self.lookup, self.tokenizer.size,
            self.texts.priors(), self.max_tokens,
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

    def _corpus(self, part: Part, max_tokens: int) -> Corpus:
        return Corpus.of(self.tokenizer.encode_all(part.texts, max_tokens), self.texts.classes(part))

    def _texts(self, part: Part) -> Texts:
        plain = normalize(tf.constant(part.texts)).numpy()
        return Texts(self._corpus(part, self.config.max_tokens), sum(len(text.decode()) + 1 for text in plain))
