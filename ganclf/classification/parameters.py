"""Fields of configuration dataclasses become the parameters of an estimator."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from ganclf.config import ALIASES, current_names


def takes(*kinds: type, **more: Any) -> Callable[[type], type]:
    """Decorate an estimator: its keyword arguments are the fields of dataclasses, with their defaults.

    scikit-learn reads an estimator's parameters from the signature, and wants each stored as it was given. Former
    names are taken, too.

    Args:
        kinds: dataclasses whose fields all have defaults.
        more: further arguments with their defaults.

    Returns:
        The decorator.
    """
    defaults = {each.name: each.default for kind in kinds for each in fields(kind)} | more
    own = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    keywords = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=value) for name, value in defaults.items()
    ]
    signature = inspect.Signature([own, *keywords])

    def decorate(estimator: type) -> type:
        def __init__(self: Any, **given: Any) -> None:  # noqa: N807
            named = renamed(given)
            for name in named.keys() - defaults.keys():
                raise TypeError(f"{estimator.__name__}() got an unexpected keyword argument {name!r}")
            vars(self).update(defaults | named)

        __init__.__signature__ = signature  # type: ignore[attr-defined]
        estimator.__init__ = __init__  # type: ignore[misc]
        return estimator

    return decorate


def renamed(given: Mapping[str, Any]) -> dict[str, Any]:
    """Replace former names of parameters.

    Raises:
        TypeError: a parameter is given under both of its names.
    """
    for name in given:
        if ALIASES.get(name) in given:
            raise TypeError(f"{name!r} is the former name of {ALIASES[name]!r}; give one of them")
    return current_names(given)
