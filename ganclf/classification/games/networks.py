"""Classifier and generator of a game, looked up by the space in which it is played."""

from __future__ import annotations

from collections.abc import Callable

from ganclf.config import GameConfig
from ganclf.networks import Classifier, Generator, ImageClassifier, ImageGenerator

ClassifierNetwork = Classifier | ImageClassifier
GeneratorNetwork = Generator | ImageGenerator


def make_classifier(config: GameConfig, size: int, classes: int, seed: int) -> ClassifierNetwork:
    """Build the configured classifier: rows [batch, size] → logits [batch, classes]."""
    return CLASSIFIERS[config.space](config, size, classes, seed)


def make_generator(config: GameConfig, latent: int, size: int) -> GeneratorNetwork:
    """Build the configured generator: latent vectors [batch, latent] → rows [batch, size]."""
    return GENERATORS[config.space](config, latent, size)


def _feature_classifier(config: GameConfig, size: int, classes: int, seed: int) -> Classifier:
    return Classifier(
        size,
        classes,
        width=config.width,
        depth=config.depth,
        dropout=config.dropout,
        input_noise=config.input_noise,
        seed=seed,
        normalization=config.discriminator_normalization,
    )


def _image_classifier(config: GameConfig, size: int, classes: int, seed: int) -> ImageClassifier:
    return ImageClassifier(
        size,
        classes,
        width=config.width,
        channels=config.channels,
        dropout=config.dropout,
        input_noise=config.input_noise,
        seed=seed,
        normalization=config.discriminator_normalization,
    )


def _feature_generator(config: GameConfig, latent: int, size: int) -> Generator:
    return Generator(latent, size, width=config.width, seed=config.seed, normalization=config.generator_normalization)


def _image_generator(config: GameConfig, latent: int, size: int) -> ImageGenerator:
    return ImageGenerator(
        latent, size, channels=2 * config.channels, seed=config.seed, normalization=config.generator_normalization
    )


CLASSIFIERS: dict[str, Callable[[GameConfig, int, int, int], ClassifierNetwork]] = {
    "feature": _feature_classifier,
    "image": _image_classifier,
}
GENERATORS: dict[str, Callable[[GameConfig, int, int], GeneratorNetwork]] = {
    "feature": _feature_generator,
    "image": _image_generator,
}
