"""Output and evaluation of a run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ganclf.cli.options import Checked, option

STEPS_PER_REPORT = 25  # training steps whose mean loss becomes one point of the learning curves


@dataclass(frozen=True, kw_only=True)
class RunConfig(Checked):
    """Output and evaluation."""

    output: Path = option(
        Path("saved_models/classifier"), "folder of the model; each run adds the next version", common=True
    )
    compare: str = option(
        "all", "all: compare the model with training without a generator and with two tuned logistic regressions; "
        "none: evaluate the model alone, in a third of the time", choices=("all", "none"),
    )  # fmt: skip
    typos: float = option(
        0.0, "also evaluate on texts with this share of letters replaced, dropped or swapped, such as 0.1; 0: skip",
        low=0.0, high=1.0, former="robustness",
    )  # fmt: skip
    homoglyphs: float = option(
        0.0, "also evaluate on texts with this share of characters replaced by look-alikes, and by leetspeak, such as "
        "0.2; 0: skip", low=0.0, high=1.0, former="disguise",
    )  # fmt: skip
    script: str = option(
        "as-is", "traditional: also evaluate on the texts with Simplified Chinese rewritten as Traditional",
        choices=("as-is", "traditional"),
    )  # fmt: skip
    tensorboard: Path | None = option(None, "folder for TensorBoard logs; default: no logs")
