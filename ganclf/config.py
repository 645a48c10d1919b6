"""What can be chosen: frozen dataclasses, checked once. The command line and the estimator are made from them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ganclf.errors import ConfigError
from ganclf.options import Checked, option

SMOOTHED_LOSSES = ("logistic", "least-squares")  # those in which real rows have a target
TUNE_STEPS = {"contrastive": 60, "layers": 300}
DEFAULTS = {  # that differ by the space of the game
    "feature": {
        "batch_size": 256, "labelled_batch_size": 64, "learning_rate": 1e-3,
        "dropout": 0.3, "input_noise": 0.5, "feature_matching_weight": 1.0, "fooling_weight": 0.0,
    },
    "image": {
        "batch_size": 64, "labelled_batch_size": 32, "learning_rate": 2e-3,
        "dropout": 0.1, "input_noise": 0.1, "feature_matching_weight": 0.1, "fooling_weight": 1.0,
        "generator_learning_rate": 1e-3,
    },
}  # fmt: skip
LABEL_ROUNDS, LABEL_STEPS = 8, (200, 4000)  # of tuning glyphs on labels: rounds through the texts, least and most steps
LABEL_BATCH = 128  # texts a step of it
ENCODER_NAMES = ("ngram", "pretrained", "glyph")
STEPS_A_REPORT = 25  # steps of the game whose mean loss becomes one point of the learning curves


@dataclass(frozen=True, kw_only=True)
class DataConfig(Checked):
    """Which rows are read."""

    data: tuple[Path, ...] = option(
        (), "CSV, TSV, JSONL or Parquet files, plain or .gz, one or more; default: the bundled sample"
    )
    unlabeled: Path | None = option(None, "file with further texts; its labels, if any, are not read")
    test: Path | None = option(None, "file with labelled texts, for the report only")
    text_column: str | None = option(None, "column with the text; default: found by name or content")
    label_column: str | None = option(None, "column with the label; default: found by name or content")
    labels_per_class: int | None = option(
        None, "keep this many random labels a class and treat the rest as unlabelled, to try the few-label case", low=1
    )
    max_unlabeled: int = option(
        200_000, "unlabelled texts that are used, chosen at random where there are more: bounds memory and time", low=1
    )


@dataclass(frozen=True, kw_only=True)
class EncoderConfig(Checked):
    """How text becomes numbers."""

    encoder: str = option(
        "ngram", "ngram: learned from the texts; pretrained: a transformer, see --preset; glyph: the texts are drawn, "
        "and networks learn to read the pictures; fused: several, see --fuse",
        choices=(*ENCODER_NAMES, "fused"),
    )  # fmt: skip
    preset: str | None = option(None, "pretrained: a Hugging Face folder, or a KerasHub name, which is then downloaded")
    max_tokens: int = option(128, "pretrained: tokens of a text that are read; the rest is cut", low=8, high=8192)
    views: str = option(
        "auto", "pretrained: auto: its own pooling, the layer below the last, and the first word as far as the labels "
        "say that it helps; own: its own pooling alone", choices=("auto", "own"),
    )  # fmt: skip
    tune: str = option(
        "none", "pretrained: none: as it is; contrastive: texts of one label are pulled together first; layers:N: the "
        "last N layers learn in a game first; glyph: labels: all networks learn thousands of labels first",
    )  # fmt: skip
    tune_steps: int | None = option(
        None, f"steps of the tuning; default: pretrained: {TUNE_STEPS['contrastive']} batches of 32 texts a round, or "
        f"{TUNE_STEPS['layers']} rounds of the game in which layers learn; glyph: {LABEL_ROUNDS} rounds through the "
        "labelled texts", low=1, high=100_000,
    )  # fmt: skip
    tune_rounds: int = option(
        1, "pretrained: rounds of the tuning; from the second on also with texts of which a short game is sure",
        low=1, high=10,
    )  # fmt: skip
    fuse: str = option("ngram,pretrained", "fused: the encoders that stand side by side, all with the same weight")
    disguise_training: float = option(
        0.0, "share of the characters of every second text that are replaced by look-alikes before anything is learned",
        low=0.0, high=1.0,
    )  # fmt: skip
    sequence: str = option("conv", "glyph: what reads the sequence of glyphs: convolutions over time, an LSTM in both "
                           "directions, or attention", choices=("conv", "lstm", "attention"))  # fmt: skip
    font: tuple[Path, ...] = option(
        (), "glyph: font files; a character is drawn from the first one that has it; default: Noto Sans CJK"
    )
    glyph_pixels: int = option(16, "glyph: height and width of a picture", low=8, high=64)
    max_glyphs: int = option(128, "glyph: characters of a text that are read; the rest is cut", low=4, high=4096)
    glyph_steps: int = option(1500, "glyph: steps of learning to read without labels", low=1, high=100_000)
    size: int = option(256, "ngram, glyph: numbers a text becomes", low=2, high=2048)
    max_characters: int = option(2000, "characters of a text that are read; the rest is cut", low=16, high=100_000)
    vocabulary_size: int = option(65_535, "hash buckets that are kept, the most frequent ones", low=16, high=65_535)

    @property
    def tuning(self) -> str:
        """none, contrastive, layers or labels."""
        return self.tune.partition(":")[0]

    @property
    def tuned_layers(self) -> int:
        """N of layers:N, else 0."""
        return int(self.tune.partition(":")[2] or 0)

    @property
    def steps_of_tuning(self) -> int:
        """`tune_steps` or its default."""
        return self.tune_steps or TUNE_STEPS[self.tuning]

    def label_steps(self, texts: int) -> int:
        """`tune_steps`, or as many as LABEL_ROUNDS through so many labelled texts take, within LABEL_STEPS."""
        least, most = LABEL_STEPS
        return self.tune_steps or min(max(LABEL_ROUNDS * texts // LABEL_BATCH, least), most)

    @property
    def chooses_views(self) -> bool:
        """Whether the encoder has to look at texts and labels before it encodes."""
        return "pretrained" in self.parts and self.views == "auto"

    @property
    def learns_from_labels(self) -> bool:
        """Whether other labels make other features."""
        return self.chooses_views or self.tune != "none"

    @property
    def parts(self) -> tuple[str, ...]:
        """The encoders that are used, one where they are not fused."""
        return tuple(name.strip() for name in self.fuse.split(",")) if self.encoder == "fused" else (self.encoder,)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not re.fullmatch(r"none|contrastive|labels|layers:[1-9]\d{0,3}", self.tune):
            raise ConfigError(f"--tune {self.tune}: choose none, contrastive, labels, or layers:N with N of 1 or more.")
        if self.encoder == "fused" and (len(set(self.parts)) < 2 or not set(self.parts) <= set(ENCODER_NAMES)):
            raise ConfigError(
                f"--fuse {self.fuse}: name two or more different encoders of {', '.join(ENCODER_NAMES)}, as in "
                "--fuse ngram,pretrained."
            )
        self._check_pretrained("pretrained" in self.parts)
        self._check_glyph("glyph" in self.parts)

    def _check_pretrained(self, used: bool) -> None:
        if used and self.preset is None:
            raise ConfigError(
                f"--encoder {self.encoder}: which transformer? Give --preset, the folder of one such as "
                "all-MiniLM-L6-v2, or a KerasHub name such as bert_small_en_uncased, which is then downloaded."
            )
        if not used and self.preset is not None:
            raise ConfigError(f"--preset {self.preset}: only a transformer takes one; add --encoder pretrained.")
        if not used and self.tuning in ("contrastive", "layers"):
            raise ConfigError(f"--tune {self.tune}: only a transformer can be tuned so; add --encoder pretrained.")

    def _check_glyph(self, used: bool) -> None:
        if not used and self.tuning == "labels":
            raise ConfigError(f"--tune {self.tune}: only glyph networks can be tuned so; add --encoder glyph.")
        if not used and self.font:
            raise ConfigError(f"--font {self.font[0]}: only glyphs are drawn; add --encoder glyph.")


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
    adversarial_weight: float = option(1.0, "multiplies the real-or-fake loss of the classifier", low=0.0)
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


@dataclass(frozen=True, kw_only=True)
class RunConfig(Checked):
    """What a run does around the game."""

    output: Path = option(Path("saved_models/classifier"), "folder in which the next version is published")
    compare: str = option("all", "all: also the game off and two tuned logistic regressions; none: only the model",
                          choices=("all", "none"))  # fmt: skip
    robustness: float = option(
        0.0, "share of letters, such as 0.1, that are replaced, dropped or swapped to see what is still answered "
        "rightly; 0: not asked", low=0.0, high=1.0,
    )  # fmt: skip
    disguise: float = option(
        0.0, "share of characters, such as 0.2, that are replaced by look-alikes, and by leetspeak, to see what is "
        "still answered rightly; 0: not asked", low=0.0, high=1.0,
    )  # fmt: skip
    script: str = option("as-is", "traditional: also ask with Simplified Chinese rewritten in Traditional characters",
                         choices=("as-is", "traditional"))  # fmt: skip
    tensorboard: Path | None = option(None, "folder for TensorBoard logs; default: none are written")
