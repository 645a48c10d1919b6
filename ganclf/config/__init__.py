"""What can be chosen: frozen dataclasses, checked once. The command line and the estimator are made from them."""

from ganclf.config.aliases import ALIASES, VALUE_ALIASES, current_names, former_names
from ganclf.config.data import DataConfig
from ganclf.config.encoder import AUTO, EncoderConfig
from ganclf.config.files import read_options
from ganclf.config.game import GameConfig
from ganclf.config.run import STEPS_PER_REPORT, RunConfig

__all__ = [
    "ALIASES",
    "AUTO",
    "STEPS_PER_REPORT",
    "VALUE_ALIASES",
    "DataConfig",
    "EncoderConfig",
    "GameConfig",
    "RunConfig",
    "current_names",
    "former_names",
    "read_options",
]
