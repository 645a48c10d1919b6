"""python -m ganclf.latency: the same as `python -m benchmarks.latency`, which is in the repository only."""

import sys

from ganclf.cli.repository import open_door

if __name__ == "__main__":
    sys.exit(open_door("benchmarks.latency"))
