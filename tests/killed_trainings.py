"""Runs a training again and again, each time in a process of its own that is killed (SIGKILL) at a named save.

The process dies when the stage is saved for the nth time, every second one in the middle of the write. After the last
kill one comes to its end. TensorFlow is imported once: the processes are forks of one that runs no operation itself.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from subprocess import Popen
from typing import Any

Kill = Sequence[Any]  # name of a stage, number of its save
NO_KILL = ("no such stage", 1)


def end_of_each(start: Callable[..., Popen[str]], imports: str, code: str, kills: Sequence[Kill]) -> list[int]:
    """How each process ended: the number of its signal below 0, or 0.

    Args:
        start: the fixture.
        imports: code that the processes share, without operations.
        code: that each process runs; it trains with a checkpoint.
        kills: at which a process dies; after them one more runs.
    """
    said, errors = start(__file__, imports, code, json.dumps(list(kills))).communicate()
    assert said, errors
    ends: list[int] = json.loads(said.splitlines()[-1])
    assert ends[-1] == 0, errors
    return ends


def _die_at(stage: str, count: int, in_the_middle: bool) -> None:
    from ganclf.export import checkpoints

    checkpoints.SAVE_SECONDS, checkpoints.MAX_SAVE_SHARE = 0.0, float("inf")
    save, left = checkpoints.StageFile.save, [count]

    def save_and_die(self: checkpoints.StageFile, arrays: Any, state: Any) -> None:
        is_stage = self.file is not None and self.file.stem == stage.replace(" ", "-")
        left[0] -= is_stage
        dies = is_stage and not left[0]
        if dies and in_the_middle and self.file:
            self.file.with_name(f"{self.file.name}.new").write_bytes(b"PK half a file")
            os.kill(os.getpid(), signal.SIGKILL)
        save(self, arrays, state)
        if dies:
            os.kill(os.getpid(), signal.SIGKILL)

    checkpoints.StageFile.save = save_and_die  # type: ignore[method-assign]


@contextmanager
def _end_of_process() -> Iterator[None]:
    """End a fork here, whatever happens: the rest of the program is not its own."""
    code = 1
    try:
        yield
        code = 0
    finally:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(code)


def _main(imports: str, code: str, kills: Sequence[Kill]) -> list[int]:
    names: dict[str, Any] = {}
    exec(imports, names)
    ends = []
    for number, (stage, count) in enumerate([*kills, NO_KILL]):
        child = os.fork()
        if not child:
            with _end_of_process():
                _die_at(stage, count, number % 2 == 1)
                exec(code, names)
        ends.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    return ends


if __name__ == "__main__":
    print(json.dumps(_main(*sys.argv[1:3], json.loads(sys.argv[3]))), flush=True)
