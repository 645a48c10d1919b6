"""python -m ui: start the page; its settings hold in every folder."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ganclf.errors import program, run_command
from ui.settings import DEFAULT_HOST, DEFAULT_PORT, MAX_UPLOAD_MEGABYTES, add_arguments

APP = Path(__file__).with_name("app.py")


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, then hand over to Streamlit until it is stopped; returns the exit code."""
    options = _parser().parse_args(arguments)
    return run_command(lambda: _run_streamlit(options), "ui", "The page is closed.")


def _run_streamlit(options: argparse.Namespace) -> int:
    from streamlit.web.cli import main as streamlit  # here: --help has answered before

    code: int = streamlit(streamlit_arguments(options), prog_name="streamlit", standalone_mode=False) or 0
    return code


def streamlit_arguments(options: argparse.Namespace) -> list[str]:
    """Return the arguments of `streamlit run`; they win over every config file and variable."""
    flags = {
        "browser.gatherUsageStats": "false",
        "server.address": options.host,
        "server.port": options.port,
        "server.headless": "true",
        "server.maxUploadSize": MAX_UPLOAD_MEGABYTES,
    }
    own = ["--server", options.server, "--model", options.model]
    return ["run", str(APP), *(f"--{name}={value}" for name, value in flags.items()), "--", *own]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=program("ui", "ui"), description="Show the served classifier as a page.")
    add_arguments(parser)
    parser.add_argument("--host", default=DEFAULT_HOST, help=f"address to listen on (default {DEFAULT_HOST})")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help=f"port to listen on (default {DEFAULT_PORT})")
    return parser


if __name__ == "__main__":
    sys.exit(main())
