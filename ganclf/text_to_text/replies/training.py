"""Trains the players: each by itself, then in rounds against each other; what does not help is taken back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ganclf.adversarial.replicas import copy_of
from ganclf.adversarial.training import History
from ganclf.cli.progress import progress
from ganclf.config.devices import choose_strategy
from ganclf.encoders.tokens import padded, unpadded
from ganclf.export.checkpoints import Checkpoint
from ganclf.text_to_text.batches import Columns
from ganclf.text_to_text.decoding import Decoder
from ganclf.text_to_text.fitting import fit
from ganclf.text_to_text.generator import Generator
from ganclf.text_to_text.replies.config import PairConfig
from ganclf.text_to_text.replies.discriminator import PairDiscriminator
from ganclf.text_to_text.replies.encoding import PairEncoding
from ganclf.text_to_text.replies.game import DISCRIMINATOR, GENERATOR, TABLE, PairGame, make_game
from ganclf.text_to_text.replies.ranking import Ranker, recall_of

SCORE_BATCH = 64  # pairs at once
SAMPLE_BATCH = 256  # replies at once
MAX_WEIGHT = 5.0  # of an own reply, beside the mean of 1
ROUND_RATE = 0.2  # learning rates in rounds, beside those before
DENSE_RATE = 1e-3  # of the Adam of the discriminator's layers
ROUND_TEMPERATURE = 0.9  # of own replies in a round


@dataclass(eq=False)
class Players:
    """What a run trained.

    Attributes:
        generator: as published; None where only training replies are given.
        discriminator: as published.
        histories: of each training, by name.
        notes: sentences on what was kept and what was taken back.
        figures: of the held-out pairs, after each training.
    """

    discriminator: PairDiscriminator
    generator: Generator | None = None
    histories: dict[str, History] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    figures: list[dict[str, Any]] = field(default_factory=list)


class Training:
    """Trains the players of a run.

    Args:
        config: of the run.
        encoding: fitted.
        train: training pairs.
        held_out: pairs that end the trainings and choose among their results.
        checkpoint: where the stages of the training are kept.
    """

    def __init__(
        self, config: PairConfig, encoding: PairEncoding, train: Columns, held_out: Columns, checkpoint: Checkpoint
    ) -> None:  # fmt: skip
        self.checkpoint = checkpoint
        self.config, self.encoding, self.train, self.held_out = config, encoding, train, held_out
        self.tokens_per_reply = float(np.mean([len(row) for row in train.ids["reply"]]))
        self.strategy = choose_strategy()

    def run(self) -> Players:
        """A discriminator, a generator, then the rounds."""
        discriminator, history = self._discriminator()
        players = Players(discriminator, histories={"discriminator": history})
        self._measure(players, "discriminator of real replies")
        if self.config.candidates == "retrieved":
            return players
        players.generator = self._likelihood(players)
        self._measure(players, "generator by maximum likelihood")
        for number in range(self.config.rounds):
            self._round(players, number + 1)
        return players

    def make_generator(self) -> Generator:
        """As new."""
        config = self.config
        return Generator(self.encoding.tokenizer.size, config.units, config.embedding_size, config.dropout, config.seed)

    def make_discriminator(self) -> PairDiscriminator:
        """As new."""
        config, ngrams = self.config, self.encoding.ngrams
        return PairDiscriminator(
            ngrams.idf, ngrams.is_word, config.vector_size, config.discriminator_dropout, config.word_dropout,
            config.seed,
        )  # fmt: skip

    def _discriminator(self) -> tuple[PairDiscriminator, History]:
        config = self.config
        columns = self.train.pick("text_ngrams", "reply_ngrams", "reply_number")
        size = min(config.discriminator_batch_size, len(columns))
        with self.strategy.scope():
            network = self.make_discriminator()
            game = self._game({DISCRIMINATOR: network}, None)
        scorer = recall_of(Ranker(network))
        history = self._fit(
            "discriminator", game, network, lambda: -scorer(self.held_out).mean, columns,
            config.discriminator_epochs, size, None,
        )  # fmt: skip
        return copy_of(network, self.make_discriminator), history

    def _likelihood(self, players: Players) -> Generator:
        config, columns = self.config, self.train.pick("source", "reply")
        with self.strategy.scope():
            network, average = self.make_generator(), self.make_generator()
            game = self._game({GENERATOR: network}, average)
        scorer = score_replies(average)
        score = lambda: _perplexity(scorer(self.held_out), self.held_out)  # noqa: E731
        players.histories["generator"] = self._fit(
            "generator", game, average, score, columns, config.epochs, min(config.batch_size, len(columns)), "reply"
        )
        return copy_of(average, self.make_generator)

    def _round(self, players: Players, number: int) -> None:
        """Both learn from real pairs and from the generator's replies; taken back where held-out figures get worse."""
        assert players.generator is not None
        config, random = self.config, np.random.default_rng((self.config.seed, number))
        before = players.figures[-1].get("published", players.figures[-1])  # a former round may be taken back
        idx = random.permutation(len(self.train))[: config.round_pairs]
        part = self.train.take(idx)
        sample = self._sample(number, players.generator, part)
        ngrams = self.encoding.ngrams.encode_all(self.encoding.decode(sample))
        fit = pair_scores(players.discriminator)(part.ids["text_ngrams"], ngrams)
        weights = np.exp(fit - fit.max())
        weights = np.minimum(weights / weights.mean(), MAX_WEIGHT).astype(np.float32)
        batch = Columns({**part.ids, "sample": sample, "sample_ngrams": ngrams}, {**part.numbers, "weight": weights})
        with self.strategy.scope():
            generator = copy_of(players.generator, self.make_generator)
            average = copy_of(players.generator, self.make_generator)
            discriminator = copy_of(players.discriminator, self.make_discriminator)
            game = self._game({DISCRIMINATOR: discriminator, GENERATOR: generator}, average, ROUND_RATE)
        scorer = score_replies(average)
        score = lambda: _perplexity(scorer(self.held_out), self.held_out)  # noqa: E731
        size = min(config.batch_size, len(batch))
        name = f"round {number}"
        players.histories[name] = self._fit(name, game, average, score, batch, 1, size, "reply")
        kept = players.generator, players.discriminator
        players.generator, players.discriminator = (
            copy_of(average, self.make_generator), copy_of(discriminator, self.make_discriminator)
        )  # fmt: skip
        after = self._measure(players, name)
        better_generator = after["perplexity"] <= before["perplexity"]
        better_discriminator = after["recall_at_1"] >= before["recall_at_1"]
        players.notes.append(_verdict(number, before, after, better_generator, better_discriminator))
        if not better_generator:
            players.generator = kept[0]
        if not better_discriminator:
            players.discriminator = kept[1]
        players.figures[-1] |= {"kept_generator": better_generator, "kept_discriminator": better_discriminator}
        best = self.figures_of(players)
        players.figures[-1] |= {"published": best}

    def _sample(self, number: int, generator: Generator, part: Columns) -> list[np.ndarray]:
        """The generator's replies for a round."""

        def compute() -> dict[str, np.ndarray]:
            config = self.config
            rows = sample_replies(generator, config.max_tokens, part, ROUND_TEMPERATURE, config.seed + number)
            return {"tokens": padded(rows)}

        return unpadded(self.checkpoint.kept(f"samples for round {number}", compute)["tokens"])

    def _measure(self, players: Players, name: str) -> dict[str, Any]:
        figures = {"after": name, **self.figures_of(players)}
        players.figures.append(figures)
        return figures

    def figures_of(self, players: Players) -> dict[str, Any]:
        """Recall of the discriminator and perplexity of the generator on the held-out pairs."""
        recall = recall_of(Ranker(players.discriminator))(self.held_out)
        figures: dict[str, Any] = {"recall_at_1": recall.at_1, "recall_at_10": recall.at_10}
        if players.generator is not None:
            scores = score_replies(players.generator)(self.held_out)
            figures["perplexity"] = _perplexity(scores, self.held_out)
        return figures

    def _game(self, players: Mapping[str, keras.Model], average: Generator | None, factor: float = 1.0) -> PairGame:
        config = self.config
        rates = {GENERATOR: config.learning_rate, DISCRIMINATOR: DENSE_RATE, TABLE: config.table_learning_rate}
        return make_game(
            players, average, {name: factor * rate for name, rate in rates.items()}, decay=0.998, seed=config.seed,
            tokens_per_reply=self.tokens_per_reply,
        )  # fmt: skip

    def _fit(
        self, name: str, game: PairGame, network: keras.Model, score: Callable[[], float], columns: Columns,
        epochs: int, batch_size: int, sort_by: str | None,
    ) -> History:  # fmt: skip
        return fit(
            self.strategy, name, game, network, score, columns, epochs=epochs, batch_size=batch_size,
            seed=self.config.seed, sort_by=sort_by, stage=self.checkpoint.stage(name),
        )  # fmt: skip


