"""How a model that draws pictures from words is trained and evaluated, and where it is published."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ganclf.cli.options import Checked, option

UNUSED_DATA_OPTIONS = frozenset(("label_column",))  # of ImageDataConfig
AUTO, YES, NO = "auto", "yes", "no"


@dataclass(frozen=True, kw_only=True)
class IllustrateConfig(Checked):
    """Training."""

    references: str = option(
        AUTO, "whether the model holds its training pictures and looks at those with the nearest names while it "
        "draws; auto: as held-out texts are drawn better", choices=(AUTO, YES, NO), common=True,
    )  # fmt: skip
    epochs: int = option(
        14, "passes over the pairs by difference from the true pictures alone, at most; it ends when held-out texts "
        "are drawn no better", low=1, high=10_000, common=True,
    )  # fmt: skip
    matching_epochs: int = option(
        3, "passes of the discriminator alone, which learns what is real and goes with a text", low=1, high=10_000
    )
    adversarial_epochs: int = option(3, "passes of the game after them; 0: no game", low=0, high=10_000, common=True)
    minutes: float | None = option(
        None, "time for training, at most; with it two runs of one seed may differ; default: no bound", low=0.01,
        high=10_000, common=True,
    )  # fmt: skip
    adversarial_weight: float = option(
        0.01, "of the discriminator in the generator's loss, beside the mean difference", low=0.0, high=100.0
    )
    penalty_weight: float = option(1.0, "of the discriminator's gradient at real pictures (R1)", low=0.0, high=1e6)
    batch_size: int = option(32, "pairs per step, over all replicas", low=2, high=65_536)
    width: int = option(16, "channels of the generator's largest maps", low=4, high=512)
    units: int = option(128, "of the LSTMs that read the words", low=4, high=2048)
    discriminator_width: int = option(32, "channels of the discriminator's first maps", low=4, high=512)
    max_words: int = option(20_000, "in the vocabulary; others are spelled", low=0, high=1_000_000)
    learning_rate: float = option(1e-3, "of the Adam of each player by itself", low=1e-6, high=1.0)
    adversarial_learning_rate: float = option(2e-4, "of both Adams in the game", low=1e-6, high=1.0)
    seed: int = option(0, "random seed; the same seed gives the same model", low=0, high=2**31 - 1, common=True)


@dataclass(frozen=True, kw_only=True)
class IllustrateRunConfig(Checked):
    """Output and evaluation."""

    output: Path = option(
        Path("saved_models/drawings"), "folder of the model; each run adds the next version", common=True
    )
    test_pictures: int = option(500, "texts that are drawn in the evaluation, at most", low=20, high=10_000)
    restart: bool = option(False, "begin anew where a training with the same --output was broken off", common=True)
