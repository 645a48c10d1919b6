"""What can be chosen: frozen dataclasses, checked once. The command line and the estimator are made from them."""

from ganclf.config.encoder import ENCODER_NAMES, LABEL_BATCH, TUNE_STEPS, EncoderConfig
from ganclf.config.game import DEFAULTS, GameConfig
from ganclf.config.rows import DataConfig
from ganclf.config.run import STEPS_A_REPORT, RunConfig

__all__ = [
    "DEFAULTS",
    "ENCODER_NAMES",
    "LABEL_BATCH",
    "STEPS_A_REPORT",
    "TUNE_STEPS",
    "DataConfig",
    "EncoderConfig",
    "GameConfig",
    "RunConfig",
]
