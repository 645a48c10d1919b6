"""Dataclasses of `config` become the arguments of an estimator, so that each choice stands in one place."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import fields
from typing import Any


def takes(*kinds: type, **more: Any) -> Callable[[type], type]:
    """Decorate an estimator: its keyword arguments are the fields of dataclasses, with their defaults.

    scikit-learn reads an estimator's parameters from the signature, and wants each stored as it was given.

    Args:
        kinds: dataclasses whose fields all have defaults.
        more: further arguments with their defaults.
    """
    defaults = {each.name: each.default for kind in kinds for each in fields(kind)} | more
    own = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    keywords = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=value) for name, value in defaults.items()
    ]
    signature = inspect.Signature([own, *keywords])

    def decorate(estimator: type) -> type:
        def __init__(self: Any, **given: Any) -> None:  # noqa: N807
            for name in given.keys() - defaults.keys():
                raise TypeError(f"{estimator.__name__}() got an unexpected keyword argument {name!r}")
            vars(self).update(defaults | given)

        __init__.__signature__ = signature  # type: ignore[attr-defined]
        estimator.__init__ = __init__  # type: ignore[misc]
        return estimator

    return decorate
