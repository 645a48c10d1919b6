"""Where figures come from: the command, the commit, and each use of a test file."""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from benchmarks.data_set import ROOT

TEST_USES = "test_uses.jsonl"


@cache
def commit() -> str | None:
    """The git commit of this program, with `+changes` where its files differ from it; None outside a repository."""
    head = _git("rev-parse", "--short=12", "HEAD")
    return head and head + ("+changes" if _git("status", "--porcelain", "--", "ganclf", "benchmarks") else "")


def _git(*words: str) -> str | None:
    try:
        done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False, timeout=30)
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def command_line(arguments: Sequence[str]) -> str:
    """The command that was typed, to be pasted into a shell."""
    return shlex.join(["python", "-m", "benchmarks", *arguments])


def now() -> str:
    """The time in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def log_test_use(folder: Path, command: str, data: str) -> None:
    """Add a line to the log of test uses, before the test part is opened."""
    line = {"when": now(), "data": data, "command": command, "commit": commit()}
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / TEST_USES).open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")
