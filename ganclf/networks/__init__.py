"""The players' networks: numbers in, numbers out."""

from ganclf.networks.classifier import Classifier
from ganclf.networks.discriminator import Discriminator
from ganclf.networks.generator import Generator

__all__ = ["Classifier", "Discriminator", "Generator"]
