"""Classifier and generator of a game, by the space in which it is played."""

from __future__ import annotations

from collections.abc import Callable

from ganclf.config import GameConfig
from ganclf.networks import Classifier, Generator, ImageClassifier, ImageGenerator

ClassifierNetwork = Classifier | ImageClassifier
GeneratorNetwork = Generator | ImageGenerator


def make_classifier(config: GameConfig, size: int, classes: int, seed: int) -> ClassifierNetwork:
    """A network of the configured form, built: rows [batch, size] → logits [batch, classes]."""
    return CLASSIFIERS[config.space](config, size, classes, seed)


def make_generator(config: GameConfig, latent: int, size: int) -> GeneratorNetwork:
    """A generator of the configured form, built; `latent` numbers in, `size` out."""
    return GENERATORS[config.space](config, latent, size)


def _classifier_of_features(config: GameConfig, size: int, classes: int, seed: int) -> Classifier:
    return Classifier(
        size,
        classes,
        width=config.width,
        depth=config.depth,
        dropout=config.dropout,
        input_noise=config.input_noise,
        seed=seed,
        normalisation=config.discriminator_normalization,
    )


def _classifier_of_pictures(config: GameConfig, size: int, classes: int, seed: int) -> ImageClassifier:
    return ImageClassifier(
        size,
        classes,
        width=config.width,
        channels=config.channels,
        dropout=config.dropout,
        input_noise=config.input_noise,
        seed=seed,
        normalisation=config.discriminator_normalization,
    )


def _generator_of_features(config: GameConfig, latent: int, size: int) -> Generator:
    return Generator(latent, size, width=config.width, seed=config.seed, normalisation=config.generator_normalization)


def _generator_of_pictures(config: GameConfig, latent: int, size: int) -> ImageGenerator:
    return ImageGenerator(
        latent, size, channels=2 * config.channels, seed=config.seed, normalisation=config.generator_normalization
    )


CLASSIFIERS: dict[str, Callable[[GameConfig, int, int, int], ClassifierNetwork]] = {
    "feature": _classifier_of_features,
    "image": _classifier_of_pictures,
}
GENERATORS: dict[str, Callable[[GameConfig, int, int], GeneratorNetwork]] = {
    "feature": _generator_of_features,
    "image": _generator_of_pictures,
}
