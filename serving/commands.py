"""How commands of this folder end."""

from __future__ import annotations

import sys
from collections.abc import Callable

from ganclf.errors import GanclfError

INTERRUPTED = 130


def run_command(command: Callable[[], None]) -> int:
    """Run a command; a user's mistake becomes one sentence, Ctrl-C a clean end. Returns the exit code."""
    try:
        command()
    except GanclfError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:  # a full disk, a folder that can't be written
        print(f"error: {error}. Check the disk and the paths; `status` tells what the servers have.", file=sys.stderr)
        return GanclfError.exit_code
    return 0
