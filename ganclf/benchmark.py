"""python -m ganclf.benchmark: the same as `python -m benchmarks`, which is in the repository only."""

import sys

from ganclf.cli.repository import open_door

if __name__ == "__main__":
    sys.exit(open_door("benchmarks.__main__"))
