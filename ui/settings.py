"""Options and limits of the page. Imports nothing heavy."""

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass

from ganclf.contract import DEFAULT_ADDRESS, DEFAULT_MODEL

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8502  # 8501 is TF Serving's REST port
MAX_UPLOAD_MEGABYTES = 50
MAX_UNPACKED_MEGABYTES = 200  # of a packed file, and of a spreadsheet or a Parquet file, which pack their content
MAX_ODS_MEGABYTES = 25  # the same of an ODS file, of which the whole document is in memory: 40 bytes for each
MAX_ROWS = 200_000
MAX_COLUMNS = 1_000  # a browser can't show more
MAX_SEED = 2**31 - 1  # of what is generated
SERVER_VARIABLE = "GANCLF_SERVER"
MODEL_VARIABLE = "GANCLF_MODEL"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The server and model of the page; the same for every visitor."""

    server: str = DEFAULT_ADDRESS  # host:port of the server's gRPC port
    model: str = DEFAULT_MODEL  # the name under which the server serves it

    @classmethod
    def from_arguments(cls, arguments: Sequence[str]) -> "Settings":
        """Take the command line, then the environment, then the defaults."""
        parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
        add_arguments(parser)
        own, _ = parser.parse_known_args(arguments)  # a test runner's own arguments may be here too
        return cls(server=own.server, model=own.model)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add `--server` and `--model`, which `python -m ui` and app.py both understand."""
    parser.add_argument(
        "--server",
        default=os.environ.get(SERVER_VARIABLE, DEFAULT_ADDRESS),
        metavar="HOST:PORT",
        help=f"gRPC address of the server (or {SERVER_VARIABLE}; default {DEFAULT_ADDRESS})",
    )
    parser.add_argument(
        "--model",
        default=os.environ.get(MODEL_VARIABLE, DEFAULT_MODEL),
        metavar="NAME",
        help=f"name under which the model is served (or {MODEL_VARIABLE}; default {DEFAULT_MODEL})",
    )
