"""How a model that enlarges pictures is trained and evaluated, and where it is published."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ganclf.cli.options import Checked, option

UNUSED_DATA_OPTIONS = frozenset(("text_column", "label_column"))  # of ImageDataConfig


@dataclass(frozen=True, kw_only=True)
class EnlargeConfig(Checked):
    """Training."""

    scale: str = option("4", "how many times larger a side becomes", choices=("2", "4"), common=True)
    epochs: int = option(
        16, "passes over the pictures by difference alone, at most; it ends when held-out pictures get no "
        "better", low=1,
        high=10_000, common=True,
    )  # fmt: skip
    adversarial_epochs: int = option(
        8, "passes over the pictures of the game after them; 0: no game, and no sharpness to "
        "choose", low=0, high=10_000,
        common=True,
    )  # fmt: skip
    minutes: float | None = option(
        None, "time for training, at most; with it two runs of one seed may differ; default: no bound", low=0.01,
        high=10_000, common=True,
    )  # fmt: skip
    adversarial_weight: float = option(
        0.01, "of the discriminator in the generator's loss, beside the mean difference", low=0.0, high=100.0
    )
    penalty_weight: float = option(0.1, "of the discriminator's gradient at real pictures (R1)", low=0.0, high=1e6)
    batch_size: int = option(32, "pictures per step, over all replicas", low=2, high=65_536)
    width: int = option(32, "channels of the generator", low=4, high=1024)
    blocks: int = option(4, "residual blocks of the generator", low=1, high=100)
    discriminator_width: int = option(32, "channels of the discriminator's first maps", low=4, high=1024)
    learning_rate: float = option(1e-3, "of the generator's Adam", low=1e-6, high=1.0)
    adversarial_learning_rate: float = option(2e-4, "of both Adams in the game", low=1e-6, high=1.0)
    seed: int = option(0, "random seed; the same seed gives the same model", low=0, high=2**31 - 1, common=True)


@dataclass(frozen=True, kw_only=True)
class EnlargeRunConfig(Checked):
    """Output and evaluation."""

    output: Path = option(
        Path("saved_models/enlarger"), "folder of the model; each run adds the next version", common=True
    )
    test_pictures: int = option(500, "pictures that are enlarged in the evaluation, at most", low=20, high=10_000)
    restart: bool = option(False, "begin anew where a training with the same --output was broken off", common=True)
