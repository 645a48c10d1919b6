"""How a model of styles is trained and evaluated, and where it is published."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ganclf.cli.options import Checked, option

UNUSED_DATA_OPTIONS = frozenset(
    ("unlabeled", "classes", "labels", "max_classes", "labels_per_class", "max_unlabeled")
)  # of DataConfig: they are for classification


@dataclass(frozen=True, kw_only=True)
class StyleConfig(Checked):
    """Training."""

    max_texts: int = option(
        60_000, "texts that are learned from, at most; of more, a random sample", low=100, high=10_000_000, common=True
    )
    epochs: int = option(
        3, "passes of the generator over the texts before the rounds, at most; it ends when held-out texts get no "
        "better; 0: counted edits alone, no network", low=0, high=10_000, common=True,
    )  # fmt: skip
    rounds: int = option(
        2, "rounds in which the generator rewrites texts, learns to write them back, and plays against the "
        "discriminator", low=0, high=20, common=True,
    )  # fmt: skip
    round_texts: int = option(8_000, "texts of a round, at most", low=10, high=10_000_000)
    adversarial_weight: float = option(
        0.3, "of the discriminator in the generator's loss; it rises in each round, in the first to half; 0: cycle "
        "alone",
        low=0.0, high=100.0,
    )  # fmt: skip
    discriminator_epochs: int = option(
        3, "passes of the discriminator over the texts, at most; it ends when held-out texts get no better", low=1,
        high=10_000,
    )  # fmt: skip
    batch_size: int = option(64, "texts per step, over all replicas", low=2, high=65_536)
    units: int = option(256, "of the generator's LSTMs", low=4, high=4096)
    embedding_size: int = option(128, "of the generator's embeddings", low=4, high=4096)
    filters: int = option(96, "of each width of the discriminator", low=2, high=4096)
    dropout: float = option(0.2, "dropout rate of the generator", low=0.0, high=0.95)
    discriminator_dropout: float = option(0.4, "dropout rate of the discriminator", low=0.0, high=0.95)
    word_dropout: float = option(0.1, "share of the words that are hidden from the generator when it copies", low=0.0,
                                 high=0.95)  # fmt: skip
    learning_rate: float = option(2e-3, "of the generator's Adam", low=1e-6, high=1.0)
    discriminator_learning_rate: float = option(1e-3, "of the discriminator's Adam", low=1e-6, high=1.0)
    max_words: int = option(8_000, "words of the vocabulary, at most; others are spelled", low=2, high=200_000)
    max_ngrams: int = option(1_000_000, "n-grams of the model of fluency, at most", low=1000, high=100_000_000)
    max_tokens: int = option(40, "tokens of a text, at most; longer ones are cut", low=4, high=256)
    samples: int = option(4, "rewritings that are sampled for each text", low=1, high=64)
    beams: int = option(4, "rewritings that a beam search keeps for each text", low=1, high=64)
    edits: int = option(4, "counted edits of each text; twice as many are tried again on the best two", low=1, high=32)
    seed: int = option(0, "random seed; the same seed gives the same model", low=0, high=2**31 - 1, common=True)


@dataclass(frozen=True, kw_only=True)
class StyleRunConfig(Checked):
    """Output and evaluation."""

    output: Path = option(
        Path("saved_models/style"), "folder of the model; each run adds the next version", common=True
    )
    publish: str = option(
        "best", "what is published: best: what is best on held-out texts; edits: counted edits alone; network: the "
        "most probable rewriting of the network; ranked: the best of all candidates",
        choices=("best", "edits", "network", "ranked"),
    )  # fmt: skip
    test_texts: int = option(
        500, "texts that are rewritten in the evaluation, at most; as many held-out ones choose", low=20, high=100_000
    )
    restart: bool = option(False, "begin anew where a training with the same --output was broken off", common=True)
