"""Every error that a user can meet, in one small tree, how a command is called, and how it ends with an error.

A message names what is wrong, the value, and the remedy. Commands print it without a traceback.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path


class GanclfError(Exception):
    """Base of all; `exit_code` is what a command ends with."""

    exit_code = 1


class UserError(GanclfError):
    """Something that the user gave can't be used as it is."""

    exit_code = 2


class DataError(UserError):
    """A file of texts can't be read, or its rows can't be learned from."""


class EncodingError(DataError):
    """The bytes of a file are not text in an encoding that is read unasked; `likely` is the one to try, or None."""

    def __init__(self, message: str, likely: str | None = None) -> None:
        super().__init__(message)
        self.likely = likely


class EmptyFileError(DataError):
    """A file has no rows."""


class FileTooLargeError(DataError):
    """A file is larger than `megabytes`."""

    def __init__(self, message: str, megabytes: int) -> None:
        super().__init__(message)
        self.megabytes = megabytes


class PackedFileError(DataError):
    """A packed file is broken, holds several files, or is packed in a way that is not read."""


class TooManyRowsError(DataError):
    """A file has more rows than `max_rows`."""

    def __init__(self, message: str, max_rows: int) -> None:
        super().__init__(message)
        self.max_rows = max_rows


class TooManyColumnsError(DataError):
    """A row of a file has more columns than are read."""


class DuplicateColumnError(DataError):
    """Two columns have the same name; `first` and `second` count from 1."""

    def __init__(self, message: str, first: int, second: int) -> None:
        super().__init__(message)
        self.first, self.second = first, second


class MissingColumnError(DataError):
    """A column that was named, or is needed, is not in the file."""


class AmbiguousColumnError(DataError):
    """Several columns may be the one that is needed; `names` has them."""

    def __init__(self, message: str, names: tuple[str, ...]) -> None:
        super().__init__(message)
        self.names = names


class RowError(DataError):
    """One row of a file can't be read; `row` is its number in the file."""

    def __init__(self, message: str, row: int) -> None:
        super().__init__(message)
        self.row = row


class FieldCountError(RowError):
    """A row has `found` fields, more than the `expected` ones of the header."""

    def __init__(self, message: str, row: int, found: int, expected: int) -> None:
        super().__init__(message, row)
        self.found, self.expected = found, expected


class OpenQuoteError(RowError):
    """A double quote is opened in a row and never closed."""


class ConfigError(UserError):
    """An option, or a combination of options, has no meaning."""


class ModelError(UserError):
    """A folder holds no model that this version can read, or a loaded model lacks what only training has."""


class EncoderError(GanclfError):
    """An encoder was used before it was fitted."""


class TrainingError(GanclfError):
    """The game came to nothing; nothing was published."""


class ExportError(GanclfError):
    """A model was not published; what was published before is untouched."""


class ServerError(GanclfError):
    """A server answered with an error; `code` is the gRPC status name, such as NOT_FOUND."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class ServerUnavailable(ServerError):
    """No server answered at the address before the deadline."""


INTERRUPTED = 130  # what a shell expects after Ctrl-C
NOTHING_PUBLISHED = "Nothing was published; what was published before is untouched."


def program(command: str, module: str) -> str:
    """The name of a command in its usage line: as it was called, by `ganclf COMMAND` or by its module."""
    return f"ganclf {command}" if Path(sys.argv[0]).stem == "ganclf" else f"python -m {module}"


def run_command(command: Callable[[], int | None], extra: str = "train", stopped: str = NOTHING_PUBLISHED) -> int:
    """Run a command. A user's mistake ends it with one sentence, Ctrl-C in order.

    Args:
        command: returns an exit code, or None for 0.
        extra: of the package, to name where a library is not installed.
        stopped: one sentence for Ctrl-C and for a full disk.

    Returns:
        The exit code.
    """
    try:
        return command() or 0
    except GanclfError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in ("ganclf", "serving", "ui", "benchmarks"):
            raise
        print(f"error: {error.name} is not installed. Install it with: pip install 'ganclf[{extra}]'", file=sys.stderr)
        return UserError.exit_code
    except KeyboardInterrupt:
        print(f"\nStopped. {stopped}", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of a pipe has gone, as with `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:  # a full disk, a file that went away
        print(f"error: {error}. {stopped} Check the disk and the paths.", file=sys.stderr)
        return GanclfError.exit_code