def score_replies(generator: Generator) -> Callable[[Columns], np.ndarray]:
    """Return a function that gives the log probability of each reply to its text, float32, shape [pairs]."""

    @tf.function(autograph=False, input_signature=[tf.TensorSpec([None, None], tf.int32)] * 2)
    def log_probs(source: tf.Tensor, reply: tf.Tensor) -> tf.Tensor:
        return tf.reduce_sum(generator.log_probs(generator.read(source), reply), axis=1)

    def score(columns: Columns) -> np.ndarray:
        lengths = np.array([len(row) for row in columns.ids["reply"]])
        order, found = np.argsort(lengths, kind="stable"), np.zeros(len(columns), np.float32)
        for start in range(0, len(order), SCORE_BATCH):
            idx = order[start : start + SCORE_BATCH]
            part = columns.take(idx)
            found[idx] = log_probs(part.dense("source"), part.dense("reply")).numpy()
        return found

    return score


def pair_scores(
    discriminator: PairDiscriminator,
) -> Callable[[Sequence[np.ndarray], Sequence[np.ndarray]], np.ndarray]:
    """Return a function that scores pairs, given as n-grams of texts and of replies, float32, shape [pairs]."""

    @tf.function(autograph=False, input_signature=[tf.TensorSpec([None, None], tf.int32)] * 2)
    def scores(texts: tf.Tensor, replies: tf.Tensor) -> tf.Tensor:
        return tf.reduce_sum(discriminator.features(texts, 0) * discriminator.features(replies, 1), axis=1)

    def score(texts: Sequence[np.ndarray], replies: Sequence[np.ndarray]) -> np.ndarray:
        parts = [
            scores(padded(texts[start : start + SCORE_BATCH]), padded(replies[start : start + SCORE_BATCH])).numpy()
            for start in range(0, len(texts), SCORE_BATCH)
        ]
        return np.concatenate([np.zeros(0, np.float32), *parts])

    return score


