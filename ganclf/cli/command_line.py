"""Commands that are shown to the user: each works when it is pasted, from any folder."""

from __future__ import annotations

import importlib.metadata
import shlex
import shutil
import sys
import sysconfig
from functools import cache
from pathlib import Path

MODULES = {  # that `ganclf NAME` runs
    "train": "ganclf.train",
    "predict": "ganclf.predict",
    "generate": "ganclf.generate",
    "suggest": "ganclf.suggest",
    "serve": "serving.local",
    "ui": "ui",
    "admin": "serving.admin",
    "benchmark": "ganclf.benchmark",
}
ROOT = Path(__file__).resolve().parents[2]  # of the checkout or of site-packages


def command_line(name: str, *words: object) -> str:
    """Write a command as a shell takes it.

    It begins with `ganclf` where that is this installation's command. Else it begins with the path of this interpreter,
    and with the path of the checkout where the package is not installed.

    Args:
        name: one of MODULES.
        words: options, values and paths; each is quoted where it has to be.

    Returns:
        One line.
    """
    return shlex.join([*_start(name), *map(str, words)])


def _start(name: str) -> list[str]:
    if _is_on_path():
        return ["ganclf", name]
    return [*_environment(), sys.executable, "-m", MODULES[name]]


@cache
def _is_on_path() -> bool:
    """Whether the first `ganclf` on PATH is in the folder of this interpreter's scripts."""
    found = shutil.which("ganclf")
    return found is not None and Path(found).parent.resolve() == Path(sysconfig.get_path("scripts")).resolve()


@cache
def _environment() -> tuple[str, ...]:
    """What a checkout needs that is not installed."""
    packages = {Path(sysconfig.get_path(name)).resolve() for name in ("purelib", "platlib")}
    found = importlib.metadata.distributions(name="ganclf")
    installed = any(Path(str(each.locate_file(""))).resolve() in packages for each in found)
    return () if installed else ("env", f"PYTHONPATH={ROOT}")
