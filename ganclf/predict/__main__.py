"""python -m ganclf.predict."""

import sys

from ganclf.predict.command import main

if __name__ == "__main__":
    sys.exit(main())
