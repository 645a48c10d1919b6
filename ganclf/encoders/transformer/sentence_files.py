"""What a sentence encoder's own files prescribe, in the layout of Sentence Transformers: pooling and prompt."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ganclf.errors import ConfigError

PROMPTS = "config_sentence_transformers.json"
MODULES = {"Transformer", "Pooling", "Normalize"}  # the supported ones; a vector has unit length anyway
SYMMETRIC = "query"  # the prompt of E5 for tasks other than retrieval
E5 = re.compile(r"(^|[-_./])e5([-_./]|$)", re.IGNORECASE)


def read_pooling(folder: Path) -> str:
    """The pooling of the folder, a name in backbone.POOLINGS; mean where its files name none.

    Raises:
        ConfigError: it is not supported.
    """
    modules = read_json(folder / "modules.json") if (folder / "modules.json").is_file() else []
    kinds = [module["type"].rpartition(".")[2] for module in modules]
    unsupported = set(kinds) - MODULES
    if unsupported:
        raise ConfigError(
            f"--preset {folder}: its layer {', '.join(sorted(unsupported))} is not supported; take one without."
        )
    settings = _pooling_settings(folder, modules)
    if settings is None:
        return "mean"
    chosen = [key.removeprefix("pooling_mode_") for key, on in settings.items() if on is True and "mode" in key]
    if chosen not in (["mean_tokens"], ["cls_token"]):
        raise ConfigError(
            f"--preset {folder}: pooling by {chosen} is not supported; mean_tokens or cls_token alone is."
        )
    return {"mean_tokens": "mean", "cls_token": "cls"}[chosen[0]]


def _pooling_settings(folder: Path, modules: list[dict[str, Any]]) -> dict[str, Any] | None:
    path = next((module["path"] for module in modules if module["type"].endswith("Pooling")), "1_Pooling")
    file = folder / path / "config.json"
    return read_json(file) if file.is_file() else None


def read_prompt(folder: Path) -> str:
    """The prompt that the folder names as its default, or the one of E5 for queries; "" where there is none.

    Raises:
        ConfigError: the file of the prompts is broken.
    """
    file = folder / PROMPTS
    settings = read_json(file) if file.is_file() else {}
    prompts, default = settings.get("prompts") or {}, settings.get("default_prompt_name")
    if default is None and is_e5(folder) and SYMMETRIC in prompts:
        default = SYMMETRIC
    if default is None:
        return ""
    if default not in prompts:
        raise ConfigError(
            f"--preset {folder}: {PROMPTS} names the prompt {default!r} and has {sorted(prompts)}. Give one with "
            '--prefix TEXT, or none with --prefix "".'
        )
    return str(prompts[default])


def check_prompt_pooling(folder: Path, prefix: str) -> None:
    """Raise a ConfigError where the folder's pooling leaves out the prompt's tokens, which is not supported."""
    modules = read_json(folder / "modules.json") if (folder / "modules.json").is_file() else []
    settings = _pooling_settings(folder, modules)
    if prefix and settings and settings.get("include_prompt") is False:
        raise ConfigError(
            f"--preset {folder}: its pooling leaves the prompt {prefix!r} out, which is not supported. Read texts "
            'without it: --prefix "".'
        )


def is_e5(folder: Path) -> bool:
    """Whether the folder's name, or the name in its config.json, is that of an E5 model."""
    file = folder / "config.json"
    origin = str(read_json(file).get("_name_or_path", "")) if file.is_file() else ""
    return bool(E5.search(folder.absolute().name) or E5.search(origin))


def missing_prefix_note(names: Iterable[str]) -> str | None:
    """A sentence for E5 folders whose files name no prompt, although the model was trained with one.

    Args:
        names: of folders or KerasHub presets.
    """
    without = [name for name in names if Path(name).is_dir() and is_e5(Path(name)) and not read_prompt(Path(name))]
    if not without:
        return None
    return (
        f"{', '.join(without)}: E5 models were trained with a prefix, and these files name none. "
        'Add it with --prefix "query: ", or switch this note off with --prefix "".'
    )


def read_json(file: Path) -> Any:
    """Return the content of a JSON file of a model.

    Raises:
        ConfigError: it can't be read.
    """
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{file}: can't be read ({first_line(error)}). Fetch the model anew.") from error


def first_line(error: Exception) -> str:
    """The first line of an error's message, at most 200 characters."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