def sample_replies(
    generator: Generator, max_tokens: int, columns: Columns, temperature: float, seed: int
) -> list[np.ndarray]:
    """A reply of the generator to each text, as ids; the same seed gives the same replies."""
    decoder = Decoder(generator, max_tokens)

    @tf.function(autograph=False, input_signature=[tf.TensorSpec([None, None], tf.int32), tf.TensorSpec([2], tf.int64)])
    def write(source: tf.Tensor, key: tf.Tensor) -> tf.Tensor:
        rows = tf.shape(source)[0]
        uniform = tf.random.stateless_uniform([rows, max_tokens], key)
        return decoder.sample(generator.read(source), tf.fill([rows], temperature), uniform)

    found: list[np.ndarray] = []
    with progress("replies of the generator", len(columns)) as advance:
        for start in range(0, len(columns), SAMPLE_BATCH):
            source = padded(columns.ids["source"][start : start + SAMPLE_BATCH])
            found += unpadded(write(source, np.array([seed, start], np.int64)).numpy())
            advance(len(source))
    return found


def _perplexity(log_probs: np.ndarray, columns: Columns) -> float:
    """Per token of the replies."""
    return float(np.exp(-log_probs.sum() / sum(len(row) for row in columns.ids["reply"])))


def _verdict(number: int, before: Mapping[str, Any], after: Mapping[str, Any], generator: bool, other: bool) -> str:
    kept = {True: "kept", False: "taken back"}
    return (
        f"Round {number} of the game: the perplexity of held-out replies went from {before['perplexity']:.2f} to "
        f"{after['perplexity']:.2f}, the generator was {kept[generator]}; recall@1 of 100 went from "
        f"{100 * before['recall_at_1']:.1f} to {100 * after['recall_at_1']:.1f} %, the discriminator was {kept[other]}."
    )
