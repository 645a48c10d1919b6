"""How the players play."""

from __future__ import annotations

from dataclasses import dataclass

from ganclf.cli.options import Checked, option
from ganclf.errors import ConfigError

SMOOTHED_LOSSES = ("logistic", "least-squares")  # those in which real rows have a target
DEFAULTS = {  # that differ by the space of the game
    "feature": {
        "batch_size": 256, "labelled_batch_size": 64, "learning_rate": 1e-3,
        "dropout": 0.3, "input_noise": 0.5, "feature_matching_weight": 1.0, "fooling_weight": 0.0,
    },
    "image": {
        "batch_size": 64, "labelled_batch_size": 32, "learning_rate": 2e-3,
        "dropout": 0.1, "input_noise": 0.1, "feature_matching_weight": 0.1, "fooling_weight": 1.0,
        "adversarial_weight": 1.0,
        "generator_learning_rate": 1e-3,
    },
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class GameConfig(Checked):
    """How the players play."""

    game: str = option(
        "k+1",
        "k+1: generator against classifier; triple: generator, discriminator of pairs and classifier; "
        "off: k+1 without a generator",
        choices=("k+1", "triple", "off"),
    )
    space: str = option(
        "feature", "feature: the game is played on what the encoder makes of a text; image: on the text's picture",
        choices=("feature", "image"),
    )  # fmt: skip
    picture_characters: int = option(24, "image: characters of a text that are drawn", low=4, high=256)
    channels: int = option(
        8,
        "image: channels of the classifier's first convolution, doubled twice; the generator has twice as many",
        low=1,
        high=256,
    )
    steps: int = option(1000, "rounds of the game", low=1, high=10_000_000)
    batch_size: int = option(
        None, "unlabelled rows a step, all replicas together; default: 256, image: 64", low=2, high=65_536
    )
    labelled_batch_size: int = option(
        None, "labelled rows a step, all replicas together; default: 64, image: 32", low=2, high=65_536
    )
    learning_rate: float = option(None, "of Adam; default: 0.001, image: 0.002", low=1e-6, high=1.0)
    momentum: float = option(0.5, "beta_1 of Adam", low=0.0, high=0.999)
    width: int = option(256, "units of each hidden layer", low=1, high=8192)
    depth: int = option(2, "hidden layers of the classifier", low=1, high=8)
    latent_size: int = option(100, "numbers of the generator's latent vector", low=1, high=4096)
    dropout: float = option(
        None, "share of hidden units silent in training; default: 0.3, image: 0.1", low=0.0, high=0.95
    )
    input_noise: float = option(
        None, "deviation of the noise on features or pixels of unit mean square; default: 0.5, image: 0.1",
        low=0.0, high=10.0,
    )  # fmt: skip
    class_shares: str = option(
        "estimated", "of the unlabelled rows: estimated, or those of the labels, where these were drawn at random",
        choices=("estimated", "labels"),
    )  # fmt: skip
    class_weights: str = option(
        "none",
        "of the labelled rows, in the game and in what it is compared with; balanced: a class counts the less, "
        "the more labels it has",
        choices=("none", "balanced"),
    )
    guide_weight: float = option(1.0, "multiplies the divergence from a linear model at the start; fades", low=0.0)
    entropy_weight: float = option(1.0, "multiplies the entropy of predictions on unlabelled rows", low=0.0)
    class_share_weight: float = option(1.0, "multiplies the divergence from the estimated class shares", low=0.0)
    consistency_weight: float = option(0.0, "multiplies the distance from the averaged classifier's answers", low=0.0)
    pseudo_label_weight: float = option(0.0, "multiplies the loss on classes the averaged one is sure of", low=0.0)
    confidence: float = option(0.95, "least probability of a class that is taken for a label", low=0.0, high=1.0)
    virtual_adversarial_weight: float = option(0.0, "multiplies how far answers move on the worst small step", low=0.0)
    virtual_adversarial_radius: float = option(0.3, "length of that step; rows have unit length", low=0.0, high=10.0)
    mixing_weight: float = option(1.0, "multiplies the loss between a labelled and an unlabelled row", low=0.0)
    adversarial_weight: float | None = option(
        None,
        "multiplies the real-or-fake loss of the classifier; default: 1, or less with more than 4 classes and "
        "more than one label of each",
        low=0.0,
    )
    adversarial_loss: str = option(
        "logistic",
        "how real and generated rows are told apart",
        choices=("logistic", "least-squares", "wasserstein", "hinge", "relativistic"),
    )
    penalty: str = option("none", "on the slope of the discriminator; gradient: WGAN-GP",
                          choices=("none", "gradient", "r1", "r2"))  # fmt: skip
    penalty_weight: float = option(1.0, "multiplies that penalty", low=0.0)
    label_smoothing: float = option(
        0.0, "how far below 1 the discriminator's target of real rows lies", low=0, high=0.5
    )
    instance_noise: float = option(
        0.0, "deviation of further noise on what the discriminator sees; fades to 0 over the game", low=0.0, high=10.0
    )
    feature_matching_weight: float = option(
        None, "multiplies the generator's distance of mean activations; default: 1, image: 0.1", low=0.0
    )
    fooling_weight: float = option(
        None, "multiplies the generator's side of the real-or-fake loss; default: 0, image: 1", low=0.0
    )
    pair_weight: float = option(0.1, "triple: multiplies the discriminator's say on pairs of row and class", low=0.0)
    generated_label_weight: float = option(
        0.1, "triple: multiplies the classifier's loss on generated pairs, after the rise", low=0.0
    )
    minibatch_kernels: int = option(0, "numbers that tell how close the rows of a batch are; 0: none", low=0, high=1024)
    historical_weight: float = option(0.0, "multiplies the distance of weights from their mean over time", low=0.0)
    discriminator_normalisation: str = option("none", "of the hidden layers of classifier and discriminator",
                                              choices=("none", "batch", "weight", "spectral"))  # fmt: skip
    generator_normalisation: str = option("batch", "of the generator's hidden layers",
                                          choices=("none", "batch", "weight", "spectral"))  # fmt: skip
    discriminator_steps: int = option(1, "turns of the discriminator a round", low=1, high=100)
    discriminator_learning_rate: float | None = option(
        None, "triple: of the discriminator; default: as the classifier's", low=1e-6, high=1.0
    )
    generator_learning_rate: float | None = option(
        None, "of the generator; default: as the classifier's, image: 0.001", low=1e-6, high=1.0
    )
    ramp_share: float = option(
        0.4, "part of the steps in which unlabelled terms rise to full weight", low=0.001, high=1
    )
    trust: float | None = option(
        None,
        "weight of all terms of the unlabelled rows, against the guide; default: told from the labels",
        low=0,
        high=1,
    )
    calibration: str = option(
        "cross-fit", "cross-fit: probabilities and the blend with the linear model are told from two further, shorter "
        "games on parts of the labels; none: the game as it is", choices=("cross-fit", "none"),
    )  # fmt: skip
    average_decay: float = option(0.995, "of the moving average of the classifier's weights", low=0.0, high=0.99999)
    seed: int = option(0, "of everything random; the same seed repeats a run", low=0, high=2**31 - 1)

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
