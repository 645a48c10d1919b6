"""How a text generator is trained and evaluated, and where it is published."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ganclf.cli.options import Checked, option

UNUSED_DATA_OPTIONS = frozenset(
    ("unlabeled", "classes", "labels", "max_classes", "labels_per_class", "max_unlabeled")
)  # of DataConfig: they are for classification


@dataclass(frozen=True, kw_only=True)
class TextGameConfig(Checked):
    """Training."""

    epochs: int = option(30, "passes over the texts, at most; it ends when held-out texts get no better", low=1,
        high=10_000, common=True)  # fmt: skip
    steps: int | None = option(
        None, "training steps of the generator, at most; default: by --epochs and the size of the data", low=1,
        high=10_000_000, common=True,
    )  # fmt: skip
    minutes: float | None = option(
        None, "time for training, at most; with it two runs of one seed may differ; default: no bound",
        low=0.01, high=10_000, common=True,
    )  # fmt: skip
    rounds: int = option(
        2, "rounds in which the generator also learns from its own texts, as the discriminator weighs them",
        low=0, high=20, common=True,
    )  # fmt: skip
    discriminator_epochs: int | None = option(
        None, "passes of the discriminator over the texts before the rounds, at most; 0: no discriminator; default: 6, "
        "more over few texts", low=0, high=1000,
    )  # fmt: skip
    backwards: bool = option(
        True, "beside the discriminator a language model reads texts from the last word to the first"
    )
    pairs: bool = option(True, "beside the discriminator pairs of words at places of lines are scored, as rhymes are")
    forms: bool = option(True, "beside the discriminator the lengths of lines are compared with those of real texts")
    label_weight: float | None = option(
        None, "of how well a text fits its label when one of several candidates is chosen; default: the heaviest that "
        "costs held-out texts nothing", low=0.0, high=20.0,
    )  # fmt: skip
    batch_size: int = option(32, "texts per step, over all replicas", low=2, high=65_536)
    units: int | None = option(
        None, "of the generator's LSTM; default: 256 to 512 by the size of the data", low=4, high=4096
    )
    dropout: float = option(0.35, "dropout rate of the generator", low=0.0, high=0.95)
    learning_rate: float = option(2.5e-3, "of the generator's Adam", low=1e-6, high=1.0)
    discriminator_dropout: float = option(0.4, "dropout rate of the discriminator", low=0.0, high=0.95)
    word_dropout: float = option(0.2, "share of the words that are hidden from the discriminator", low=0.0, high=0.95)
    discriminator_learning_rate: float = option(5e-4, "of the discriminator's Adam", low=1e-6, high=1.0)
    max_words: int = option(10_000, "words of the vocabulary, at most; others are spelled", low=2, high=200_000)
    max_tokens: int = option(128, "tokens of a text, at most; longer ones are cut", low=4, high=1024)
    ngram_order: int | None = option(
        None, "length of the n-grams that are interpolated with the generator; default: 3 to 5, by held-out texts",
        low=2, high=6,
    )  # fmt: skip
    max_ngrams: int = option(
        3_000_000, "n-grams of the model, at most; the rarest are dropped first; a million takes 16 MB", low=1000,
        high=100_000_000,
    )  # fmt: skip
    partition_samples: int = option(
        20_000, "texts from which the constant of the residual energy model is estimated", low=100, high=1_000_000
    )
    seed: int = option(0, "random seed; the same seed gives the same model", low=0, high=2**31 - 1, common=True)


@dataclass(frozen=True, kw_only=True)
class TextRunConfig(Checked):
    """Output and evaluation."""

    output: Path = option(
        Path("saved_models/texts"), "folder of the model; each run adds the next version", common=True
    )
    evaluate: str = option(
        "all", "all: also compare samples with real texts at several temperatures; perplexity: only how probable "
        "held-out texts are, which is quicker", choices=("all", "perplexity"), common=True,
    )  # fmt: skip
    samples: int = option(1000, "texts that are written for each row of the comparison", low=20, high=20_000)
    report_encoder: str | None = option(
        None, "folder or name of a transformer, as of --preset, for the Fréchet distance of samples; default: n-grams"
    )
    restart: bool = option(False, "begin anew where a training with the same --output was broken off", common=True)
