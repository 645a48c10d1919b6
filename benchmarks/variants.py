"""`--set name=value`: the game with some settings changed, under a name of its own."""

from __future__ import annotations

import difflib
import types
from dataclasses import dataclass, fields, replace
from typing import Any, get_args, get_origin, get_type_hints

from ganclf.config import ALIASES, EncoderConfig, GameConfig, current_names
from ganclf.errors import ConfigError, program

FIXED = {
    "seed": "--seeds",
    "game": "--methods",
    "space": f"`{program('train', 'ganclf.train')}`",
}  # settings that are chosen elsewhere


@dataclass(frozen=True)
class Variant:
    """A name, and what differs from the command's settings."""

    name: str = ""
    game: tuple[tuple[str, Any], ...] = ()
    encoder: tuple[tuple[str, Any], ...] = ()

    def change(self, encoder: EncoderConfig, game: GameConfig) -> tuple[EncoderConfig, GameConfig]:
        """Return both with this variant's settings; raises ConfigError out of range."""
        return replace(encoder, **dict(self.encoder)), replace(game, **dict(self.game))


def parse_variant(word: str) -> Variant:
    """Read `entropy_weight=0`, `dropout=0,depth=1` or `no entropy:entropy_weight=0`."""
    head, colon, settings = word.partition(":")
    name, settings = (head.strip(), settings) if colon and "=" not in head else (word, word)
    game: dict[str, Any] = {}
    encoder: dict[str, Any] = {}
    for part in settings.split(","):
        setting, kind, value = _parse_setting(part)
        (game if kind is GameConfig else encoder)[setting] = value
    return Variant(name, tuple(game.items()), tuple(encoder.items()))


def _parse_setting(part: str) -> tuple[str, type, Any]:
    setting, equals, value = part.partition("=")
    setting = setting.strip().removeprefix("--").replace("-", "_")
    setting = ALIASES.get(setting, setting)
    kinds = {each.name: kind for kind in (EncoderConfig, GameConfig) for each in fields(kind)}
    if not equals:
        raise ConfigError(f"--set {part!r}: no value. Write NAME=VALUE, such as entropy_weight=0.")
    if setting in FIXED:
        raise ConfigError(f"--set {part!r}: {setting} is chosen with {FIXED[setting]}.")
    if setting not in kinds:
        near = difflib.get_close_matches(setting, kinds, 3) or sorted(kinds)
        raise ConfigError(f"--set {part!r}: no setting {setting!r}; there are {', '.join(near)}.")
    return setting, kinds[setting], _value(part, kinds[setting], setting, value.strip())


def _value(part: str, kind: type, setting: str, value: str) -> Any:
    return current_names({setting: _convert(part, kind, setting, value)})[setting]


def _convert(part: str, kind: type, setting: str, value: str) -> Any:
    hint = get_type_hints(kind)[setting]
    if get_origin(hint) is types.UnionType:
        hint = next(each for each in get_args(hint) if each is not type(None))
    try:
        return {"true": True, "false": False}[value.lower()] if hint is bool else hint(value)
    except (ValueError, KeyError) as error:
        raise ConfigError(f"--set {part!r}: {value!r} is not a {hint.__name__}.") from error
