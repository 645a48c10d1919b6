"""How a model that draws pictures is trained and evaluated, and where it is published."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ganclf.cli.options import Checked, option

UNUSED_DATA_OPTIONS = frozenset(("text_column",))  # of ImageDataConfig
R3GAN, DCGAN, WGAN_GP = "r3gan", "dcgan", "wgan-gp"
AUTO, ON, OFF = "auto", "on", "off"


@dataclass(frozen=True, kw_only=True)
class DrawConfig(Checked):
    """Training."""

    game: str = option(
        R3GAN, "r3gan: paired relativistic loss with R1 and R2; dcgan: logistic loss and batch normalization; wgan-gp: "
        "Wasserstein loss with a gradient penalty and five updates of the discriminator per step",
        choices=(R3GAN, DCGAN, WGAN_GP), common=True,
    )  # fmt: skip
    steps: int = option(
        20_000, "updates of the generator, at most; it ends when generated pictures get no more like the held-out ones",
        low=1, high=10_000_000, common=True,
    )  # fmt: skip
    minutes: float | None = option(
        None, "time for the game, at most; with it two runs of one seed may differ; default: no bound", low=0.01,
        high=100_000, common=True,
    )  # fmt: skip
    steps_per_report: int = option(
        500, "steps between two reports, after which the pictures so far are compared with the held-out ones", low=1,
        high=100_000,
    )  # fmt: skip
    patience: int = option(20, "reports without better pictures, after which it ends", low=1, high=10_000)
    batch_size: int = option(32, "pictures per update, over all replicas", low=2, high=65_536)
    width: int = option(
        32,
        "channels of the largest maps of both networks; smaller maps have up to four times as many",
        low=4,
        high=1024,
    )
    latent: int = option(64, "numbers from which a picture is drawn", low=1, high=4096)
    augmentation: str = option(
        AUTO, "whether the discriminator sees all pictures shifted and with a square left out (DiffAugment); auto: "
        "with fewer than 4,000 pictures", choices=(AUTO, ON, OFF),
    )  # fmt: skip
    penalty_weight: float | None = option(
        None, "of the penalty on the discriminator's gradient; default: as the game needs it", low=0.0, high=1e6
    )
    learning_rate: float | None = option(None, "of both Adams; default: as the game needs it", low=1e-6, high=1.0)
    precision: str = option(
        "float32", "of the game; mixed_bfloat16 is for machines that compute faster with it",
        choices=("float32", "mixed_bfloat16"),
    )  # fmt: skip
    jit: bool = option(False, "compile a step by XLA; it takes longer to begin")
    seed: int = option(0, "random seed; the same seed gives the same model", low=0, high=2**31 - 1, common=True)


@dataclass(frozen=True, kw_only=True)
class DrawRunConfig(Checked):
    """Output and evaluation."""

    output: Path = option(
        Path("saved_models/pictures"), "folder of the model; each run adds the next version", common=True
    )
    test_pictures: int = option(
        1000, "pictures of each kind that are compared in the evaluation, at most", low=20, high=10_000
    )
    baseline_minutes: float = option(
        1.0, "for the variational autoencoder beside which the report puts the model, at most; 0: none", low=0.0,
        high=10_000,
    )  # fmt: skip
    restart: bool = option(False, "begin anew where a training with the same --output was broken off", common=True)
    tensorboard: Path | None = option(None, "folder for TensorBoard logs; default: no logs")
