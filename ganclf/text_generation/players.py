"""The players of a run: trained by likelihood, then in rounds against each other; the best pair is kept."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from ganclf.adversarial.replicas import copy_of
from ganclf.adversarial.training import History
from ganclf.cli.progress import Advance, progress
from ganclf.export.checkpoints import Checkpoint
from ganclf.text_generation.batches import Corpus, steps_per_epoch
from ganclf.text_generation.candidates import Candidate, Players
from ganclf.text_generation.config import TextGameConfig
from ganclf.text_generation.energy import NO_WEIGHTS, EnergyModel, fit_energy
from ganclf.text_generation.forms import Forms
from ganclf.text_generation.game import DISCRIMINATOR, GENERATOR, PAIRS, TextGame, make_game
from ganclf.text_generation.judge import Judge, word_log_probs
from ganclf.text_generation.language_model import (
    Ngrams,
    Sampler,
    backwards,
    choose_ngram_weight,
    mix,
    perplexity,
    score_discriminator,
    score_generator,
)
from ganclf.text_generation.networks import Discriminator, Generator
from ganclf.text_generation.pairs import Pairs, common_places, placed, score_ties, shuffled
from ganclf.text_generation.training import PATIENCE, Score, train_players

SIZES = ((0, 256, 128), (100_000, 352, 176), (600_000, 512, 256))  # from so many tokens on: units, size of an embedding
TOKEN_BUDGET = 6_000_000  # that the generator reads in training, at most: about 20 minutes on 2 cores
CHANNELS = 64  # of each convolution of the discriminator
MAX_POOL = 20_000  # samples that a discriminator learns from
MAX_SHUFFLED = 100_000  # texts of shuffled words
MAX_WEIGHT = 5.0  # of a sample in the generator's loss, beside the mean of 1
MIN_DISTINCT = 0.5  # of the distinct share of real texts, below which a generator has collapsed
ROUND_RATE = 0.2  # learning rate of the generator in rounds, beside that before them
SHARE_OF_LIKELIHOOD, SHARE_OF_BACKWARDS, SHARE_OF_DISCRIMINATOR = 0.4, 0.6, 0.75  # of --minutes, each by its end
DISCRIMINATOR_EPOCHS, DISCRIMINATOR_STEPS = 6, 600  # whichever is longer
MATCHER_UNITS, MATCHER_RATE = 64, 1e-3  # of the network that compares texts with labels
PAIR_RATE, PAIR_DROPOUT = 4e-3, 0.3  # learning rate and dropout rate of pairs
PAIR_STEPS, PAIR_EPOCHS = 10_600, (3, 200)  # of pairs with words of different texts: by steps, within these epochs
PAIR_SHARE = 6  # passes with words of different texts for each of --discriminator-epochs
PAIR_PATIENCE = 1000  # steps without a better score: the first ones show little
COLLAPSE_SAMPLES = 500  # by which a collapse is seen

Opponent = TypeVar("Opponent", Discriminator, Pairs)


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
        ends: which ids end a line, bool, shape [vocabulary].
        checkpoint: where the stages of the training are kept.
    """

    def __init__(
        self, config: TextGameConfig, real: Corpus, held_out: Corpus, ngrams: Ngrams, lookup: Any, vocabulary: int,
        priors: np.ndarray, max_tokens: int, ends: np.ndarray, checkpoint: Checkpoint,
    ) -> None:  # fmt: skip
        self.config, self.real, self.held_out, self.lookup = config, real, held_out, lookup
        self.vocabulary, self.priors, self.max_tokens, self.ends = vocabulary, priors, max_tokens, ends
        self.ngram_scores = ngrams.log_probabilities(held_out.tokens)
        self.players = Players()
        self.reader: Generator | None = None
        self.places = common_places(real, ends)
        self.pairs: Pairs | None = None
        self.matcher: Discriminator | None = None
        self.forms: Forms | None = None
        self.opposed: Corpus | None = None
        self.last_sampler: tuple[Generator, float, Sampler] | None = None
        tokens = int(real.lengths.sum())
        self.units, self.size = next((units, size) for low, units, size in reversed(SIZES) if tokens >= low)
        if config.units:
            self.units, self.size = config.units, max(4, config.units // 2)
        self.checkpoint = checkpoint
        self.start = time.monotonic() - checkpoint.seconds

    def run(self) -> Players:
        """Maximum likelihood, a discriminator against it, then the rounds."""
        plays = self.config.discriminator_epochs != 0
        likelihood = self._likelihood("likelihood", self.real, self.held_out, SHARE_OF_LIKELIHOOD)
        if plays and self.config.backwards:
            turned = backwards(self.real), backwards(self.held_out)
            self.reader = self._likelihood("backwards", *turned, SHARE_OF_BACKWARDS)
        if plays and self.config.pairs and len(self.places) > 1:
            self.pairs = self._pairs(likelihood)
        if plays and self.config.forms:
            self.forms = Forms.count(self.real, self._opposed(likelihood), self.ends)
        if plays and len(self.priors) > 1:
            self.matcher = self._matcher(likelihood)
        self._add("maximum likelihood", likelihood, self._first_discriminator(likelihood) if plays else None)
        for number in range(self.config.rounds if plays else 0):
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

    def make_pairs(self) -> Pairs:
        """As new."""
        return Pairs(self.vocabulary, self.ends, self.places, PAIR_DROPOUT, self.config.seed + 200)

    def make_matcher(self) -> Discriminator:
        """As new."""
        config = self.config
        return Discriminator(
            self.vocabulary, len(self.priors), MATCHER_UNITS, self.size, CHANNELS, config.discriminator_dropout,
            config.word_dropout, config.seed + 300,
        )  # fmt: skip

    def _likelihood(self, name: str, real: Corpus, held_out: Corpus, share: float) -> Generator:
        """A generator of the texts of a corpus by maximum likelihood."""
        config, steps = self.config, steps_per_epoch(len(real), self.config.batch_size)
        epochs = min(config.epochs, max(2, TOKEN_BUDGET // max(int(real.lengths.sum()), 1)))
        if config.steps:
            epochs = max(1, min(epochs, -(-config.steps // steps)))
        with progress(name, epochs * steps) as advance:
            game, history = self._train(
                name, lambda: self._game({GENERATOR: self.make_generator}, {GENERATOR: config.learning_rate}, real),
                real, None, _generator_score(held_out), epochs, advance, share,
            )  # fmt: skip
        self.players.histories[name] = history
        return copy_of(game.averages[GENERATOR], self.make_generator)

    def _pairs(self, generator: Generator) -> Pairs:
        """Pairs that learned which words go together, then where that tells real texts from generated ones."""
        some = self.real.take(np.arange(min(len(self.real), MAX_SHUFFLED)))
        real, held_out = (placed(corpus, self.ends, self.places) for corpus in (some, self.held_out))
        per_epoch = steps_per_epoch(len(real), self.config.batch_size)
        epochs = PAIR_SHARE * (self.config.discriminator_epochs or 0) or int(
            np.clip(PAIR_STEPS // per_epoch, *PAIR_EPOCHS)
        )
        patience = max(PATIENCE, -(-PAIR_PATIENCE // per_epoch))
        others = shuffled(real, min(MAX_SHUFFLED, len(real) * epochs), self.config.seed + 5)
        score = score_ties(held_out, shuffled(held_out, len(held_out), self.config.seed + 6))
        with progress("pairs", epochs * per_epoch) as advance:
            game, history = self._train(
                "ties", lambda: self._game({PAIRS: self.make_pairs}, {PAIRS: PAIR_RATE}), real, others,
                lambda game: score(game.averages[PAIRS]), epochs, advance, SHARE_OF_BACKWARDS, patience,
            )  # fmt: skip
        self.players.histories["ties"] = history
        tied = copy_of(game.averages[PAIRS], self.make_pairs)
        return self._opponent("pairs", generator, lambda: copy_of(tied, self.make_pairs), self.make_pairs, PAIR_RATE)

    def _matcher(self, generator: Generator) -> Discriminator:
        """A discriminator of texts with their labels and texts with labels that are drawn: log p(label | text) / p."""

        def make() -> Discriminator:
            made = self.make_matcher()
            made.start_from(generator)
            return made

        config, held_out = self.config, self.held_out
        per_epoch = steps_per_epoch(len(self.real), config.batch_size)
        epochs = self._discriminator_epochs(per_epoch)
        chosen = np.resize(np.arange(len(self.real)), min(MAX_SHUFFLED, len(self.real) * epochs))
        drawn = self._with_drawn_labels(self.real.take(chosen), config.seed + 7)
        others = self._with_drawn_labels(held_out, config.seed + 8)

        def score(game: TextGame) -> float:
            scorer = score_discriminator(game.averages[DISCRIMINATOR])
            return cross_entropy(scorer(held_out), scorer(others))

        with progress("labels", epochs * per_epoch) as advance:
            game, history = self._train(
                "labels", lambda: self._game({DISCRIMINATOR: make}, {DISCRIMINATOR: MATCHER_RATE}), self.real, drawn,
                score, epochs, advance, SHARE_OF_DISCRIMINATOR,
            )  # fmt: skip
        self.players.histories["labels"] = history
        return copy_of(game.averages[DISCRIMINATOR], self.make_matcher)

    def _with_drawn_labels(self, corpus: Corpus, seed: int) -> Corpus:
        classes = np.random.default_rng(seed).choice(len(self.priors), len(corpus), p=self.priors)
        return Corpus.of(corpus.tokens, classes)

    def _discriminator_epochs(self, per_epoch: int) -> int:
        return self.config.discriminator_epochs or max(DISCRIMINATOR_EPOCHS, -(-DISCRIMINATOR_STEPS // per_epoch))

    def _first_discriminator(self, generator: Generator) -> Discriminator:
        def make() -> Discriminator:
            made = self.make_discriminator()
            made.start_from(generator)
            return made

        rate = self.config.discriminator_learning_rate
        return self._opponent("discriminator", generator, make, self.make_discriminator, rate)

    def _opponent(
        self, name: str, generator: Generator, make: Callable[[], Opponent], make_empty: Callable[[], Opponent],
        rate: float,
    ) -> Opponent:  # fmt: skip
        """A network that learns to tell real texts from those of a generator."""
        config, fresh = self.config, self._opposed(generator)
        per_epoch = steps_per_epoch(len(self.real), config.batch_size)
        epochs = self._discriminator_epochs(per_epoch)
        score = self._discriminator_score(
            self._sample("its score", self._sampler(generator), 2 * len(self.held_out), config.seed + 2)
        )  # fmt: skip
        with progress(name, epochs * per_epoch) as advance:
            game, history = self._train(
                name, lambda: self._game({DISCRIMINATOR: make}, {DISCRIMINATOR: rate}), self.real, fresh, score,
                epochs, advance, SHARE_OF_DISCRIMINATOR,
            )  # fmt: skip
        self.players.histories[name] = history
        return copy_of(game.averages[DISCRIMINATOR], make_empty)

    def _opposed(self, generator: Generator) -> Corpus:
        """Texts of the first generator, from which its opponents learn; they are written once."""
        if self.opposed is None:
            epochs = self._discriminator_epochs(steps_per_epoch(len(self.real), self.config.batch_size))
            pool = min(MAX_POOL, len(self.real) * epochs)
            self.opposed = self._sample("the discriminator", self._sampler(generator), pool, self.config.seed + 1)
        return self.opposed

    def _round(self, number: int) -> None:
        """Both players learn from real texts and from samples of the last generator."""
        before, config = self.players.candidates[-1], self.config
        assert before.judge is not None
        discriminator = before.judge.discriminator
        pool = self._sample(
            f"round {number}", self._sampler(before.generator, before.ngram_weight), min(MAX_POOL, len(self.real)),
            config.seed + 10 * number,
        )  # fmt: skip
        scores = score_discriminator(discriminator)(pool).astype(float)
        weights = np.minimum(np.exp(scores - scores.max()) / np.exp(scores - scores.max()).mean(), MAX_WEIGHT)
        makers = {
            DISCRIMINATOR: lambda: copy_of(discriminator, self.make_discriminator),
            GENERATOR: lambda: copy_of(before.generator, self.make_generator),
        }
        rates = {
            DISCRIMINATOR: config.discriminator_learning_rate,
            GENERATOR: ROUND_RATE * config.learning_rate,
        }
        with progress(f"round {number}", steps_per_epoch(len(self.real), config.batch_size)) as advance:
            game, history = self._train(
                f"round {number}", lambda: self._game(makers, rates), self.real, pool.weighted(weights), None, 1,
                advance, 1.0,
            )  # fmt: skip
        self.players.histories[f"round {number}"] = history
        generator = copy_of(game.averages[GENERATOR], self.make_generator)
        self._add(f"round {number}", generator, copy_of(game.averages[DISCRIMINATOR], self.make_discriminator))

    def _add(self, name: str, generator: Generator, discriminator: Discriminator | None) -> None:
        """Measure a pair on the held-out texts; a collapsed generator is left out."""
        config, held_out = self.config, self.held_out
        alone = score_generator(generator)(held_out)
        weight = choose_ngram_weight(alone, self.ngram_scores, held_out)
        mixed = mix(alone, self.ngram_scores, weight)
        count = config.partition_samples if discriminator else COLLAPSE_SAMPLES
        samples, words = self._sample_scored(f"samples of {name}", self._sampler(generator, weight), count)
        if symptom := collapse(samples, self.real):
            self.players.notes.append(f"After {name} {symptom}. It was taken back.")
            if self.players.candidates:
                self.players.candidates.append(self.players.candidates[-1])
                return
        judge = (
            None if discriminator is None else Judge(discriminator, self.reader, self.pairs, self.matcher, self.forms)
        )
        energy = score_energy = EnergyModel(NO_WEIGHTS, np.zeros(len(self.priors)))
        if judge is not None:
            seen = self._features(name, judge, samples, words, word_log_probs(mixed, held_out))
            energy, score_energy = (
                fit_energy(
                    seen[0],
                    samples.classes,
                    seen[1],
                    held_out.classes,
                    len(self.priors),
                    config.seed,
                    score_alone,
                    config.label_weight,
                )
                for score_alone in (False, True)
            )
        gain = energy.gain * len(held_out) if energy.is_used else 0.0
        self.players.candidates.append(
            Candidate(
                name=name, generator=generator, ngram_weight=weight, judge=judge, energy=energy,
                score_energy=score_energy, held_out=perplexity(mixed, held_out),
                generator_alone=perplexity(alone, held_out), with_discriminator=perplexity(mixed, held_out, gain),
            )
        )  # fmt: skip

    def _train(
        self, name: str, make: Callable[[], TextGame], real: Corpus, samples: Corpus | None, score: Score | None,
        epochs: int, advance: Advance, share: float, patience: int = PATIENCE,
    ) -> tuple[TextGame, History]:  # fmt: skip
        minutes = self.config.minutes
        return train_players(
            make, real, samples, score, epochs=epochs, batch_size=self.config.batch_size, seed=self.config.seed,
            advance=advance, deadline=None if minutes is None else self.start + 60.0 * share * minutes,
            patience=patience, stage=self.checkpoint.stage(name),
        )  # fmt: skip

    def _game(
        self, makers: dict[str, Callable[[], Any]], rates: dict[str, float], real: Corpus | None = None
    ) -> TextGame:
        steps = steps_per_epoch(len(self.real), self.config.batch_size)
        return make_game(
            {name: make() for name, make in makers.items()}, {name: make() for name, make in makers.items()}, rates,
            decay=float(np.clip(1.0 - 1.0 / steps, 0.98, 0.998)), seed=self.config.seed,
            tokens_per_row=float((real or self.real).lengths.mean()),
        )  # fmt: skip

    def _is_late(self) -> bool:
        minutes = self.config.minutes
        return minutes is not None and time.monotonic() > self.start + 60.0 * 0.85 * minutes

    def _sampler(self, generator: Generator, weight: float | None = None) -> Sampler:
        if weight is None:
            weight = choose_ngram_weight(score_generator(generator)(self.held_out), self.ngram_scores, self.held_out)
        if self.last_sampler is None or self.last_sampler[:2] != (generator, weight):
            sampler = Sampler(generator, self.lookup, weight, self.max_tokens, self.priors)
            self.last_sampler = generator, weight, sampler
        return self.last_sampler[2]

    def _sample(self, name: str, sampler: Sampler, count: int, seed: int) -> Corpus:
        def compute() -> dict[str, np.ndarray]:
            with progress("samples", count) as advance:
                return sampler.sample(count, seed, advance=advance).to_arrays()

        return Corpus.from_arrays(self.checkpoint.kept(f"samples for {name}", compute))

    def _sample_scored(self, name: str, sampler: Sampler, count: int) -> tuple[Corpus, np.ndarray]:
        def compute() -> dict[str, np.ndarray]:
            with progress("samples", count) as advance:
                corpus, words = sampler.sample_scored(count, self.config.seed + 3, advance=advance)
            return corpus.to_arrays() | {"words": words}

        kept = self.checkpoint.kept(name, compute)
        return Corpus.from_arrays(kept), kept["words"]

    def _features(
        self, name: str, judge: Judge, samples: Corpus, words: np.ndarray, held_out_words: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Of samples and of the held-out texts."""
        kept = self.checkpoint.kept(f"features of {name}", lambda: {
            "samples": judge.of_corpus(samples, words), "held_out": judge.of_corpus(self.held_out, held_out_words)
        })  # fmt: skip
        return kept["samples"], kept["held_out"]

    def _discriminator_score(self, fake: Corpus) -> Score:
        def score(game: TextGame) -> float:
            scorer = score_discriminator(game.averages[DISCRIMINATOR])
            return cross_entropy(scorer(self.held_out), scorer(fake))

        return score


def _generator_score(held_out: Corpus) -> Score:
    return lambda game: perplexity(score_generator(game.averages[GENERATOR])(held_out), held_out)


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
