"""What can be chosen: frozen dataclasses, checked once. The command line and the estimator are made from them."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from ganclf.errors import ConfigError

STEPS_A_REPORT = 25  # steps of the game whose mean loss becomes one point of the learning curves


def option(
    default: Any,
    meaning: str,
    *,
    choices: tuple[str, ...] | None = None,
    low: float | None = None,
    high: float | None = None,
) -> Any:
    """A dataclass field that knows its meaning, its choices or its range (both ends included)."""
    return field(default=default, metadata={"meaning": meaning, "choices": choices, "low": low, "high": high})


class Checked:
    """A mixin that refuses values out of range as soon as they are given."""

    def __post_init__(self) -> None:
        for each in fields(self):  # type: ignore[arg-type]
            check_value(f"--{each.name.replace('_', '-')}", getattr(self, each.name), **each.metadata)


def check_value(name: str, value: Any, *, choices: Any, low: Any, high: Any, meaning: str) -> None:
    """Raise ConfigError with the remedy if `value` is not one of `choices` or not within `low` to `high`."""
    if value is None:
        return
    if choices and value not in choices:
        raise ConfigError(f"{name}: {value!r} is no choice; choose from {', '.join(choices)}.")
    if low is None and high is None:
        return
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ConfigError(f"{name}: {value!r} is not a number.")
    if (low is not None and not value >= low) or (high is not None and not value <= high):
        span = f"from {low:g} to {high:g}" if high is not None else f"{low:g} or more"
        raise ConfigError(f"{name}: {value!r} ({meaning}) is out of range; give a number {span}.")


@dataclass(frozen=True, kw_only=True)
class DataConfig(Checked):
    """Which rows are read."""

    data: Path | None = option(None, "CSV, TSV, JSONL or Parquet file, plain or .gz; default: the bundled sample")
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
        "ngram", "ngram: learned from the texts; pretrained: a transformer, see --preset; fused: several, see --fuse",
        choices=("ngram", "pretrained", "fused"),
    )  # fmt: skip
    preset: str | None = option(None, "pretrained: a Hugging Face folder, or a KerasHub name, which is then downloaded")
    max_tokens: int = option(128, "pretrained: tokens of a text that are read; the rest is cut", low=8, high=8192)
    tune: str = option("none", "pretrained: none: as it is; contrastive: texts of one label are pulled together first",
                       choices=("none", "contrastive"))  # fmt: skip
    tune_steps: int = option(60, "pretrained: batches of 32 labelled texts of the tuning", low=1, high=100_000)
    fuse: str = option("ngram,pretrained", "fused: the encoders that stand side by side, all with the same weight")
    size: int = option(256, "ngram: numbers a text becomes", low=2, high=2048)
    max_characters: int = option(2000, "characters of a text that are read; the rest is cut", low=16, high=100_000)
    vocabulary_size: int = option(65_535, "hash buckets that are kept, the most frequent ones", low=16, high=65_535)

    @property
    def parts(self) -> tuple[str, ...]:
        """The encoders that are used, one where they are not fused."""
        return tuple(name.strip() for name in self.fuse.split(",")) if self.encoder == "fused" else (self.encoder,)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.encoder == "fused" and (len(set(self.parts)) < 2 or not set(self.parts) <= {"ngram", "pretrained"}):
            raise ConfigError(f"--fuse {self.fuse}: name two different encoders, as in --fuse ngram,pretrained.")
        pretrained = "pretrained" in self.parts
        if pretrained and self.preset is None:
            raise ConfigError(
                f"--encoder {self.encoder}: which transformer? Give --preset, the folder of one such as "
                "all-MiniLM-L6-v2, or a KerasHub name such as bert_small_en_uncased, which is then downloaded."
            )
        if not pretrained and self.preset is not None:
            raise ConfigError(f"--preset {self.preset}: the n-gram encoder takes none; add --encoder pretrained.")
        if not pretrained and self.tune != "none":
            raise ConfigError(f"--tune {self.tune}: the n-gram encoder can't be tuned; add --encoder pretrained.")


@dataclass(frozen=True, kw_only=True)
class GameConfig(Checked):
    """How the players play."""

    game: str = option("k+1", "k+1: generator against classifier; off: the same without a generator",
                       choices=("k+1", "off"))  # fmt: skip
    steps: int = option(1000, "rounds of the game", low=1, high=10_000_000)
    batch_size: int = option(256, "unlabelled rows a step, all replicas together", low=2, high=65_536)
    labelled_batch_size: int = option(64, "labelled rows a step, all replicas together", low=2, high=65_536)
    learning_rate: float = option(1e-3, "of Adam, for both players", low=1e-6, high=1.0)
    momentum: float = option(0.5, "beta_1 of Adam", low=0.0, high=0.999)
    width: int = option(256, "units of each hidden layer", low=1, high=8192)
    depth: int = option(2, "hidden layers of the classifier", low=1, high=8)
    latent_size: int = option(100, "numbers of the generator's latent vector", low=1, high=4096)
    dropout: float = option(0.3, "share of hidden units silent in training", low=0.0, high=0.95)
    input_noise: float = option(0.5, "deviation of the noise on features of unit mean square", low=0.0, high=10.0)
    guide_weight: float = option(1.0, "multiplies the divergence from a linear model at the start; fades", low=0.0)
    entropy_weight: float = option(1.0, "multiplies the entropy of predictions on unlabelled rows", low=0.0)
    class_share_weight: float = option(1.0, "multiplies the divergence from the estimated class shares", low=0.0)
    adversarial_weight: float = option(1.0, "multiplies the real-or-fake loss", low=0.0)
    ramp_share: float = option(
        0.4, "part of the steps in which unlabelled terms rise to full weight", low=0.001, high=1
    )
    average_decay: float = option(0.995, "of the moving average of the classifier's weights", low=0.0, high=0.99999)
    seed: int = option(0, "of everything random; the same seed repeats a run", low=0, high=2**31 - 1)


@dataclass(frozen=True, kw_only=True)
class RunConfig(Checked):
    """What a run does around the game."""

    output: Path = option(Path("saved_models/classifier"), "folder in which the next version is published")
    compare: str = option("all", "all: also the game off and two tuned logistic regressions; none: only the model",
                          choices=("all", "none"))  # fmt: skip
    tensorboard: Path | None = option(None, "folder for TensorBoard logs; default: none are written")
