"""Trains both translators; the epoch with the best held-out score stays, and what collapsed is taken back."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

import numpy as np
import tensorflow as tf

from ganclf.adversarial.batches import array_batches, steps_per_epoch
from ganclf.adversarial.collapse import MIN_BATCH_STD
from ganclf.adversarial.replicas import copy_of
from ganclf.adversarial.training import History, train
from ganclf.cli.progress import progress
from ganclf.config.devices import choose_strategy
from ganclf.encoders.pictures.form import as_floats
from ganclf.evaluation.image_metrics import Likeness, likeness, patch_frechet
from ganclf.export.checkpoints import Checkpoint
from ganclf.image_to_image.translation.config import TranslationConfig
from ganclf.image_to_image.translation.game import DISCRIMINATOR, FIRST, GENERATOR, SECOND, make_game
from ganclf.image_to_image.translation.kinds import Kinds
from ganclf.image_to_image.translation.networks import BACK, DIRECTIONS, FORTH, Discriminators, Translator

HALVINGS = 2  # of the discriminators
SCORE_BATCH = 64
LEAST_SIDE = 8  # pixels of the pictures whose patches are compared
COLLAPSED = 1000.0  # score of an epoch that is never kept
LEARNED = 0.9  # of a copy's Fréchet distance; above it a generator has not learned the other kind
Translate = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Figures:
    """Of one direction on held-out or test pictures.

    Attributes:
        patch_frechet: distance from real pictures of the other kind.
        cycle: mean difference that there and back makes; None: nobody goes back.
        change: mean difference from what was given.
        likeness: to the partners of the other kind; None: there are too few.
    """

    patch_frechet: float
    cycle: float | None
    change: float
    likeness: Likeness | None = None

    def to_json(self) -> dict[str, float]:
        """For a report."""
        rest = {} if self.cycle is None else {"cycle": self.cycle}
        pairs = asdict(self.likeness) if self.likeness else {}
        return {"patch_frechet": self.patch_frechet, "change": self.change} | rest | pairs


@dataclass(eq=False)
class Trained:
    """What a run trained.

    Attributes:
        translator: both directions.
        history: of the game.
        figures: of both directions on held-out pictures.
        copy_figures: likewise, where nothing is changed.
        notes: sentences on what was kept and what was taken back.
    """

    translator: Translator
    history: History
    figures: list[Figures]
    copy_figures: list[Figures]
    notes: list[str] = field(default_factory=list)


class Training:
    """Trains the players of a run.

    Args:
        config: of the run.
        kinds: both kinds of pictures.
        checkpoint: where the training is kept.
    """

    def __init__(self, config: TranslationConfig, kinds: Kinds, checkpoint: Checkpoint) -> None:
        self.config, self.kinds, self.checkpoint = config, kinds, checkpoint
        self.channels = kinds.form.channels
        self.strategy = choose_strategy()
        self.start = time.monotonic() - checkpoint.seconds
        held_out = [as_floats(kind.held_out) for kind in (kinds.first, kinds.second)]
        self._copied = [patch_frechets(held_out[way], held_out[1 - way]) for way in DIRECTIONS]

    def run(self) -> Trained:
        """Play the game."""
        config, kinds = self.config, self.kinds
        size = min(config.batch_size, len(kinds.first.train), len(kinds.second.train))
        steps = steps_per_epoch(len(kinds.first.train), size)
        rates = {DISCRIMINATOR: config.discriminator_learning_rate, GENERATOR: config.learning_rate}
        with self.strategy.scope():
            players = {DISCRIMINATOR: self.make_discriminators(), GENERATOR: self.make_translator()}
            average = self.make_translator()
            game = make_game(
                players, average, rates, config.epochs * steps, cycle_weight=config.cycle_weight,
                penalty_weight=config.penalty_weight, seed=config.seed,
            )  # fmt: skip
        deadline = None if config.minutes is None else self.start + 60.0 * config.minutes
        with progress("game", config.epochs * steps) as advance:
            history = train(
                game,
                lambda context, first: array_batches(
                    [{FIRST: kinds.first.train}, {SECOND: kinds.second.train}], epochs=config.epochs, batch_size=size,
                    seed=config.seed, first_step=first, context=context,
                ),
                [average], self.score(average), strategy=self.strategy, epochs=config.epochs, steps=steps,
                patience=config.epochs, score_first=True, advance=advance, deadline=deadline,
                stage=self.checkpoint.stage("game"),
            )  # fmt: skip
        translator = copy_of(average, self.make_translator)
        figures = [self.measure(translator, direction) for direction in DIRECTIONS]
        trained = Trained(translator, history, figures, [self.measure_copy(way) for way in DIRECTIONS])
        trained.notes += self._notes(trained)
        return trained

    def make_translator(self) -> Translator:
        """As new."""
        return Translator(self.channels, self.config.width, self.config.blocks, self.config.seed)

    def make_discriminators(self) -> Discriminators:
        """As new."""
        return Discriminators(self.channels, self.config.discriminator_width, HALVINGS, self.config.seed + 500)

    def measure(self, translator: Translator, direction: int) -> Figures:
        """How good one direction is on the held-out pictures."""
        given, real, pairs = held_out_of(self.kinds, direction)
        made = translating(translator, direction, self.channels)(given)
        again = translating(translator, 1 - direction, self.channels)(made)
        return figures_of(made, given, real, pairs if self.kinds.has_pairs else None, again)

    def measure_copy(self, direction: int) -> Figures:
        """The same where pictures stay as they are."""
        given, real, pairs = held_out_of(self.kinds, direction)
        return figures_of(as_floats(given), given, real, pairs if self.kinds.has_pairs else None, as_floats(given))

    def score(self, network: Translator) -> Callable[[], float]:
        """Return a function that tells how bad the network is on held-out pictures, without any pair.

        Of both directions the mean of the roots of the Fréchet distances of patches, each as a share of a copy's, plus
        the difference that there and back makes. Patches of smaller pictures tell where strokes are. A network that
        makes one picture of all is worse than any other.
        """
        kinds = self.kinds
        ways = [translating(network, direction, self.channels) for direction in DIRECTIONS]

        def score() -> float:
            found = []
            for direction in DIRECTIONS:
                given, real, _ = held_out_of(kinds, direction)
                made = ways[direction](given)
                if not np.isfinite(made).all():
                    return float("nan")
                if is_one_picture(made, real):
                    return COLLAPSED
                cycle = np.abs(ways[1 - direction](made) - as_floats(given)).mean()
                shares = patch_frechets(made, as_floats(real)) / np.maximum(self._copied[direction], 1e-9)
                found.append(np.sqrt(shares).mean() + cycle)
            return float(np.mean(found))

        return score

    def _notes(self, trained: Trained) -> list[str]:
        history, notes = trained.history, []
        if history.message:
            notes.append(f"{history.message[0].upper()}{history.message[1:]}.")
        collapsed = [epoch for epoch, score in enumerate(history.scores) if score >= COLLAPSED]
        if collapsed:
            notes.append(
                f"The game collapsed in {len(collapsed)} of {len(history.scores) - 1} epochs, first in epoch "
                f"{collapsed[0]}: one picture was made of all. Their weights were taken back."
            )
        notes.append(f"The weights are those after epoch {history.best_epoch} of {len(history.scores) - 1}.")
        names = self.kinds.names
        for direction, figures, copied in zip(DIRECTIONS, trained.figures, trained.copy_figures, strict=True):
            if figures.patch_frechet > LEARNED * copied.patch_frechet:
                notes.append(
                    f"Nothing was learned from {names[direction]} to {names[1 - direction]}: pictures come out nearly "
                    "as they go in. Give more pictures, or more --epochs."
                )
        return notes


def held_out_of(kinds: Kinds, direction: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Held-out pictures of the kind from which a direction leads, of the other, and the pairs in that order."""
    if direction == FORTH:
        return kinds.first.held_out, kinds.second.held_out, kinds.held_out_pairs
    return kinds.second.held_out, kinds.first.held_out, kinds.held_out_pairs[:, ::-1]


