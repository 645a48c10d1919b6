"""The players' networks: numbers in, numbers out."""

from ganclf.networks.classifier import Classifier
from ganclf.networks.discriminator import Discriminator
from ganclf.networks.generator import Generator
from ganclf.networks.image_networks import PictureClassifier, PictureGenerator
from ganclf.networks.projection import PairDiscriminator

__all__ = [
    "Classifier",
    "Discriminator",
    "Generator",
    "PairDiscriminator",
    "PictureClassifier",
    "PictureGenerator",
]
