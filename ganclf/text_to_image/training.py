"""Trains generator and discriminator, each by itself and then in the game; what does not help is taken back."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

import keras
import numpy as np

from ganclf.adversarial.batches import array_batches, steps_per_epoch
from ganclf.adversarial.collapse import MIN_BATCH_STD
from ganclf.adversarial.replicas import copy_of
from ganclf.adversarial.training import History, train
from ganclf.cli.progress import progress
from ganclf.config.devices import choose_strategy
from ganclf.evaluation.image_metrics import Likeness, likeness, patch_frechet
from ganclf.export.checkpoints import Checkpoint
from ganclf.text_to_image.config import AUTO, NO, IllustrateConfig
from ganclf.text_to_image.drawing import Drawer, HeldOut, calibrate
from ganclf.text_to_image.game import DISCRIMINATOR, GENERATOR, DrawingGame, make_game
from ganclf.text_to_image.networks import Generator, PairDiscriminator
from ganclf.text_to_image.pairs import Pairs, Reader

PATIENCE = 5  # epochs without a better score
WITH, WITHOUT, MATCHING, GAME = "with references", "without references", "matching", "game"
UNTIL = {WITH: 0.5, WITHOUT: 0.7, MATCHING: 0.8, GAME: 1.0}  # shares of --minutes
MAX_LOSS = 0.01  # of IoU that the game may cost
PICKED = 8  # candidates by which it is measured what choosing among them brings
LAST_RATE = 0.05  # share of the learning rate at the end of a player's own training


@dataclass(frozen=True)
class Figures:
    """Of drawn held-out or test texts.

    Attributes:
        likeness: to the true pictures.
        patch_frechet: how real strokes and edges look.
        spread: standard deviation of a value over the pictures, in terms of that of true ones.
    """

    likeness: Likeness
    patch_frechet: float
    spread: float

    def to_json(self) -> dict[str, float]:
        """For a report."""
        return asdict(self.likeness) | {"patch_frechet": self.patch_frechet, "spread": self.spread}


@dataclass(eq=False)
class Players:
    """What a run trained.

    Attributes:
        plain: by difference, with a discriminator that saw its pictures.
        best: what is published: of the game, or `plain` where that was taken back.
        alone: without references; None: not trained.
        played: of the game, whether it was kept or not; None: there was none.
        figures: of each on held-out texts, by name.
        histories: of each training, by name.
        notes: sentences on what was kept and what was taken back.
    """

    plain: Drawer
    best: Drawer
    alone: Drawer | None = None
    played: Drawer | None = None
    figures: dict[str, Figures] = field(default_factory=dict)
    histories: dict[str, History] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def has_game(self) -> bool:
        """Whether the game was kept."""
        return self.best is not self.plain


class Training:
    """Trains the players of a run.

    Args:
        config: of the run.
        reader: of the training texts and pictures.
        pairs: to learn from.
        held_out: that end the training and choose among its results.
        checkpoint: where the stages of the training are kept.
    """

    def __init__(
        self, config: IllustrateConfig, reader: Reader, pairs: Pairs, held_out: Pairs, checkpoint: Checkpoint
    ) -> None:  # fmt: skip
        self.config, self.reader, self.pairs, self.checkpoint = config, reader, pairs, checkpoint
        self.held_out = HeldOut(held_out)
        self.size, self.channels = pairs.pixels.shape[1], pairs.pixels.shape[3]
        self.strategy = choose_strategy()
        self.start = time.monotonic() - checkpoint.seconds

    def run(self) -> Players:
        """Each player by itself, then the game."""
        histories, drawers = {}, {}
        wanted = {WITH: self.config.references != NO, WITHOUT: self.config.references in (AUTO, NO)}
        for name in (name for name, is_wanted in wanted.items() if is_wanted):
            generator, histories[name] = self._fit_generator(name)
            drawers[name] = Drawer(self.reader, generator)
        figures = {name: self.measure(drawer) for name, drawer in drawers.items()}
        chosen = min(figures, key=lambda name: figures[name].likeness.l1)
        plain = drawers[chosen]
        plain.discriminator, histories[MATCHING] = self._fit_discriminator(plain.generator)
        calibrate(plain, self.held_out)
        players = Players(plain, plain, drawers.get(WITHOUT), figures=figures, histories=histories)
        if len(drawers) > 1:
            players.notes.append(_reference_note(figures, chosen))
        if self.config.adversarial_epochs:
            self._play(players, figures[chosen])
        self._measure_choice(players)
        return players

    def make_generator(self, has_references: bool = True) -> Generator:
        """As new."""
        config = self.config
        words = self.reader.names.size if has_references else 0
        tokens = self.reader.tokenizer.size
        return Generator(self.size, self.channels, tokens, words, config.width, config.units, config.seed)

    def make_discriminator(self) -> PairDiscriminator:
        """As new."""
        config, tokens = self.config, self.reader.tokenizer.size
        return PairDiscriminator(
            self.size, self.channels, tokens, config.discriminator_width, config.units, config.seed + 5000
        )

    def measure(self, drawer: Drawer) -> Figures:
        """How good held-out texts are drawn."""
        return figures_of(self.held_out.draw(drawer), self.held_out.true)

    def _fit_generator(self, name: str) -> tuple[Generator, History]:
        """By difference from the true pictures alone."""

        def make_one() -> Generator:
            return self.make_generator(name == WITH)

        def make() -> tuple[DrawingGame, keras.Model]:
            average = make_one()
            return self._game(make_one(), None, (GENERATOR,), average, self.config.epochs), average

        def scoring(average: keras.Model) -> Callable[[], float]:
            drawer = Drawer(self.reader, average)  # one for all epochs: it is compiled once
            return lambda: float(np.abs(self.held_out.draw(drawer) - self.held_out.true).mean())

        average, history = self._fit(name, make, self.config.epochs, scoring)
        return copy_of(average, make_one), history

    def _fit_discriminator(self, generator: Generator) -> tuple[PairDiscriminator, History]:
        """Against a generator that stays as it is."""

        def make() -> tuple[DrawingGame, keras.Model]:
            average = self.make_discriminator()
            player = self._copy(generator)
            epochs = self.config.matching_epochs
            return self._game(player, self.make_discriminator(), (DISCRIMINATOR,), average, epochs), average

        average, history = self._fit(MATCHING, make, self.config.matching_epochs, None)
        return copy_of(average, self.make_discriminator), history

    def _play(self, players: Players, before: Figures) -> None:
        """The game; it is taken back where strokes are not more real, or pictures less like the true ones."""
        plain = players.plain
        assert plain.discriminator
        learned = plain.discriminator

        def make() -> tuple[DrawingGame, keras.Model]:
            average = self._copy(plain.generator)
            discriminator = copy_of(learned, self.make_discriminator)
            game = self._game(self._copy(plain.generator), discriminator, (DISCRIMINATOR, GENERATOR), average)
            holder.append(discriminator)
            return game, average

        holder: list[PairDiscriminator] = []
        average, history = self._fit(GAME, make, self.config.adversarial_epochs, None)
        generator, discriminator = self._copy(average), copy_of(holder[-1], self.make_discriminator)
        drawer = Drawer(self.reader, generator, discriminator)
        after = self.measure(drawer)
        calibrate(drawer, self.held_out)
        players.played = drawer
        players.histories[GAME], players.figures[GAME] = history, after
        figures = (
            f"the Fréchet distance of patches of held-out texts is {after.patch_frechet:.3g}, before it "
            f"{before.patch_frechet:.3g}; IoU is {after.likeness.iou:.3f}, before it {before.likeness.iou:.3f}"
        )
        if history.message:
            players.notes.append(f"The game was ended: {history.message}.")
        if not after.spread >= MIN_BATCH_STD:
            players.notes.append(f"The game collapsed: all texts are drawn nearly alike. It was taken back; {figures}.")
        elif after.patch_frechet < before.patch_frechet and after.likeness.iou >= before.likeness.iou - MAX_LOSS:
            players.best = drawer
            players.notes.append(f"The game makes pictures look more real: {figures}.")
        else:
            players.notes.append(f"The game was taken back: {figures}.")

    def _measure_choice(self, players: Players) -> None:
        """What the discriminator brings where it chooses among candidates."""
        best = players.best
        one, chosen = (self.held_out.draw(best, candidates=count) for count in (1, PICKED))
        figures = figures_of(chosen, self.held_out.true)
        players.figures[f"one of {PICKED}"] = figures
        single = figures_of(one, self.held_out.true)
        verb = "helps" if figures.likeness.iou > single.likeness.iou else "does not help"
        players.notes.append(
            f"Choosing one of {PICKED} candidates by the discriminator {verb}: IoU of held-out texts is "
            f"{figures.likeness.iou:.3f} instead of {single.likeness.iou:.3f}."
        )

    def _fit(
        self, name: str, make: Callable[[], tuple[DrawingGame, keras.Model]], epochs: int,
        scoring: Callable[[keras.Model], Callable[[], float]] | None,
    ) -> tuple[keras.Model, History]:  # fmt: skip
        config = self.config
        steps = self._steps()
        with self.strategy.scope():
            game, average = make()
        deadline = None if config.minutes is None else self.start + 60.0 * UNTIL[name] * config.minutes
        groups = [self.pairs.rows(), {"other_tokens": self.pairs.tokens}]
        size = min(config.batch_size, len(self.pairs))
        with progress(name, epochs * steps) as advance:
            history = train(
                game,
                lambda context, first: array_batches(
                    groups, epochs=epochs, batch_size=size, seed=config.seed, first_step=first, context=context
                ),
                [average, *(game.networks[each] for each in game.networks if len(game.networks) > 1)],
                None if scoring is None else scoring(average),
                strategy=self.strategy, epochs=epochs, steps=steps, patience=PATIENCE, advance=advance,
                deadline=deadline, stage=self.checkpoint.stage(name), symptom=lambda report: None,  # but NaN ends it
            )  # fmt: skip
        return average, history

    def _steps(self) -> int:
        return steps_per_epoch(len(self.pairs), min(self.config.batch_size, len(self.pairs)))

    def _game(
        self, generator: Generator, discriminator: PairDiscriminator | None, playing: tuple[str, ...],
        average: keras.Model, epochs: int | None = None,
    ) -> DrawingGame:  # fmt: skip
        """A game whose learning rate falls over some epochs; None: it stays."""
        config = self.config
        rate = (
            config.adversarial_learning_rate
            if epochs is None
            else keras.optimizers.schedules.CosineDecay(config.learning_rate, epochs * self._steps(), LAST_RATE)
        )
        return make_game(
            generator, discriminator, playing, average, self.reader, rate,
            adversarial_weight=config.adversarial_weight, penalty_weight=config.penalty_weight, seed=config.seed,
        )  # fmt: skip

    def _copy(self, generator: Generator) -> Generator:
        return copy_of(generator, lambda: self.make_generator(generator.references is not None))


def figures_of(given: np.ndarray, true: np.ndarray) -> Figures:
    """Compare drawn pictures with the true ones, both from 0 to 1."""
    spread = float(given.std(axis=0).mean() / max(float(true.std(axis=0).mean()), 1e-6))
    return Figures(likeness(given, true), patch_frechet(given, true), spread)


def _reference_note(figures: dict[str, Figures], chosen: str) -> str:
    both = " and ".join(f"{figures[name].likeness.l1:.4f} {name}" for name in (WITH, WITHOUT))
    kept = "It looks at its training pictures" if chosen == WITH else "It looks at no training picture"
    return f"{kept} while it draws: the mean difference of held-out texts is {both}."