def test_of(kinds: Kinds, direction: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same of the test pictures."""
    if direction == BACK:
        return kinds.second.test, kinds.first.test, kinds.test_pairs[:, ::-1]
    return kinds.first.test, kinds.second.test, kinds.test_pairs


def is_one_picture(made: np.ndarray, real: np.ndarray) -> bool:
    """Whether made pictures are all alike, where real ones, uint8, are not."""
    return float(made.std(axis=0).mean()) < MIN_BATCH_STD * float(as_floats(real).std(axis=0).mean())


def patch_frechets(pictures: np.ndarray, real: np.ndarray) -> np.ndarray:
    """Fréchet distances of patches at the full size, at half and at a quarter of it, as far as LEAST_SIDE allows.

    Args:
        pictures: from 0 to 1, shape [pictures, size, size, channels].
        real: likewise.
    """
    times = [each for each in (1, 2, 4) if pictures.shape[1] >= LEAST_SIDE * each]
    return np.array([
        patch_frechet(*(tf.nn.avg_pool2d(each, time, time, "VALID").numpy() for each in (pictures, real)))
        for time in times
    ])  # fmt: skip


def translating(network: Translator, direction: int, channels: int) -> Translate:
    """Return a function that translates pictures, uint8 or float32 from 0 to 1, into float32 from 0 to 1.

    Args:
        network: as it is when the function is called.
        direction: FORTH or BACK.
        channels: of the pictures.
    """

    @tf.function(autograph=False, input_signature=[tf.TensorSpec([None, None, None, channels], tf.float32)])
    def translate(pictures: tf.Tensor) -> tf.Tensor:
        return tf.clip_by_value(network(pictures, direction=direction), 0.0, 1.0)

    def translate_all(pictures: np.ndarray) -> np.ndarray:
        given = as_floats(pictures) if pictures.dtype == np.uint8 else pictures
        starts = range(0, len(given), SCORE_BATCH)
        return np.concatenate([translate(given[start : start + SCORE_BATCH]).numpy() for start in starts])

    return translate_all


def figures_of(
    made: np.ndarray, given: np.ndarray, real: np.ndarray, pairs: np.ndarray | None, again: np.ndarray | None
) -> Figures:  # fmt: skip
    """Compare translated pictures with real ones.

    Args:
        made: from 0 to 1.
        given: of which they were made, uint8.
        real: of the other kind, uint8.
        pairs: numbers of those in `made` and in `real` that show the same; None: there are too few.
        again: what became of `made` on the way back, from 0 to 1; None: nobody goes back.
    """
    true, before = as_floats(real), as_floats(given)
    cycle = None if again is None else float(np.abs(again - before).mean())
    alike = None if pairs is None else likeness(made[pairs[:, 0]], true[pairs[:, 1]])
    return Figures(patch_frechet(made, true), cycle, float(np.abs(made - before).mean()), alike)
