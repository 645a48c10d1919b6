"""Fills the reference when the site is built: options from the dataclasses, project files from the repository."""

from __future__ import annotations

import os
import sys
from dataclasses import Field, fields
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from ganclf.config import ALIASES, DataConfig, EncoderConfig, GameConfig, RunConfig  # noqa: E402
from ganclf.text_generation.config import TextGameConfig, TextRunConfig  # noqa: E402

CONFIGS = {
    "Data": DataConfig,
    "Encoder": EncoderConfig,
    "Game": GameConfig,
    "Run": RunConfig,
    "Text generation": TextGameConfig,
    "Text generation: run": TextRunConfig,
}
HEAD = "| option | type | default | meaning |\n|---|---|---|---|"
FORMER_HEAD = "## Former names\n\n| former | now |\n|---|---|"


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """Replace a marker by the options from the code, or by a file of the repository."""
    if "<!-- options -->" in markdown:
        return markdown.replace("<!-- options -->", options())
    if "<!-- file: " in markdown:
        name = markdown.partition("<!-- file: ")[2].partition(" -->")[0]
        return markdown.replace(f"<!-- file: {name} -->", (ROOT / name).read_text(encoding="utf-8"))
    return markdown


def options() -> str:
    """A table of options for each configuration, and one of former names."""
    tables = [f"## {title}\n\n{HEAD}\n{rows(config)}" for title, config in CONFIGS.items()]
    former = "\n".join(f"| {flag(old)} | {flag(new)} |" for old, new in ALIASES.items())
    return "\n\n".join([*tables, f"{FORMER_HEAD}\n{former}"])


def flag(name: str) -> str:
    """Return the option of a field: `seed` → `--seed`."""
    return f"`--{name.replace('_', '-')}`"


def rows(config: type) -> str:
    """One row per field of a configuration."""
    hints = get_type_hints(config)
    return "\n".join(row(each, hints[each.name]) for each in fields(config))


def row(each: Field[Any], hint: Any) -> str:
    """Option, type or choices, default and meaning; common options are bold."""
    default = "" if each.default in (None, ()) else f"`{each.default}`"
    name = f"**{flag(each.name)}**" if each.metadata["common"] else flag(each.name)
    cells = (name, kind(each, hint), default, each.metadata["meaning"])
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def kind(each: Field[Any], hint: Any) -> str:
    """`a`, `b` for choices, else the type and its range."""
    if choices := each.metadata["choices"]:
        return ", ".join(f"`{choice}`" for choice in choices)
    many = get_origin(hint) is tuple
    plain = next((part for part in get_args(hint) if part not in (type(None), ...)), hint)
    name = {"Path": "path"}.get(plain.__name__, plain.__name__) + (", one or more" if many else "")
    low, high = each.metadata["low"], each.metadata["high"]
    if low is None and high is None:
        return name
    return f"{name}, {low:g} to {high:g}" if high is not None else f"{name}, {low:g} or more"
