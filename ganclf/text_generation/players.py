"""The players of a run: trained by likelihood, then in rounds against each other; the best pair is kept."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ganclf.cli.progress import Advance, progress
from ganclf.text_generation.batches import Corpus, steps_per_epoch
from ganclf.text_generation.config import TextGameConfig
from ganclf.text_generation.energy import EnergyModel, fit_energy
from ganclf.text_generation.game import DISCRIMINATOR, GENERATOR, TextGame, make_game
from ganclf.text_generation.language_model import (
    LogProbs,
    Ngrams,
    Sampler,
    choose_ngram_weight,
    mix,
    perplexity,
    score_discriminator,
    score_generator,
)
from ganclf.text_generation.networks import Discriminator, Generator
from ganclf.text_generation.training import History, Score, train

SIZES = ((0, 256, 128), (100_000, 352, 176), (600_000, 512, 256))  # from so many tokens on: units, size of an embedding
TOKEN_BUDGET = 6_000_000  # that the generator reads in training, at most: about 20 minutes on 2 cores
CHANNELS = 64  # of each convolution of the discriminator
MAX_POOL = 20_000  # samples that a discriminator learns from
MAX_WEIGHT = 5.0  # of a sample in the generator's loss, beside the mean of 1
MIN_DISTINCT = 0.5  # of the distinct share of real texts, below which a generator has collapsed
ROUND_RATE = 0.2  # learning rate of the generator in rounds, beside that before them
SHARE_OF_LIKELIHOOD = 0.5  # of --minutes


@dataclass(frozen=True, eq=False)
class Candidate:
    """A generator, with a discriminator or without.

    Attributes:
        name: of it, for the report.
        generator: trained.
        ngram_weight: of the n-grams beside it.
        discriminator: trained against it, or None.
        energy: how the discriminator's score is used.
        held_out: perplexity of the held-out texts by generator and n-grams.
        generator_alone: the same without n-grams.
        with_discriminator: the same with both; as `held_out` where the strength is 0.
    """

    name: str
    generator: Generator
    ngram_weight: float
    discriminator: Discriminator | None
    energy: EnergyModel
    held_out: float
    generator_alone: float
    with_discriminator: float


@dataclass(eq=False)
class Players:
    """Everything that a run trained.

    Attributes:
        candidates: in the order of training; the first is maximum likelihood.
        histories: of each training, by name.
        notes: sentences on what was undone.
    """

    candidates: list[Candidate] = field(default_factory=list)
    histories: dict[str, History] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def best(self) -> Candidate:
        """The one with the lowest perplexity of held-out texts."""
        return min(self.candidates, key=lambda candidate: candidate.with_discriminator)


class Training:
    """Trains the players of a run.

    Args:
        config: of the run.
        real: training texts.
        held_out: texts that end the trainings and choose among the results.
        ngrams: counts of the training texts.
        lookup: the same in a graph.
        vocabulary: number of ids.
        priors: of the classes, which sum to 1, shape [classes].
        max_tokens: of a sample.
    """

    def __init__(
        self, config: TextGameConfig, real: Corpus, held_out: Corpus, ngrams: Ngrams, lookup: Any, vocabulary: int,
        priors: np.ndarray, max_tokens: int,
    ) -> None:  # fmt: skip
        self.config, self.real, self.held_out, self.lookup = config, real, held_out, lookup
        self.vocabulary, self.priors, self.max_tokens = vocabulary, priors, max_tokens
        self.ngram_scores = ngrams.log_probabilities(held_out.tokens)
        self.players = Players()
        self.tokens_per_row = float(real.lengths.mean())
        tokens = int(real.lengths.sum())
        self.units, self.size = next((units, size) for low, units, size in reversed(SIZES) if tokens >= low)
        if config.units:
            self.units, self.size = config.units, max(4, config.units // 2)
        self.start = time.monotonic()

    def run(self) -> Players:
        """Maximum likelihood, a discriminator against it, then the rounds."""
        likelihood = self._likelihood()
        self._add("maximum likelihood", likelihood, self._first_discriminator(likelihood))
        for number in range(self.config.rounds if self.config.discriminator_epochs else 0):
            if self._is_late():
                self.players.notes.append(f"--minutes {self.config.minutes:g} were over before round {number + 1}.")
                break
            self._round(number + 1)
        return self.players

    def make_generator(self) -> Generator:
        """As new."""
        config = self.config
        return Generator(self.vocabulary, len(self.priors), self.units, self.size, config.dropout, config.seed)

    def make_discriminator(self) -> Discriminator:
        """As new."""
        config = self.config
        return Discriminator(
            self.vocabulary, len(self.priors), self.units, self.size, CHANNELS, config.discriminator_dropout,
            config.word_dropout, config.seed + 100,
        )  # fmt: skip

    def _likelihood(self) -> Generator:
        config, steps = self.config, steps_per_epoch(len(self.real), self.config.batch_size)
        epochs = min(config.epochs, max(2, TOKEN_BUDGET // max(int(self.real.lengths.sum()), 1)))
        if config.steps:
            epochs = max(1, min(epochs, -(-config.steps // steps)))
        with progress("likelihood", epochs * steps) as advance:
            game, history = self._train(
                lambda: self._game(
                    {GENERATOR: self.make_generator}, {GENERATOR: config.learning_rate}
                ),
                None, self._generator_score(), epochs, advance, SHARE_OF_LIKELIHOOD,
            )  # fmt: skip
        self.players.histories["likelihood"] = history
        return _plain(game.averages[GENERATOR], self.make_generator)

    def _first_discriminator(self, generator: Generator) -> Discriminator | None:
        config = self.config
        if not config.discriminator_epochs:
            return None
        sampler = self._sampler(generator)
        pool = min(MAX_POOL, len(self.real) * config.discriminator_epochs)
        fresh = self._sample(sampler, pool, config.seed + 1)
        score = self._discriminator_score(self._sample(sampler, 2 * len(self.held_out), config.seed + 2))

        def make() -> Discriminator:
            made = self.make_discriminator()
            made.start_from(generator)
            return made

        steps = config.discriminator_epochs * steps_per_epoch(len(self.real), config.batch_size)
        with progress("discriminator", steps) as advance:
            game, history = self._train(
                lambda: self._game({DISCRIMINATOR: make}, {DISCRIMINATOR: config.discriminator_learning_rate}),
                fresh, score, config.discriminator_epochs, advance, 0.7,
            )  # fmt: skip
        self.players.histories["discriminator"] = history
        return _plain(game.averages[DISCRIMINATOR], self.make_discriminator)

    def _round(self, number: int) -> None:
        """Both players learn from real texts and from samples of the last generator."""
        before, config = self.players.candidates[-1], self.config
        assert before.discriminator is not None
        pool = self._sample(self._sampler(before.generator, before.ngram_weight), min(MAX_POOL, len(self.real)),
                            config.seed + 10 * number)  # fmt: skip
        scores = score_discriminator(before.discriminator)(pool).astype(float)
        weights = np.minimum(np.exp(scores - scores.max()) / np.exp(scores - scores.max()).mean(), MAX_WEIGHT)
        makers = {
            DISCRIMINATOR: lambda: _plain(before.discriminator, self.make_discriminator),
            GENERATOR: lambda: _plain(before.generator, self.make_generator),
        }
        rates = {
            DISCRIMINATOR: config.discriminator_learning_rate,
            GENERATOR: ROUND_RATE * config.learning_rate,
        }
        with progress(f"round {number}", steps_per_epoch(len(self.real), config.batch_size)) as advance:
            game, history = self._train(
                lambda: self._game(makers, rates), pool.weighted(weights), None, 1, advance, 1.0
            )
        self.players.histories[f"round {number}"] = history
        generator = _plain(game.averages[GENERATOR], self.make_generator)
        self._add(f"round {number}", generator, _plain(game.averages[DISCRIMINATOR], self.make_discriminator))

    def _add(self, name: str, generator: Generator, discriminator: Discriminator | None) -> None:
        """Measure a pair on the held-out texts; a collapsed generator is left out."""
        config, held_out = self.config, self.held_out
        alone = score_generator(generator)(held_out)
        weight = choose_ngram_weight(alone, self.ngram_scores, held_out)
        mixed = mix(alone, self.ngram_scores, weight)
        samples = self._sample(
            self._sampler(generator, weight), config.partition_samples if discriminator else 500, config.seed + 3
        )
        if symptom := collapse(samples, self.real):
            self.players.notes.append(f"After {name} {symptom}. It was taken back.")
            if self.players.candidates:
                self.players.candidates.append(self.players.candidates[-1])
                return
        energy = EnergyModel(0.0, np.zeros(len(self.priors)))
        if discriminator is not None:
            score = score_discriminator(discriminator)
            energy = fit_energy(
                score(samples), samples.classes, score(held_out), held_out.classes, len(self.priors), config.seed
            )
        gain = energy.gain * len(held_out) if energy.strength else 0.0
        self.players.candidates.append(
            Candidate(
                name=name, generator=generator, ngram_weight=weight, discriminator=discriminator, energy=energy,
                held_out=perplexity(mixed, held_out), generator_alone=perplexity(alone, held_out),
                with_discriminator=perplexity(mixed, held_out, gain),
            )
        )  # fmt: skip

    def _train(
        self, make: Callable[[], TextGame], samples: Corpus | None, score: Score | None, epochs: int, advance: Advance,
        share: float,
    ) -> tuple[TextGame, History]:  # fmt: skip
        minutes = self.config.minutes
        return train(
            make, self.real, samples, score, epochs=epochs, batch_size=self.config.batch_size, seed=self.config.seed,
            advance=advance, deadline=None if minutes is None else self.start + 60.0 * share * minutes,
        )  # fmt: skip

    def _game(self, makers: dict[str, Callable[[], Any]], rates: dict[str, float]) -> TextGame:
        steps = steps_per_epoch(len(self.real), self.config.batch_size)
        return make_game(
            {name: make() for name, make in makers.items()}, {name: make() for name, make in makers.items()}, rates,
            decay=float(np.clip(1.0 - 1.0 / steps, 0.98, 0.998)), seed=self.config.seed,
            tokens_per_row=self.tokens_per_row,
        )  # fmt: skip

    def _is_late(self) -> bool:
        minutes = self.config.minutes
        return minutes is not None and time.monotonic() > self.start + 60.0 * 0.85 * minutes

    def _sampler(self, generator: Generator, weight: float | None = None) -> Sampler:
        if weight is None:
            weight = choose_ngram_weight(score_generator(generator)(self.held_out), self.ngram_scores, self.held_out)
        return Sampler(generator, self.lookup, weight, self.max_tokens, self.priors)

    def _sample(self, sampler: Sampler, count: int, seed: int) -> Corpus:
        with progress("samples", count) as advance:
            return sampler.sample(count, seed, advance=advance)

    def _generator_score(self) -> Score:
        scorers: dict[int, Callable[[Corpus], LogProbs]] = {}

        def score(game: TextGame) -> float:
            average = game.averages[GENERATOR]
            scorer = scorers.setdefault(id(average), score_generator(average))
            return perplexity(scorer(self.held_out), self.held_out)

        return score

    def _discriminator_score(self, fake: Corpus) -> Score:
        scorers: dict[int, Callable[[Corpus], np.ndarray]] = {}

        def score(game: TextGame) -> float:
            average = game.averages[DISCRIMINATOR]
            scorer = scorers.setdefault(id(average), score_discriminator(average))
            return cross_entropy(scorer(self.held_out), scorer(fake))

        return score


def cross_entropy(real: np.ndarray, fake: np.ndarray) -> float:
    """Of real or generated, in nats; log 2 is chance. Scores are the log of the odds."""
    return 0.5 * float(np.logaddexp(0.0, -real).mean() + np.logaddexp(0.0, fake).mean())


def collapse(samples: Corpus, real: Corpus) -> str | None:
    """Describe a generator that writes the same texts again and again, or None."""
    count = min(len(samples), len(real))
    generated, expected = (
        len({text.tobytes() for text in corpus.tokens[:count]}) / max(count, 1) for corpus in (samples, real)
    )
    if generated >= MIN_DISTINCT * expected:
        return None
    return (
        f"the generator collapsed: {100 * generated:.0f} % of its texts are distinct, "
        f"{100 * expected:.0f} % of the real ones"
    )


def _plain(trained: Any, make: Callable[[], Any]) -> Any:
    """The same network with variables on one device."""
    copy = make()
    copy.set_weights(trained.get_weights())
    return copy
