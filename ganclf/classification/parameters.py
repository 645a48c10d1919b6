"""The parameters of the estimator, made from the configuration: signature, documentation and stub.

`python -m ganclf.classification.parameters` writes the stub again, which shows the parameters to an editor.
"""

from __future__ import annotations

import inspect
import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import Field, fields
from numbers import Integral
from pathlib import Path
from typing import Any, get_origin, get_type_hints

from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state

from ganclf.cli.options import plain_type
from ganclf.config import ALIASES, EncoderConfig, GameConfig, current_names

SEED, RANDOM_STATE = "seed", "random_state"  # in the configuration, and in scikit-learn
KINDS = (EncoderConfig, GameConfig)
OWN = {  # parameters beside the configuration: type, default, meaning
    RANDOM_STATE: ("int | np.random.RandomState | None", 0, "seed of everything random; an int repeats a fit exactly"),
    "tensorboard": ("Path | str | None", None, "folder for TensorBoard logs"),
    "verbose": ("int", 0, "0: silent; 1: progress; 2: also what was learned, in a few lines"),
}
DEFAULTS = {each.name: each.default for kind in KINDS for each in fields(kind) if each.name != SEED}
DEFAULTS |= {name: default for name, (_, default, _) in OWN.items()}
STUB = Path(__file__).with_suffix(".pyi")


def renamed(given: Mapping[str, Any]) -> dict[str, Any]:
    """Replace former names of parameters, and `seed` by `random_state`.

    Raises:
        TypeError: a parameter is given under two names.
    """
    aliases = ALIASES | {SEED: RANDOM_STATE}
    for name in given:
        if aliases.get(name) in given:
            raise TypeError(f"{name!r} is another name of {aliases[name]!r}; give one of them")
    return {aliases.get(name, name): value for name, value in current_names(given).items()}


class ClassifierParameters(BaseEstimator):
    """Keyword parameters: the fields of EncoderConfig and GameConfig, and a few of scikit-learn.

    scikit-learn reads them from the signature, and wants each stored as it was given. They are checked by `fit`.
    """

    def __init__(self, **given: Any) -> None:
        params = renamed(given)
        for name in params.keys() - DEFAULTS.keys():
            raise TypeError(f"{type(self).__name__}() got an unexpected keyword argument {name!r}")
        vars(self).update(DEFAULTS | params)

    __init__.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD),
            *(inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=DEFAULTS[name]) for name in DEFAULTS),
        ]
    )

    def set_params(self, **params: Any) -> Any:
        """Set parameters; former names are taken, too."""
        return super().set_params(**renamed(params))

    @property
    def seed(self) -> int:
        """`random_state` as a number; for None or a generator it is drawn once per fit."""
        if isinstance(self.random_state, Integral):
            return int(self.random_state)
        if "seed_" not in vars(self):
            self.seed_ = int(check_random_state(self.random_state).randint(2**31 - 1))
        return self.seed_

    def config(self, kind: type, **others: Any) -> Any:
        """Make EncoderConfig or GameConfig, with `others` in place of parameters and with all defaults."""
        return kind(**{each.name: getattr(self, each.name) for each in fields(kind)} | others)


def documentation() -> str:
    """One entry per parameter: name, type, default and meaning, in which an option has its parameter's name."""
    entries = [
        f"{name} ({_words(hint)}, default {DEFAULTS[name]!r}): {_without_dashes(meaning)}."
        for name, hint, meaning in _parameters()
    ]
    wrap = textwrap.TextWrapper(116, initial_indent=" " * 8, subsequent_indent=" " * 12, break_on_hyphens=False)
    return "\n".join(wrap.fill(entry) for entry in entries).lstrip()


def stub() -> str:
    """The text of the stub."""
    parameters = list(_parameters())
    attributes = "\n".join(f"    {name}: {hint}" for name, hint, _ in parameters)
    arguments = "\n".join(f"        {name}: {hint} = ..., ".rstrip() for name, hint, _ in parameters)
    return f'''"""Written by `python -m ganclf.classification.parameters`; a test holds it current."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from sklearn.base import BaseEstimator

DEFAULTS: dict[str, Any]

def renamed(given: Mapping[str, Any]) -> dict[str, Any]: ...
def documentation() -> str: ...

class ClassifierParameters(BaseEstimator):
{attributes}
    def __init__(
        self,
        *,
{arguments}
    ) -> None: ...
    def get_params(self, deep: bool = ...) -> dict[str, Any]: ...
    def set_params(self, **params: Any) -> Self: ...
    @property
    def seed(self) -> int: ...
    def config(self, kind: type, **others: Any) -> Any: ...
'''


def _parameters() -> Iterator[tuple[str, str, str]]:
    """Name, type and meaning, in the order of the signature."""
    for kind in KINDS:
        hints = get_type_hints(kind)
        for each in fields(kind):
            if each.name != SEED:
                yield each.name, _hint(each, hints[each.name]), each.metadata["meaning"]
    for name, (hint, _, meaning) in OWN.items():
        yield name, hint, meaning


def _hint(each: Field[Any], hint: Any) -> str:
    if choices := each.metadata["choices"]:
        return f"Literal[{', '.join(map(json.dumps, choices))}]"
    if get_origin(hint) is tuple:
        return "tuple[Path | str, ...]"
    return plain_type(hint).__name__ + (" | None" if each.default is None else "")


def _without_dashes(meaning: str) -> str:
    """`see --max-tokens` → `see max_tokens`."""
    return re.sub(r"--([a-z][a-z-]*)", lambda found: found[1].replace("-", "_"), meaning)


def _words(hint: str) -> str:
    return (
        hint.replace("Literal[", "{").replace("]", "}") if hint.startswith("Literal") else hint.replace(" | ", " or ")
    )


if __name__ == "__main__":
    STUB.write_text(stub(), encoding="utf-8")
