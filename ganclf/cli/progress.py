"""Progress with an estimate of the time left: a bar in a terminal or notebook, a line now and then elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from importlib.util import find_spec

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

LOG_SECONDS = 10.0  # between two lines where there is no terminal
MIN_SHARE, MIN_SECONDS = 0.1, 2.0  # of a round's work, before its duration is extrapolated
Advance = Callable[[int], None]

console = Console(stderr=True, soft_wrap=True)


def print_note(text: str) -> None:
    """Tell the user something beside the progress, on standard error."""
    console.print(f"note: {text}", markup=False, highlight=False)


@dataclass(frozen=True)
class Round:
    """A part of a run that has a name.

    Attributes:
        name: as it is shown.
        like: duration in terms of earlier rounds: the sum of theirs, each times a factor; None: not known beforehand.
    """

    name: str
    like: Mapping[str, float] | None = None


@dataclass
class _Timing:
    start: float | None = None
    seconds: float | None = None  # None while it is not finished
    done: int = 0
    total: int = 0
    first: float | None = None  # seconds until the first units were done: with what is compiled before
    first_units: int = 0


@dataclass
class RunProgress:
    """One display over all rounds of a run.

    Attributes:
        rounds: in their order.
        clock: seconds.
    """

    rounds: Sequence[Round]
    clock: Callable[[], float] = time.monotonic
    current: int = -1
    part: str = ""
    _timings: list[_Timing] = field(init=False)
    _show: Callable[[], None] = field(init=False, default_factory=lambda: _show_nothing)

    def __post_init__(self) -> None:
        self._timings = [_Timing() for _ in self.rounds]
        self._names = [each.name for each in self.rounds]

    def begin(self, name: str) -> None:
        """Begin a round; the one before is finished."""
        now = self.clock()
        self._finish(now)
        self.current, self.part = self._names.index(name), ""
        self._timings[self.current].start = now
        self._show()

    def add_rounds(self, rounds: Sequence[Round]) -> None:
        """Append rounds that were not known at the start."""
        self.rounds = [*self.rounds, *rounds]
        self._timings += [_Timing() for _ in rounds]
        self._names += [each.name for each in rounds]

    def begin_part(self, description: str, total: int) -> Advance:
        """Begin a piece of work; it is a round of its own where the next round has its name.

        Args:
            description: of the work.
            total: units of it.

        Returns:
            To be called with the number of further units.
        """
        if self._names[self.current + 1 : self.current + 2] == [description]:
            self.begin(description)
        else:
            self.part = description
        timing = self._timings[self.current]
        timing.done, timing.total, timing.first, began = 0, total, None, self.clock()

        def advance(done: int) -> None:
            timing.done += done
            if timing.first is None:
                timing.first, timing.first_units = self.clock() - began, done
            self._show()

        self._show()
        return advance

    def end(self) -> None:
        """The run is over."""
        self._finish(self.clock())

    def title(self) -> str:
        """Where the run is; without a number as long as there is one round."""
        part = f": {self.part}" if self.part and self.part != self._names[self.current] else ""
        place = f" ({self.current + 1} of {len(self.rounds)})" if len(self.rounds) > 1 else ""
        return f"{self._names[self.current]}{part}{place}"

    def count(self) -> str:
        """How much of the present piece of work is done."""
        timing = self._timings[self.current]
        return f"{timing.done} of {timing.total}" if timing.total else ""

    def elapsed(self) -> float:
        """Seconds since the run began."""
        return self.clock() - (self._timings[0].start or self.clock())

    def seconds_left(self) -> float | None:
        """Seconds to the end of the run; None as long as nothing reliable is known."""
        durations = [self._duration(number) for number in range(self.current, len(self.rounds))]
        known = [seconds for seconds in durations if seconds is not None]
        if len(known) < len(durations):
            return None
        return max(0.0, sum(known) - (self.clock() - (self._timings[self.current].start or 0.0)))

    def _finish(self, now: float) -> None:
        timing = self._timings[self.current] if self.current >= 0 else _Timing()
        if timing.start is not None and timing.seconds is None:
            timing.seconds = now - timing.start

    def _duration(self, number: int) -> float | None:
        """Seconds of a round, measured or extrapolated."""
        timing, like = self._timings[number], self.rounds[number].like
        if timing.seconds is not None:
            return timing.seconds
        if timing.start is not None:
            return self._extrapolated(timing, like)
        return self._alike(like)

    def _extrapolated(self, timing: _Timing, like: Mapping[str, float] | None) -> float | None:
        elapsed, alike = self.clock() - (timing.start or 0.0), self._alike(like)
        whole = not self.part  # a round that consists of several parts is not done when the first one is
        if whole and timing.total and elapsed >= MIN_SECONDS and timing.done >= MIN_SHARE * timing.total:
            first, units = timing.first or 0.0, timing.first_units
            return first + (elapsed - first) * (timing.total - units) / max(timing.done - units, 1)
        return None if alike is None else max(alike, elapsed)

    def _alike(self, like: Mapping[str, float] | None) -> float | None:
        if like is None:
            return None
        durations = {name: self._duration(self._names.index(name)) for name in like}
        return (
            None
            if None in durations.values()
            else sum(factor * (durations[name] or 0.0) for name, factor in like.items())
        )


def _show_nothing() -> None:
    pass


_run: ContextVar[RunProgress | None] = ContextVar("run", default=None)


@contextmanager
def run_progress(rounds: Sequence[Round]) -> Iterator[RunProgress]:
    """Show one display over a whole run: what `progress` shows within it becomes a part of that."""
    run = RunProgress(rounds)
    token = _run.set(run)
    try:
        with _display(run):
            yield run
            run.end()
    finally:
        _run.reset(token)


@contextmanager
def progress(description: str, total: int, shown: bool = True) -> Iterator[Advance]:
    """Show the progress of `total` units.

    Args:
        description: of the work.
        total: units.
        shown: False shows nothing.

    Yields:
        A function to be called with the number of further units.
    """
    run = _run.get()
    if not shown:
        yield lambda done: None
    elif run:
        yield run.begin_part(description, total)
    else:
        with run_progress([Round(description)]) as alone:
            yield alone.begin_part(description, total)


def as_minutes(seconds: float) -> str:
    """75.3 → 1:15."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _left(run: RunProgress) -> str:
    seconds = run.seconds_left()
    return "" if not seconds else f"about {as_minutes(seconds)} left"


