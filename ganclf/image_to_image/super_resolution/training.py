"""Trains the enlarger: by difference alone, then in the game; what does not help is taken back."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field

import keras
import numpy as np
import tensorflow as tf

from ganclf.adversarial.batches import array_batches, steps_per_epoch
from ganclf.adversarial.replicas import copy_of
from ganclf.adversarial.training import History, train
from ganclf.cli.progress import progress
from ganclf.config.devices import choose_strategy
from ganclf.encoders.pictures.form import as_floats
from ganclf.evaluation.image_metrics import Likeness, likeness, patch_frechet
from ganclf.export.checkpoints import Checkpoint
from ganclf.image_to_image.super_resolution.config import EnlargeConfig
from ganclf.image_to_image.super_resolution.game import DISCRIMINATOR, GENERATOR, EnlargeGame, make_game
from ganclf.image_to_image.super_resolution.networks import Enlarger, make_small
from ganclf.networks.pictures import PatchDiscriminator

PATIENCE = 4  # epochs without a better score
HALVINGS = 2  # of the discriminator
SCORE_BATCH = 64
SHARE_OF_DIFFERENCE = 0.6  # of --minutes
Enlarge = Callable[[np.ndarray], np.ndarray]
MAX_LOSS = 3.0  # dB that the game may cost; more is no fair price for sharpness


@dataclass(frozen=True)
class Figures:
    """Of one network on held-out or test pictures."""

    likeness: Likeness
    patch_frechet: float

    def to_json(self) -> dict[str, float]:
        """For a report."""
        return asdict(self.likeness) | {"patch_frechet": self.patch_frechet}


@dataclass(eq=False)
class Players:
    """What a run trained.

    Attributes:
        plain: the generator by difference alone.
        sharp: the one of the game; the same as `plain` where there was none, or it was taken back.
        figures: of both on held-out pictures, by name.
        histories: of each training, by name.
        notes: sentences on what was kept and what was taken back.
    """

    plain: Enlarger
    sharp: Enlarger
    figures: dict[str, Figures] = field(default_factory=dict)
    histories: dict[str, History] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def has_game(self) -> bool:
        """Whether there is a sharpness to choose."""
        return self.sharp is not self.plain


class Training:
    """Trains the players of a run.

    Args:
        config: of the run.
        train: pictures, uint8, shape [pictures, size, size, channels].
        held_out: pictures that end the training and choose among its results.
        checkpoint: where the stages of the training are kept.
    """

    def __init__(
        self, config: EnlargeConfig, train: np.ndarray, held_out: np.ndarray, checkpoint: Checkpoint
    ) -> None:  # fmt: skip
        self.config, self.train, self.held_out, self.checkpoint = config, train, held_out, checkpoint
        self.channels, self.scale = train.shape[3], int(config.scale)
        self.strategy = choose_strategy()
        self.start = time.monotonic() - checkpoint.seconds

    def run(self) -> Players:
        """The generator by difference alone, then the game."""
        plain, history = self._fit("difference", self._make_plain, self.config.epochs, SHARE_OF_DIFFERENCE)
        players = Players(plain, plain, histories={"difference": history})
        players.figures["difference"] = self.measure(plain)
        if self.config.adversarial_epochs:
            self._play(players)
        return players

    def make_generator(self) -> Enlarger:
        """As new."""
        config = self.config
        return Enlarger(self.scale, self.channels, config.width, config.blocks, config.seed)

    def make_discriminator(self) -> PatchDiscriminator:
        """As new; it sees a picture and what a filter makes of the small one."""
        return PatchDiscriminator(2 * self.channels, self.config.discriminator_width, HALVINGS, self.config.seed + 500)

    def measure(self, network: Enlarger) -> Figures:
        """How good a network is on the held-out pictures."""
        return figures_of(enlarging(network, self.channels)(self.held_out), self.held_out)

    def _make_plain(self) -> EnlargeGame:
        players = {GENERATOR: self.make_generator()}
        return self._game(players, self.make_generator(), self.config.learning_rate)

    def _play(self, players: Players) -> None:
        """The game; its generator is taken back where patches are not more real, or the picture is lost."""

        def make() -> EnlargeGame:
            networks = {
                DISCRIMINATOR: self.make_discriminator(),
                GENERATOR: copy_of(players.plain, self.make_generator),
            }
            average = copy_of(players.plain, self.make_generator)
            return self._game(networks, average, self.config.adversarial_learning_rate)

        sharp, players.histories["game"] = self._fit("game", make, self.config.adversarial_epochs, 1.0)
        before, after = players.figures["difference"], self.measure(sharp)
        players.figures["game"] = after
        lost = before.likeness.psnr - after.likeness.psnr
        gained = before.patch_frechet - after.patch_frechet
        figures = (
            f"patches of held-out pictures have a Fréchet distance of {after.patch_frechet:.3g} from real ones, before "
            f"it {before.patch_frechet:.3g}; PSNR is {after.likeness.psnr:.2f} dB, before it {before.likeness.psnr:.2f}"
        )
        if gained > 0.0 and lost <= MAX_LOSS:
            players.sharp = sharp
            players.notes.append(f"The game makes pictures sharper: {figures}.")
        else:
            players.notes.append(f"The game was taken back: {figures}. Sharpness changes nothing in this model.")

    def _fit(
        self, name: str, make: Callable[[], EnlargeGame], epochs: int, share: float
    ) -> tuple[Enlarger, History]:  # fmt: skip
        config = self.config
        size = min(config.batch_size, len(self.train))
        steps = steps_per_epoch(len(self.train), size)
        with self.strategy.scope():
            game = make()
        average = game.ema_network
        alone = DISCRIMINATOR not in game.networks
        deadline = None if config.minutes is None else self.start + 60.0 * share * config.minutes
        with progress(name, epochs * steps) as advance:
            history = train(
                game,
                lambda context, first: array_batches(
                    [{"pictures": self.train}], epochs=epochs, batch_size=size, seed=config.seed, first_step=first,
                    context=context,
                ),
                [average],
                self.difference(average) if alone else None,
                strategy=self.strategy, epochs=epochs, steps=steps, patience=PATIENCE, advance=advance,
                deadline=deadline, stage=self.checkpoint.stage(name),
            )  # fmt: skip
        return copy_of(average, self.make_generator), history

    def difference(self, network: Enlarger) -> Callable[[], float]:
        """Return a function that gives the network's mean difference on the held-out pictures."""
        enlarge = enlarging(network, self.channels)
        return lambda: float(np.abs(enlarge(self.held_out) - as_floats(self.held_out)).mean())

    def _game(self, players: Mapping[str, keras.Model], average: Enlarger, rate: float) -> EnlargeGame:
        config = self.config
        return make_game(
            players, average, rate, adversarial_weight=config.adversarial_weight, penalty_weight=config.penalty_weight,
            seed=config.seed,
        )  # fmt: skip


def enlarging(network: Enlarger, channels: int) -> Enlarge:
    """Return a function that makes pictures small and enlarges them again, float32 from 0 to 1, in their own shape.

    Args:
        network: as it is when the function is called.
        channels: of the pictures.
    """

    @tf.function(autograph=False, input_signature=[tf.TensorSpec([None, None, None, channels], tf.uint8)])
    def enlarge(large: tf.Tensor) -> tf.Tensor:
        small = make_small(tf.cast(large, tf.float32) / 255.0, network.scale)
        return tf.clip_by_value(network(small), 0.0, 1.0)

    def enlarge_all(pictures: np.ndarray) -> np.ndarray:
        starts = range(0, len(pictures), SCORE_BATCH)
        return np.concatenate([enlarge(pictures[start : start + SCORE_BATCH]).numpy() for start in starts])

    return enlarge_all


def figures_of(given: np.ndarray, true: np.ndarray) -> Figures:
    """Compare enlarged pictures, from 0 to 1, with the true ones, uint8."""
    real = as_floats(true)
    return Figures(likeness(given, real), patch_frechet(given, real))
