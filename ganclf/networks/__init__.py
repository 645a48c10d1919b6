"""Networks of the games: numbers in, numbers out."""

from ganclf.networks.classifier import Classifier
from ganclf.networks.discriminator import Discriminator
from ganclf.networks.generator import Generator
from ganclf.networks.image_networks import ImageClassifier, ImageGenerator
from ganclf.networks.projection import ProjectionDiscriminator

__all__ = [
    "Classifier",
    "Discriminator",
    "Generator",
    "ImageClassifier",
    "ImageGenerator",
    "ProjectionDiscriminator",
]
