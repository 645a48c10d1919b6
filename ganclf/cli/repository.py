"""Commands that are kept in the repository and not in the installed package: a door to them."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def open_door(module: str, arguments: Sequence[str] | None = None) -> int:
    """Run `main` of a module in `benchmarks/`; return its exit code, 2 where the folder is not there.

    Args:
        module: dotted name, as in `benchmarks.latency`.
        arguments: of the command; those of this process by default.
    """
    if not (REPOSITORY / "benchmarks" / "__init__.py").is_file():
        print(
            f"error: {module} is not part of the installed package. Clone the repository of ganclf and run there: "
            f"python -m {module.removesuffix('.__main__')}",
            file=sys.stderr,
        )
        return 2
    sys.path.insert(0, str(REPOSITORY))
    return int(importlib.import_module(module).main(arguments))
