"""How a classifier is trained."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ganclf.cli.options import Checked, option
from ganclf.errors import ConfigError

SMOOTHED_LOSSES = ("logistic", "least-squares")  # those in which real rows have a target
DEFAULTS = {  # that depend on the space
    "feature": {
        "labeled_batch_size": 64, "learning_rate": 1e-3,
        "dropout": 0.3, "input_noise": 0.5, "feature_matching_weight": 1.0, "fooling_weight": 0.0,
    },
    "image": {
        "batch_size": 64, "labeled_batch_size": 32, "learning_rate": 2e-3,
        "dropout": 0.1, "input_noise": 0.1, "feature_matching_weight": 0.1, "fooling_weight": 1.0,
        "adversarial_weight": 1.0,
        "generator_learning_rate": 1e-3,
    },
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class GameConfig(Checked):
    """Training."""

    game: str = option(
        "k+1", "k+1: a generator against a classifier with a class for generated rows (GAN-BERT); triple: generator, "
        "classifier and a discriminator of pairs (Triple-GAN); off: as k+1, without a generator",
        choices=("k+1", "triple", "off"),
    )  # fmt: skip
    space: str = option(
        "feature", "feature: train on the encoder's features; image: train on images of the texts",
        choices=("feature", "image"),
    )  # fmt: skip
    image_characters: int = option(
        24, "image: characters of a text that are drawn", low=4, high=256, former="picture_characters"
    )
    channels: int = option(
        8, "image: channels of the classifier's first convolution, doubled twice; the generator has twice as many",
        low=1, high=256,
    )  # fmt: skip
    steps: int = option(1000, "training steps", low=1, high=10_000_000)
    batch_size: int | None = option(
        None, "unlabeled rows per step, over all replicas; default: 16 per class, from 64 to 256; image: 64",
        low=2, high=65_536,
    )  # fmt: skip
    labeled_batch_size: int = option(
        None, "labeled rows per step, over all replicas; default: 64, image: 32", low=2, high=65_536,
        former="labelled_batch_size",
    )  # fmt: skip
    learning_rate: float = option(None, "of Adam; default: 0.001, image: 0.002", low=1e-6, high=1.0)
    momentum: float = option(0.5, "beta_1 of Adam", low=0.0, high=0.999)
    width: int = option(256, "units per hidden layer", low=1, high=8192)
    depth: int = option(2, "hidden layers of the classifier", low=1, high=8)
    latent_size: int = option(100, "dimensions of the generator's latent vector", low=1, high=4096)
    dropout: float = option(
        None, "dropout rate of hidden units in training; default: 0.3, image: 0.1", low=0.0, high=0.95
    )
    input_noise: float = option(
        None, "standard deviation of noise on the classifier's input, which has unit mean square; default: 0.5, "
        "image: 0.1", low=0.0, high=10.0,
    )  # fmt: skip
    label_names: str = option(
        "auto", "with a sentence encoder: the names of the classes as further labeled rows. auto: where they are words "
        "and answer the labeled texts better than chance; yes: always; no: never", choices=("auto", "yes", "no"),
    )  # fmt: skip
    label_descriptions: Path | None = option(
        None, "file with two columns, class and description: sentences that stand for the names of these classes"
    )
    class_priors: str = option(
        "estimated", "class frequencies of the unlabeled rows: estimated from them, or those of the labels, which is "
        "right where the labeled rows are a random sample", choices=("estimated", "labels"), former="class_shares",
    )  # fmt: skip
    class_weights: str = option(
        "none", "balanced: weigh labeled rows inversely to the frequency of their class, in training and in the "
        "comparison", choices=("none", "balanced"), common=True,
    )  # fmt: skip
    teacher_weight: float = option(
        1.0, "weight of the loss against a linear model's soft pseudo-labels; decays in the first part of training",
        low=0.0, former="guide_weight",
    )  # fmt: skip
    entropy_weight: float = option(1.0, "weight of the entropy of predictions on unlabeled rows", low=0.0)
    class_prior_weight: float = option(
        1.0, "weight of the divergence of mean predictions from the class priors", low=0.0, former="class_share_weight"
    )
    consistency_weight: float = option(
        0.0, "weight of the distance from the predictions of the averaged classifier (mean teacher)", low=0.0
    )
    pseudo_label_weight: float = option(
        0.0, "weight of the loss on confident pseudo-labels of the averaged classifier", low=0.0
    )
    pseudo_label_threshold: float = option(
        0.95, "minimum probability of a pseudo-label", low=0.0, high=1.0, former="confidence"
    )
    virtual_adversarial_weight: float = option(0.0, "weight of virtual adversarial training", low=0.0)
    virtual_adversarial_radius: float = option(
        0.3, "length of its perturbation; features have unit length", low=0.0, high=10.0
    )
    mixup_weight: float = option(
        1.0, "weight of the loss on interpolations between labeled and unlabeled rows", low=0.0, former="mixing_weight"
    )
    adversarial_weight: float | None = option(
        None, "weight of the classifier's real-or-fake loss; default: 1, or less with more than 4 classes and more "
        "than one label per class", low=0.0,
    )  # fmt: skip
    adversarial_loss: str = option(
        "logistic",
        "real-or-fake loss",
        choices=("logistic", "least-squares", "wasserstein", "hinge", "relativistic", "paired-relativistic"),
    )
    penalty: str = option(
        "none", "gradient penalty of the discriminator; gradient: as in WGAN-GP; r1, r2: on real or generated rows",
        choices=("none", "gradient", "r1", "r2", "r1+r2"),
    )  # fmt: skip
    penalty_weight: float = option(1.0, "weight of the gradient penalty", low=0.0)
    label_smoothing: float = option(0.0, "the discriminator's target of real rows is 1 minus this", low=0, high=0.5)
    instance_noise: float = option(
        0.0, "standard deviation of more noise on the discriminator's input; decays to 0 over training",
        low=0.0, high=10.0,
    )  # fmt: skip
    feature_matching_weight: float = option(
        None, "weight of feature matching in the generator's loss; default: 1, image: 0.1", low=0.0
    )
    fooling_weight: float = option(None, "weight of the generator's real-or-fake loss; default: 0, image: 1", low=0.0)
    pair_weight: float = option(0.1, "triple: weight of the discriminator's loss on pairs of row and class", low=0.0)
    generated_label_weight: float = option(
        0.1, "triple: weight of the classifier's loss on generated pairs, after the ramp-up", low=0.0
    )
    minibatch_kernels: int = option(
        0, "kernels of minibatch discrimination, which detects rows too similar to each other; 0: none",
        low=0, high=1024,
    )  # fmt: skip
    historical_weight: float = option(
        0.0, "weight of historical averaging: the distance of the weights from their mean over time", low=0.0
    )
    discriminator_normalization: str = option(
        "none", "of hidden layers of the classifier and the discriminator",
        choices=("none", "batch", "weight", "spectral"), former="discriminator_normalisation",
    )  # fmt: skip
    generator_normalization: str = option(
        "batch", "of hidden layers of the generator",
        choices=("none", "batch", "weight", "spectral"), former="generator_normalisation",
    )  # fmt: skip
    discriminator_steps: int = option(1, "discriminator updates per training step", low=1, high=100)
    discriminator_learning_rate: float | None = option(
        None, "triple: of the discriminator; default: as the classifier's", low=1e-6, high=1.0
    )
    generator_learning_rate: float | None = option(
        None, "of the generator; default: as the classifier's, image: 0.001", low=1e-6, high=1.0
    )
    rampup_fraction: float = option(
        0.4, "part of training over which the weight of the unlabeled losses ramps up", low=0.001, high=1,
        former="ramp_share",
    )  # fmt: skip
    unlabeled_weight: float | None = option(
        None, "weight of all losses on unlabeled rows; default: estimated from the labels", low=0, high=1,
        former="trust",
    )  # fmt: skip
    calibration: str = option(
        "cross-fit", "cross-fit: calibrate, and stack with a linear model, by two shorter trainings on parts of the "
        "labels; none: use the classifier as it is", choices=("cross-fit", "none"),
    )  # fmt: skip
    thresholds: str = option(
        "micro", "with several labels a text, the probability from which a text gets a label is chosen for the best F1 "
        "micro: over all labels together; macro: of each label, rare ones count as much; half: 0.5 for each",
        choices=("micro", "macro", "half"),
    )  # fmt: skip
    average_decay: float = option(0.995, "of the moving average of the classifier's weights", low=0.0, high=0.99999)
    seed: int = option(0, "random seed; the same seed gives the same model", low=0, high=2**31 - 1, common=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, default in DEFAULTS[self.space].items():
            if getattr(self, name) is None:
                object.__setattr__(self, name, default)
        if self.label_smoothing and self.adversarial_loss not in SMOOTHED_LOSSES:
            raise ConfigError(
                f"--label-smoothing {self.label_smoothing:g}: --adversarial-loss {self.adversarial_loss} has no target "
                f"to lower. Leave it 0 or choose {' or '.join(SMOOTHED_LOSSES)}."
            )