@contextmanager
def _display(run: RunProgress) -> Iterator[None]:
    # in a notebook rich needs ipywidgets for what changes in place
    if console.is_terminal or (console.is_jupyter and find_spec("ipywidgets")):
        with _bar(run):
            yield
    else:
        run._show = _Lines(run)
        yield


@contextmanager
def _bar(run: RunProgress) -> Iterator[None]:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[count]}"),
               TextColumn("{task.fields[times]}"))  # fmt: skip
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None, count="", times="")

        def show() -> None:
            left, elapsed = run.seconds_left(), run.elapsed()
            whole = None if left is None else max(elapsed + left, 1e-6)
            times = f"{as_minutes(elapsed)} {_left(run)}"
            bar.update(task, description=run.title(), completed=elapsed, total=whole, count=run.count(), times=times)

        run._show = show
        yield


@dataclass
class _Lines:
    """A line when a round begins, and every LOG_SECONDS; no control characters."""

    run: RunProgress
    round: int = -1
    printed: float = 0.0

    def __call__(self) -> None:
        now = self.run.clock()
        if self.round == self.run.current and now - self.printed < LOG_SECONDS:
            return
        self.round, self.printed = self.run.current, now
        figures = (self.run.count(), as_minutes(self.run.elapsed()), _left(self.run))
        console.print(f"{self.run.title()}: {', '.join(filter(None, figures))}", markup=False, highlight=False)
