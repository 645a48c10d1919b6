"""python -m serving.admin: status, versions, label, rollback, reload of servers that run; and their TLS file."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ganclf import contract
from ganclf.errors import UserError, program, run_command
from serving.admin import changes
from serving.admin.fleet import Fleet
from serving.admin.ssl_config import write_ssl_config
from serving.admin.status import show_status
from serving.tls import TLS

CONFIG = Path("models.config")  # in the working directory


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code. A user's mistake ends with a sentence and 2."""
    parsed = _parser().parse_args(arguments)
    return run_command(lambda: _run(parsed), "serve", "`status` shows what the servers have.")


def _run(parsed: argparse.Namespace) -> None:
    if parsed.command == "tls":
        write_ssl_config(parsed.output, parsed.key, parsed.certificate, parsed.client_ca)
        return
    if not parsed.timeout > 0:
        raise UserError(f"--timeout {parsed.timeout:g}: leaves no time to answer; give more than 0 seconds.")
    if parsed.config is None and (parsed.command != "status" or CONFIG.is_file()):
        parsed.config = CONFIG
    tls = TLS(root_certificate=parsed.ca, certificate=parsed.certificate, key=parsed.key) if parsed.ca else None
    with Fleet(parsed.server or [contract.DEFAULT_ADDRESS], parsed.timeout, tls) as fleet:
        for line in parsed.run(fleet, parsed):
            print(line)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=program("admin", "serving.admin"), description="Manage model servers that run.", allow_abbrev=False
    )
    parser.add_argument(
        "--server", action="append", metavar="HOST:PORT",
        help=f"gRPC of a server; once for each replica (default {contract.DEFAULT_ADDRESS})",
    )  # fmt: skip
    parser.add_argument(
        "--config", type=Path, metavar="FILE",
        help="the --model_config_file; what changes is sent whole, then written there; `status` compares it with what "
        f"the servers have (default ./{CONFIG}; `status` does without)",
    )  # fmt: skip
    parser.add_argument("--timeout", type=float, default=60.0, metavar="S", help="seconds for a version to load")
    parser.add_argument("--ca", type=Path, metavar="FILE", help="root certificate of servers with TLS")
    parser.add_argument("--certificate", type=Path, metavar="FILE", help="our own, if they require one")
    parser.add_argument("--key", type=Path, metavar="FILE", help="of our own certificate")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_changes(commands)
    _add_tls(commands)
    return parser


def _add_changes(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    status = commands.add_parser("status", help="what the servers have: versions, their states, errors and labels")
    status.add_argument(
        "models", nargs="*", metavar="MODEL",
        help=f"names to ask for (default: those in the file, or {contract.DEFAULT_MODEL}: a server lists no names)",
    )  # fmt: skip
    status.set_defaults(run=show_status)
    versions = commands.add_parser("versions", help="which versions of a model are served, or choose them")
    versions.add_argument("model")
    versions.add_argument("versions", nargs="*", type=int, metavar="N", help="serve exactly these")
    versions.add_argument("--latest", type=int, metavar="COUNT", help="serve the newest ones, as they come")
    versions.set_defaults(run=changes.versions)
    label = commands.add_parser("label", help="let a label such as stable or canary point at a version")
    label.add_argument("model")
    label.add_argument("label")
    label.add_argument("version", nargs="?", type=int, help="left out: remove the label")
    label.set_defaults(run=changes.label)
    rollback = commands.add_parser("rollback", help="serve the version before, and bring the labels down to it")
    rollback.add_argument("model")
    rollback.add_argument("--to", type=int, metavar="N", help="this version instead")
    rollback.set_defaults(run=changes.rollback)
    reload = commands.add_parser("reload", help="send the file as it is")
    reload.set_defaults(run=changes.reload)


def _add_tls(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    tls = commands.add_parser("tls", help="make the --ssl_config_file from PEM files")
    tls.add_argument("--key", type=Path, required=True, metavar="FILE", help="private key of the server")
    tls.add_argument("--certificate", type=Path, required=True, metavar="FILE", help="certificate of the server")
    tls.add_argument("--client-ca", type=Path, metavar="FILE", help="require client certificates of this authority")
    tls.add_argument("--output", type=Path, required=True, metavar="FILE", help="readable by its owner alone")


if __name__ == "__main__":
    sys.exit(main())
