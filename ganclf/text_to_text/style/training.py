"""Trains the players: counted edits, a discriminator, a generator, then rounds of cycle and game."""

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
from ganclf.encoders.tokens import END, padded, unpadded
from ganclf.export.checkpoints import Checkpoint
from ganclf.text_to_text.batches import Columns
from ganclf.text_to_text.decoding import Decoder
from ganclf.text_to_text.fitting import fit
from ganclf.text_to_text.style.config import StyleConfig
from ganclf.text_to_text.style.edits import Editor, Width
from ganclf.text_to_text.style.game import DISCRIMINATOR, GENERATOR, StyleGame, make_game
from ganclf.text_to_text.style.networks import StyleDiscriminator, StyleGenerator

PSEUDO_WIDTH = Width(4, (4, 6, 6, 4), 1)  # of edits for training: fewer than are looked at when texts are rewritten
EDIT_BATCH, SCORE_BATCH, SAMPLE_BATCH = 256, 128, 256
COPIES = 0.15  # share of the texts that are given back from themselves; the others from an edit or a rewriting
ROUND_RATE = 0.3  # learning rates in rounds, beside those before
ROUND_TEMPERATURE = 0.5  # of the generator's own rewritings
DISCRIMINATOR_SIZE = 64  # of its embeddings


@dataclass(eq=False)
class Corpus:
    """Texts as ids.

    Attributes:
        tokens: of each text, int32, END last.
        styles: number of the style of each, int32, shape [texts].
    """

    tokens: list[np.ndarray]
    styles: np.ndarray

    def __len__(self) -> int:
        return len(self.tokens)

    def take(self, idx: np.ndarray) -> Corpus:
        """The texts of these indices."""
        return Corpus([self.tokens[index] for index in idx], self.styles[idx])

    def targets(self, styles: int, seed: int) -> np.ndarray:
        """Another style for each text, int32, shape [texts]."""
        random = np.random.default_rng(seed)
        return ((self.styles + random.integers(1, styles, len(self))) % styles).astype(np.int32)


@dataclass(eq=False)
class Players:
    """What a run trained.

    Attributes:
        editor: counted edits.
        discriminator: of styles.
        generator: None where there are counted edits alone.
        without_game: the generator and the discriminator before the rounds; None likewise.
        histories: of each training, by name.
        notes: sentences on what was kept and what was taken back.
    """

    editor: Editor
    discriminator: StyleDiscriminator
    generator: StyleGenerator | None = None
    without_game: tuple[StyleGenerator, StyleDiscriminator] | None = None
    histories: dict[str, History] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


