"""ganclf COMMAND: one program for all commands."""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import sys
from collections.abc import Sequence

from ganclf import __version__
from ganclf.cli.command_line import MODULES
from ganclf.errors import ConfigError, run_command

SUMMARIES = {
    "train": "train a text classifier, or with --task another model, and publish it",
    "predict": "classify texts",
    "generate": "write texts by a text generator",
    "suggest": "choose the texts to label next",
    "serve": "serve published models over gRPC and REST",
    "ui": "show a served model as a web page",
    "admin": "manage running servers: versions, labels, roll back",
    "benchmark": "measure methods on data sets; needs the repository",
}
EXTRAS = {"serve": "serve", "admin": "serve", "ui": "ui"}  # of the package, by command; others need `train`
HELP = f"""usage: ganclf COMMAND ...

A few labeled texts and many unlabeled ones become a served text classifier.

commands:
{chr(10).join(f"  {name:<10} {summary}" for name, summary in SUMMARIES.items())}

  ganclf COMMAND --help    options of a command
  ganclf --version         version of ganclf"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that the first word names; returns its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] == ["--version"]:
        print(f"ganclf {__version__}")
        return 0
    if not words or words[0] in ("-h", "--help"):
        print(HELP, file=sys.stdout if words else sys.stderr)
        return 0 if words else ConfigError.exit_code
    return run_command(lambda: _dispatch(words[0], words[1:]), EXTRAS.get(words[0], "train"))


def _dispatch(name: str, arguments: list[str]) -> int | None:
    """Import the module of a command and call its `main`; nothing of the other commands is imported."""
    if name not in MODULES:
        near = difflib.get_close_matches(name, MODULES, 1)
        hint = f"Did you mean {near[0]!r}?" if near else f"Choose from {', '.join(MODULES)}."
        raise ConfigError(f"ganclf {name}: unknown command. {hint}")
    module = MODULES[name]
    spec = importlib.util.find_spec(module)
    if spec is not None and spec.submodule_search_locations:
        module += ".__main__"
    code: int | None = importlib.import_module(module).main(arguments)
    return code


if __name__ == "__main__":
    sys.exit(main())
