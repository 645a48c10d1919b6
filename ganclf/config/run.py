"""What a run does around the game."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ganclf.cli.options import Checked, option

STEPS_PER_REPORT = 25  # steps of the game whose mean loss becomes one point of the learning curves


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
