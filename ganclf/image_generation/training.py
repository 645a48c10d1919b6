"""Trains generator and discriminator; the weights whose pictures were most like the held-out ones are kept."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from ganclf.adversarial.batches import array_batches
from ganclf.adversarial.collapse import generator_collapsed
from ganclf.adversarial.replicas import copy_of
from ganclf.adversarial.training import History, segments_of, train, whole_segments
from ganclf.cli.progress import progress
from ganclf.config.devices import choose_strategy
from ganclf.encoders.pictures.form import as_floats
from ganclf.evaluation.frechet import frechet_distance
from ganclf.evaluation.image_features import BATCH as FEATURE_BATCH
from ganclf.evaluation.image_features import Features, PictureAutoencoder, learned_features, train_autoencoder
from ganclf.export.checkpoints import Checkpoint
from ganclf.image_generation.config import AUTO, ON, DrawConfig
from ganclf.image_generation.game import CLASSES, PICTURES, RECIPES, DrawGame, key_of, make_game
from ganclf.image_generation.networks import Discriminator, Generator

SMALL_SET = 4000  # pictures, below which the discriminator sees them augmented
FEATURE_STEPS, FEATURE_PASSES = 1500, 40  # of the network whose features are compared, at most; passes over pictures
SCORED = 500  # pictures that are drawn and compared at a report
DRAW_BATCH = 64
SHEET_LATENTS, MAX_SHEETS = 6, 8  # pictures of a class, at most; and sheets of a training
SHEET_CLASSES = 8
SCALED = 5000  # training pictures by which features are scaled, at most
SPENT = "spent"  # seconds until the features were learned, among what is kept of them


@dataclass(frozen=True, eq=False)
class Rows:
    """Pictures and their classes.

    Attributes:
        pixels: uint8, shape [pictures, size, size, channels].
        classes: int32, shape [pictures]; all 0 where there are none.
    """

    pixels: np.ndarray
    classes: np.ndarray

    def __len__(self) -> int:
        return len(self.pixels)

    def sample(self, count: int, seed: int) -> Rows:
        """Some of them at random, at most `count`."""
        idx = np.sort(np.random.default_rng(seed).permutation(len(self))[:count])
        return Rows(self.pixels[idx], self.classes[idx])


@dataclass(eq=False)
class Drawn:
    """What a run trained.

    Attributes:
        generator: the average with the best score.
        features: by which pictures were compared.
        history: of the training.
        sheets: pictures of fixed latent vectors by the step after which they were drawn.
        notes: sentences for the report.
    """

    generator: Generator
    features: Features
    history: History
    sheets: dict[int, np.ndarray] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


class Training:
    """Trains the players of a run.

    Args:
        config: of the run.
        train: pictures to learn from.
        held_out: pictures that end the training and choose among its results.
        classes: number of classes; 0: none.
        checkpoint: where the stages of the training are kept.
        tensorboard: folder for logs; None: none.
    """

    def __init__(
        self, config: DrawConfig, train: Rows, held_out: Rows, classes: int, checkpoint: Checkpoint,
        tensorboard: Path | None = None,
    ) -> None:  # fmt: skip
        self.config, self.train, self.held_out, self.classes = config, train, held_out, classes
        self.checkpoint, self.tensorboard = checkpoint, tensorboard
        self.shape = train.pixels.shape[1:]
        self.recipe = RECIPES[config.game]
        self.strategy = choose_strategy()
        self.before_game = 0.0  # seconds of the run
        self.priors = np.bincount(train.classes, minlength=max(classes, 1)) / len(train)

    def run(self) -> Drawn:
        """The features, then the game."""
        return self.play(self.fit_features())

    def make_generator(self) -> Generator:
        """As new."""
        config = self.config
        return Generator(
            self.shape, self.classes, config.latent, config.width, self.recipe.normalization, config.seed
        )  # fmt: skip

    def make_discriminator(self) -> Discriminator:
        """As new."""
        config = self.config
        return Discriminator(self.shape, self.classes, config.width, self.recipe.normalization, config.seed + 500)

    @property
    def is_augmented(self) -> bool:
        """Whether the discriminator sees augmented pictures."""
        asked = self.config.augmentation
        return asked == ON or (asked == AUTO and len(self.train) < SMALL_SET)

    def fit_features(self) -> Features:
        """Features by a network that learns from the training pictures."""
        seed = self.config.seed
        steps = min(FEATURE_STEPS, -(-FEATURE_PASSES * len(self.train) // FEATURE_BATCH))
        network = PictureAutoencoder(self.shape, self.classes, seed)

        def compute() -> dict[str, np.ndarray]:
            with progress("features", steps) as advance:
                train_autoencoder(network, self.train.pixels, self.train.classes, steps, seed, advance)
            weights = {str(number): weight for number, weight in enumerate(network.get_weights())}
            return weights | {SPENT: np.array(self.checkpoint.spent())}

        found = dict(self.checkpoint.kept("features", compute))
        self.before_game = float(found.pop(SPENT))
        network.set_weights(list(found.values()))
        return learned_features(network, as_floats(self.train.sample(SCALED, seed).pixels))

    def play(self, features: Features) -> Drawn:
        """The game.

        Args:
            features: by which pictures so far are compared with the held-out ones.
        """
        config = self.config
        steps = whole_segments(min(config.steps_per_report, config.steps))
        reports = -(-config.steps // steps)
        with self.strategy.scope():
            game = self.make_game()
        average = game.ema_network
        groups = [
            {key_of(PICTURES, update): self.train.pixels, key_of(CLASSES, update): self.train.classes}
            for update in range(self.recipe.updates)
        ]
        sheets = Sheets(self, average, reports, segments_of(steps)[0], steps)
        start = time.monotonic() - max(self.checkpoint.seconds - self.before_game, 0.0)
        deadline = None if config.minutes is None else start + 60.0 * config.minutes
        with progress("game", reports * steps) as advance:
            history = train(
                game,
                lambda context, first: array_batches(
                    groups, epochs=reports, batch_size=config.batch_size, seed=config.seed, first_step=first,
                    context=context, steps=steps,
                ),
                [average], self.score_of(average, features), strategy=self.strategy, epochs=reports, steps=steps,
                patience=config.patience, advance=advance, deadline=deadline, stage=self.checkpoint.stage("game"),
                symptom=lambda report: generator_collapsed(report, self.priors), callbacks=[sheets, *self._logs()],
            )  # fmt: skip
        message = history.message
        notes = [f"{message[0].upper()}{message[1:]}. An epoch is {steps} steps here."] if message else []
        return Drawn(copy_of(average, self.make_generator), features, history, sheets.found(history), notes)

    def score_of(self, generator: Generator, features: Features) -> Callable[[], float]:
        """Return a function that gives the Fréchet distance of what the generator draws from the held-out pictures.

        The latent vectors are always the same, and the classes are those of the held-out pictures.
        """
        held_out = self.held_out.sample(SCORED, self.config.seed)
        real = features(as_floats(held_out.pixels))
        draw = drawing(generator)
        latents = latents_of(len(held_out), generator.latent, self.config.seed)

        def score() -> float:
            drawn = draw(latents, held_out.classes)
            return frechet_distance(features(drawn), real) if np.isfinite(drawn).all() else float("inf")

        return score

    def make_game(self) -> DrawGame:
        """A new game; call it in the scope of the strategy."""
        config = self.config
        policy = keras.config.dtype_policy()
        keras.config.set_dtype_policy(config.precision)
        try:
            generator, discriminator = self.make_generator(), self.make_discriminator()
        finally:
            keras.config.set_dtype_policy(policy)
        return make_game(
            generator, discriminator, self.make_generator(), game=config.game, rate=config.learning_rate,
            penalty_weight=config.penalty_weight, augmented=self.is_augmented, seed=config.seed, jit=config.jit,
        )  # fmt: skip

    def _logs(self) -> list[keras.callbacks.Callback]:
        return [keras.callbacks.TensorBoard(str(self.tensorboard), write_graph=False)] if self.tensorboard else []


class Sheets(keras.callbacks.Callback):
    """Draws the same latent vectors again and again, up to MAX_SHEETS times in a training, at its reports.

    Args:
        training: of the run; its checkpoint keeps the sheets.
        average: the network that draws.
        reports: of the whole training.
        segments: of Keras, between two reports.
        steps: between two reports.
    """

    def __init__(self, training: Training, average: Generator, reports: int, segments: int, steps: int) -> None:
        super().__init__()
        self._training, self._segments, self._steps = training, segments, steps
        self._every = -(-reports // MAX_SHEETS)
        self._draw = drawing(average)
        self._classes = np.repeat(
            np.arange(min(max(training.classes, 1), SHEET_CLASSES), dtype=np.int32), SHEET_LATENTS
        )
        self._latents = latents_of(len(self._classes), average.latent, training.config.seed + 1)

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Draw a sheet, where it is time."""
        report, left = divmod(epoch + 1, self._segments)
        if not left and report % self._every == 0:
            self._sheet(report * self._steps)

    def found(self, history: History) -> dict[int, np.ndarray]:
        """All sheets by their steps, those of runs before this one included: from 0 to 1, shape [pictures, ...]."""
        reports = max(map(len, history.losses.values()), default=0)
        return {
            step: self._sheet(step)
            for step in range(self._every * self._steps, reports * self._steps + 1, self._every * self._steps)
        }

    def _sheet(self, step: int) -> np.ndarray:
        drawn = lambda: {PICTURES: self._draw(self._latents, self._classes)}  # noqa: E731
        return self._training.checkpoint.kept(f"sheet {step}", drawn)[PICTURES]


def latents_of(count: int, latent: int, seed: int) -> np.ndarray:
    """Latent vectors, float32 [count, latent]."""
    return np.random.default_rng(seed).standard_normal((count, latent), np.float32)


def drawing(generator: Generator) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Return a function that draws: latent vectors, classes → pictures from 0 to 1.

    Args:
        generator: as it is when the function is called.
    """

    @tf.function(autograph=False, input_signature=[
        tf.TensorSpec([None, generator.latent], tf.float32), tf.TensorSpec([None], tf.int32),
    ])  # fmt: skip
    def draw(latents: tf.Tensor, classes: tf.Tensor) -> tf.Tensor:
        return (generator(latents, classes) + 1.0) / 2.0

    def draw_all(latents: np.ndarray, classes: np.ndarray) -> np.ndarray:
        starts = range(0, len(latents), DRAW_BATCH)
        parts = (slice(start, start + DRAW_BATCH) for start in starts)
        return np.concatenate([draw(latents[part], classes[part]).numpy() for part in parts])

    return draw_all
