"""Simplified Chinese rewritten in Traditional characters: a script that a model may not have in its training data."""

from __future__ import annotations

from collections.abc import Sequence

from ganclf.errors import ConfigError

RULES = "s2t"  # OpenCC's name: Simplified to Traditional, phrase by phrase


def to_traditional(texts: Sequence[str]) -> list[str]:
    """Rewrite texts with OpenCC; text that is not Simplified Chinese stays.

    Raises:
        ConfigError: OpenCC is not installed.
    """
    try:
        from opencc import OpenCC
    except ImportError as error:
        raise ConfigError(
            "--script traditional: OpenCC is not installed. Install it with: pip install 'ganclf[traditional]'."
        ) from error
    convert = OpenCC(RULES).convert
    return [convert(text) for text in texts]