class Training:
    """Trains the players of a run.

    Args:
        config: of the run.
        vocabulary: number of ids.
        styles: number of styles.
        train: training texts.
        held_out: texts that end the trainings.
        checkpoint: where the stages of the training are kept.
    """

    def __init__(
        self, config: StyleConfig, vocabulary: int, styles: int, train: Corpus, held_out: Corpus,
        checkpoint: Checkpoint,
    ) -> None:  # fmt: skip
        self.checkpoint = checkpoint
        self.config, self.vocabulary, self.styles = config, vocabulary, styles
        self.train, self.held_out = train, held_out
        self.tokens_per_text = float(np.mean([len(row) for row in train.tokens]))
        self.max_tokens = max(len(row) for row in train.tokens) + 1
        self.strategy = choose_strategy()

    def run(self, editor: Editor) -> Players:
        """A discriminator, a generator, then the rounds."""
        train, config = self.train, self.config
        targets = train.targets(self.styles, config.seed)
        edit_all = editing(editor)
        pseudo = self._kept("edits of texts", lambda: edit_all(train.tokens, targets, "edits"))
        held_out_targets = self.held_out.targets(self.styles, config.seed)
        held_out_pseudo = edit_all(self.held_out.tokens, held_out_targets, None)
        discriminator, history = self._discriminator(pseudo)
        players = Players(editor, discriminator, histories={"discriminator": history})
        if not config.epochs:
            return players
        held_out = Columns({"source": held_out_pseudo, "reply": self.held_out.tokens}, {"style": self.held_out.styles})
        players.generator = self._likelihood(players, pseudo, held_out)
        players.without_game = players.generator, discriminator
        for number in range(config.rounds):
            self._round(players, number + 1, pseudo)
        return players

    def make_generator(self) -> StyleGenerator:
        """As new."""
        config = self.config
        return StyleGenerator(
            self.vocabulary, self.styles, config.units, config.embedding_size, config.dropout, config.seed
        )  # fmt: skip

    def make_discriminator(self) -> StyleDiscriminator:
        """As new."""
        config = self.config
        return StyleDiscriminator(
            self.vocabulary, self.styles, DISCRIMINATOR_SIZE, config.filters, config.discriminator_dropout, config.seed
        )  # fmt: skip

    def _discriminator(self, pseudo: Sequence[np.ndarray]) -> tuple[StyleDiscriminator, History]:
        config, columns = self.config, Columns(
            {"reply": self.train.tokens, "generated": pseudo}, {"style": self.train.styles}
        )  # fmt: skip
        with self.strategy.scope():
            network = self.make_discriminator()
            game = self._game({DISCRIMINATOR: network}, None)
        logits = style_logits(network)
        score = lambda: float(np.mean(logits(self.held_out.tokens).argmax(axis=1) != self.held_out.styles))  # noqa: E731
        history = self._fit("discriminator", game, network, score, columns, config.discriminator_epochs, "reply")
        return copy_of(network, self.make_discriminator), history

    def _likelihood(self, players: Players, pseudo: Sequence[np.ndarray], held_out: Columns) -> StyleGenerator:
        config = self.config
        columns = Columns(
            {"source": self._sources(pseudo, 0), "reply": self.train.tokens}, {"style": self.train.styles}
        )
        with self.strategy.scope():
            network, average = self.make_generator(), self.make_generator()
            game = self._game({GENERATOR: network}, average)
        log_probs = score_texts(average)
        score = lambda: -float(log_probs(held_out).sum()) / sum(map(len, held_out.ids["reply"]))  # noqa: E731
        players.histories["generator"] = self._fit("generator", game, average, score, columns, config.epochs, "reply")
        return copy_of(average, self.make_generator)

    def _round(self, players: Players, number: int, pseudo: Sequence[np.ndarray]) -> None:
        """The generator rewrites texts, and learns to write them back while it plays against the discriminator."""
        generator = players.generator
        assert generator is not None
        config, random = self.config, np.random.default_rng((self.config.seed, number))
        idx = random.permutation(len(self.train))[: config.round_texts]
        part = self.train.take(idx)
        targets = part.targets(self.styles, config.seed + number)
        own = self._kept(f"rewritings for round {number}", lambda: rewrite_all(
            generator, self.max_tokens, part.tokens, targets, ROUND_TEMPERATURE, config.seed + number
        ))  # fmt: skip
        half = random.random(len(part)) < 0.5  # half of the sources are rewritings, the others edits or copies
        sources = self._sources([pseudo[index] for index in idx], number, part.tokens)
        sources = [mine if chosen else other for mine, other, chosen in zip(own, sources, half, strict=True)]
        columns = Columns(
            {"source": sources, "reply": part.tokens, "generated": own},
            {"style": part.styles, "target": targets},
        )
        weight = config.adversarial_weight
        with self.strategy.scope():
            network, average = (copy_of(generator, self.make_generator) for _ in range(2))
            discriminator = copy_of(players.discriminator, self.make_discriminator)
            game = self._game(
                {DISCRIMINATOR: discriminator, GENERATOR: network}, average, ROUND_RATE,
                weight if number > 1 else weight / 2.0, max(len(part) // config.batch_size, 1),
            )  # fmt: skip
        name = f"round {number}"
        players.histories[name] = self._fit(name, game, average, lambda: 0.0, columns, 1, "reply")
        players.generator = copy_of(average, self.make_generator)
        players.discriminator = copy_of(discriminator, self.make_discriminator)

    def _kept(self, name: str, compute: Callable[[], list[np.ndarray]]) -> list[np.ndarray]:
        """Ids of texts, which are computed once, and read after a break."""
        return unpadded(self.checkpoint.kept(name, lambda: {"tokens": padded(compute())})["tokens"])

    def _sources(
        self, pseudo: Sequence[np.ndarray], number: int, texts: Sequence[np.ndarray] | None = None
    ) -> list[np.ndarray]:
        """What each text is given back from: mostly an edit of it, else itself with words missing."""
        random = np.random.default_rng((self.config.seed, 7, number))
        texts = self.train.tokens if texts is None else texts
        copies = random.random(len(texts)) < COPIES
        found = []
        for text, edit, copy in zip(texts, pseudo, copies, strict=True):
            kept = text[(random.random(len(text)) >= self.config.word_dropout) | (text == END)] if copy else edit
            found.append(kept if len(kept) else text)
        return found

    def _game(
        self, players: Mapping[str, keras.Model], average: StyleGenerator | None, factor: float = 1.0,
        adversarial_weight: float = 0.0, warm_steps: int = 1,
    ) -> StyleGame:  # fmt: skip
        config = self.config
        rates = {GENERATOR: config.learning_rate, DISCRIMINATOR: config.discriminator_learning_rate}
        return make_game(
            players, average, {name: factor * rate for name, rate in rates.items()}, seed=config.seed,
            tokens_per_text=self.tokens_per_text, adversarial_weight=adversarial_weight, warm_steps=warm_steps,
        )  # fmt: skip

    def _fit(
        self, name: str, game: StyleGame, network: keras.Model, score: Callable[[], float], columns: Columns,
        epochs: int, sort_by: str,
    ) -> History:  # fmt: skip
        return fit(
            self.strategy, name, game, network, score, columns, epochs=epochs,
            batch_size=min(self.config.batch_size, len(columns)), seed=self.config.seed, sort_by=sort_by,
            stage=self.checkpoint.stage(name),
        )  # fmt: skip


def editing(editor: Editor) -> Callable[[Sequence[np.ndarray], np.ndarray, str | None], list[np.ndarray]]:
    """Return a function that gives the best counted edit of each text, int32, END last; a name shows its progress."""

    @tf.function(
        autograph=False, input_signature=[tf.TensorSpec([None, None], tf.int32), tf.TensorSpec([None], tf.int32)]
    )
    def best(tokens: tf.Tensor, target: tf.Tensor) -> tf.Tensor:
        found = editor.edit_twice(tokens, target, PSEUDO_WIDTH, 1)
        return tf.gather(found.tokens, tf.argmax(found.scores, axis=1), axis=1, batch_dims=1)

    def edit_all(texts: Sequence[np.ndarray], targets: np.ndarray, name: str | None) -> list[np.ndarray]:
        order = np.argsort([len(text) for text in texts], kind="stable")
        found: list[Any] = [None] * len(texts)
        with progress(name or "edits of held-out texts", len(texts), shown=name is not None) as advance:
            for start in range(0, len(order), EDIT_BATCH):
                idx = order[start : start + EDIT_BATCH]
                edited = best(padded([texts[index] for index in idx]), targets[idx]).numpy()
                for index, row in zip(idx, unpadded(edited), strict=True):
                    found[index] = row if len(row) else texts[index]
                advance(len(idx))
        return found

    return edit_all


def rewrite_all(
    generator: StyleGenerator, max_tokens: int, texts: Sequence[np.ndarray], targets: np.ndarray, temperature: float,
    seed: int,
) -> list[np.ndarray]:  # fmt: skip
    """A rewriting of each text by the generator, as ids; the same seed gives the same."""
    decoder = Decoder(generator, max_tokens)

    @tf.function(autograph=False, input_signature=[
        tf.TensorSpec([None, None], tf.int32), tf.TensorSpec([None], tf.int32), tf.TensorSpec([2], tf.int64)
    ])  # fmt: skip
    def write(source: tf.Tensor, style: tf.Tensor, key: tf.Tensor) -> tf.Tensor:
        rows = tf.shape(source)[0]
        uniform = tf.random.stateless_uniform([rows, max_tokens], key)
        return decoder.sample(generator.read_for(source, style), tf.fill([rows], temperature), uniform)

    found: list[np.ndarray] = []
    with progress("rewritings of the generator", len(texts)) as advance:
        for start in range(0, len(texts), SAMPLE_BATCH):
            source = padded(texts[start : start + SAMPLE_BATCH])
            key = np.array([seed, start], np.int64)
            found += unpadded(write(source, targets[start : start + SAMPLE_BATCH], key).numpy())
            advance(len(source))
    return found


def style_logits(discriminator: StyleDiscriminator) -> Callable[[Sequence[np.ndarray]], np.ndarray]:
    """Return a function that gives the logits of the styles of texts, float32, shape [texts, styles]."""

    @tf.function(autograph=False, input_signature=[tf.TensorSpec([None, None], tf.int32)])
    def logits(tokens: tf.Tensor) -> tf.Tensor:
        return discriminator.logits(tokens)

    def score(texts: Sequence[np.ndarray]) -> np.ndarray:
        parts = [
            logits(padded(texts[start : start + SCORE_BATCH])).numpy() for start in range(0, len(texts), SCORE_BATCH)
        ]
        return np.concatenate([np.zeros((0, discriminator.styles), np.float32), *parts])

    return score


def score_texts(generator: StyleGenerator) -> Callable[[Columns], np.ndarray]:
    """Return a function that gives the log probability of each "reply" from its "source", float32, shape [texts]."""

    @tf.function(
        autograph=False, input_signature=[tf.TensorSpec([None, None], tf.int32)] * 2 + [tf.TensorSpec([None], tf.int32)]
    )
    def log_probs(source: tf.Tensor, reply: tf.Tensor, style: tf.Tensor) -> tf.Tensor:
        return tf.reduce_sum(generator.log_probs(generator.read_for(source, style), reply), axis=1)

    def score(columns: Columns) -> np.ndarray:
        found = []
        for start in range(0, len(columns), SCORE_BATCH):
            part = columns.take(np.arange(start, min(start + SCORE_BATCH, len(columns))))
            found.append(log_probs(part.dense("source"), part.dense("reply"), part.numbers["style"]).numpy())
        return np.concatenate([np.zeros(0, np.float32), *found])

    return score
