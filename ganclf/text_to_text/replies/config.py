"""How a model of pairs is trained and evaluated, and where it is published."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ganclf.cli.options import Checked, option

UNUSED_DATA_OPTIONS = frozenset((
    "unlabeled", "label_column", "classes", "labels", "keep_label_spelling", "no_label_values", "max_classes",
    "labels_per_class", "max_unlabeled",
))  # fmt: skip
GENERATED, RETRIEVED, BOTH = "generated", "retrieved", "both"


@dataclass(frozen=True, kw_only=True)
class PairConfig(Checked):
    """Pairs and training."""

    reply_column: str | None = option(
        None, "name of the column with the replies or translations; default: found by name, or the other one of two",
        common=True,
    )  # fmt: skip
    candidates: str = option(
        BOTH, "replies that the model chooses among: retrieved ones are replies of the training file, which the "
        "published model then holds; generated ones are written anew", choices=(BOTH, RETRIEVED, GENERATED),
        common=True,
    )  # fmt: skip
    epochs: int = option(
        3, "passes of the generator over the pairs, at most; it ends when held-out pairs get no better", low=1,
        high=10_000, common=True,
    )  # fmt: skip
    discriminator_epochs: int = option(
        12, "passes of the discriminator over the pairs, at most; it ends when held-out pairs get no better", low=1,
        high=10_000,
    )  # fmt: skip
    rounds: int = option(
        1, "rounds in which the generator also learns from its own replies, as the discriminator weighs them", low=0,
        high=20, common=True,
    )  # fmt: skip
    round_pairs: int = option(20_000, "pairs of a round, at most", low=10, high=10_000_000)
    batch_size: int = option(64, "pairs per step of the generator, over all replicas", low=2, high=65_536)
    discriminator_batch_size: int = option(
        256, "pairs per step of the discriminator, each of which has the replies of the others as negatives", low=2,
        high=65_536,
    )  # fmt: skip
    units: int = option(256, "of the generator's LSTMs", low=4, high=4096)
    embedding_size: int = option(128, "of the generator's embeddings", low=4, high=4096)
    vector_size: int = option(192, "of the discriminator's vectors of texts", low=4, high=4096)
    dropout: float = option(0.2, "dropout rate of the generator", low=0.0, high=0.95)
    discriminator_dropout: float = option(0.3, "dropout rate of the discriminator", low=0.0, high=0.95)
    word_dropout: float = option(0.2, "share of the n-grams that are hidden from the discriminator", low=0.0, high=0.95)
    learning_rate: float = option(2e-3, "of the generator's Adam", low=1e-6, high=1.0)
    table_learning_rate: float = option(0.15, "of the Adagrad of the discriminator's embeddings", low=1e-6, high=10.0)
    max_words: int = option(6_000, "words of the vocabulary, at most; others are spelled", low=2, high=200_000)
    max_ngrams: int = option(30_000, "words and pairs of words that the discriminator knows, at most", low=2)
    max_tokens: int = option(
        40, "tokens of a text or reply, at most; of longer texts the end is read, longer replies are cut", low=4,
        high=512,
    )  # fmt: skip
    max_retrieved: int = option(
        200_000, "pairs of the training file among which is searched, at most; of more, a random sample", low=1,
        high=5_000_000,
    )  # fmt: skip
    samples: int = option(12, "replies that are sampled for each text, of which the discriminator chooses", low=1,
                          high=256)  # fmt: skip
    beams: int = option(4, "replies that a beam search keeps for each text", low=1, high=64)
    seed: int = option(0, "random seed; the same seed gives the same model", low=0, high=2**31 - 1, common=True)


@dataclass(frozen=True, kw_only=True)
class PairRunConfig(Checked):
    """Output and evaluation."""

    output: Path = option(
        Path("saved_models/replies"), "folder of the model; each run adds the next version", common=True
    )
    replies: int = option(5, "replies that the served model gives for each text", low=1, high=50, common=True)
    test_pairs: int = option(
        1000, "pairs for which replies are written in the evaluation, at most; recall uses all", low=20, high=100_000
    )
    restart: bool = option(False, "begin anew where a training with the same --output was broken off", common=True)
