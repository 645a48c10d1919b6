"""python -m ganclf.latency: the same as `python -m benchmarks.latency`, which is in the repository only."""

import sys
from collections.abc import Sequence

from ganclf.cli.repository import open_door


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    return open_door("benchmarks.latency", arguments)


if __name__ == "__main__":
    sys.exit(main())
