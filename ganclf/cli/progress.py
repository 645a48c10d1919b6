"""Progress with an estimate of the time left: a bar in a terminal, a line now and then in a log."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

LOG_SECONDS = 10.0  # between two lines where there is no terminal
Advance = Callable[[int], None]

console = Console(stderr=True, soft_wrap=True)


@contextmanager
def progress(description: str, total: int, shown: bool = True) -> Iterator[Advance]:
    """Show a step of `total` units; yields a function that is told how many were done since it was last called."""
    if not shown:
        yield lambda done: None
    elif console.is_terminal:
        columns = (TextColumn("{task.description:<24}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
                   TextColumn("left"), TimeRemainingColumn())  # fmt: skip
        with Progress(*columns, console=console) as bar:
            task = bar.add_task(description, total=total)
            yield lambda done: bar.update(task, advance=done)
    else:
        yield _log_lines(description, total)


def _log_lines(description: str, total: int) -> Advance:
    start = said = time.monotonic()
    sum_done = 0

    def advance(done: int) -> None:
        nonlocal sum_done, said
        sum_done += done
        now = time.monotonic()
        if now - said >= LOG_SECONDS or sum_done >= total:
            left = (now - start) / max(sum_done, 1) * (total - sum_done)
            console.print(f"{description}: {sum_done}/{total}, {now - start:.0f} s, about {left:.0f} s left")
            said = now

    return advance
