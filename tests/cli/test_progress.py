"""Progress of a run: rounds by their names, and a time left only once it can be estimated."""

import io

import pytest
from rich.console import Console

from ganclf.cli import progress as module
from ganclf.cli.progress import Round, RunProgress, as_minutes, progress, run_progress

ROUNDS = (
    Round("encode"),
    Round("cross-fit"),
    Round("train", {"cross-fit": 2.0}),
    Round("estimate 1 of 2", {"encode": 1.0, "train": 1.0}),
    Round("estimate 2 of 2", {"estimate 1 of 2": 1.0}),
)


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def printed(monkeypatch):
    out = io.StringIO()
    monkeypatch.setattr(module, "console", Console(file=out, width=200))
    return out


def test_no_time_left_is_shown_before_it_can_be_estimated(clock):
    run = RunProgress(ROUNDS, clock)
    run.begin("encode")
    clock.now += 10
    assert run.seconds_left() is None  # nothing is known of the other rounds
    advance = run.begin_part("cross-fit", 100)
    assert run.current == 1
    clock.now += 3
    advance(1)
    assert run.seconds_left() is None  # too little of this one is done
    clock.now += 49
    advance(49)
    # cross-fit: 3 s until the first unit, 99 for the others, 52 are over; train 204; two estimates of 10 + 204
    assert run.seconds_left() == pytest.approx(50 + 204 + 2 * 214)


def test_what_was_measured_replaces_what_was_guessed(clock):
    run = RunProgress(ROUNDS, clock)
    run.begin("encode")
    clock.now += 10
    run.begin_part("cross-fit", 10)(10)
    clock.now += 40
    advance = run.begin_part("train", 100)
    assert run.seconds_left() == pytest.approx(80 + 90 + 90)
    advance(0)
    clock.now += 15
    advance(50)
    assert run.seconds_left() == pytest.approx(15 + 40 + 40)
    clock.now += 15
    run.begin("estimate 1 of 2")
    run.begin_part("encode", 5)(5)
    assert run.current == 3
    assert run.title() == "estimate 1 of 2: encode (4 of 5)"
    assert run.seconds_left() == pytest.approx(80)
    clock.now += 60
    assert run.seconds_left() == pytest.approx(60)  # it takes longer than expected; the other one as long
    run.begin("estimate 2 of 2")
    clock.now += 60
    run.end()
    assert run.seconds_left() == 0


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0:00"), (75.3, "1:15"), (12086, "201:26")])
def test_seconds_are_shown_as_minutes(seconds, text):
    assert as_minutes(seconds) == text


def test_without_a_terminal_each_round_is_a_line_without_control_characters(printed):
    with run_progress([Round("encode"), Round("train")]) as run:
        run.begin("encode")
        with progress("Reading the texts", 3) as advance:
            advance(3)
        with progress("train", 2) as advance:
            advance(1)
            advance(1)
    lines = printed.getvalue().splitlines()
    assert [line.split(":")[0] for line in lines] == ["encode (1 of 2)", "train (2 of 2)"]
    assert all(line.isprintable() for line in lines)


def test_rounds_are_added_once_they_are_known_and_what_is_printed_meanwhile_is_shown(printed):
    with run_progress([Round("check")]) as run:
        run.begin("check")
        module.console.print("note: 3 rows")
        run.add_rounds([Round("encode"), Round("train")])
        assert run.seconds_left() is None
        run.begin("encode")
        with progress("train", 2) as advance:
            advance(2)
    lines = printed.getvalue().splitlines()
    assert lines[:2] == ["check: 0:00", "note: 3 rows"]
    assert [line.split(":")[0] for line in lines[2:]] == ["encode (2 of 3)", "train (3 of 3)"]


def test_a_terminal_shows_one_bar_that_goes(monkeypatch):
    out = io.StringIO()
    monkeypatch.setattr(module, "console", Console(file=out, force_terminal=True, width=120))
    with run_progress([Round("encode"), Round("train")]) as run:
        run.begin("encode")
        with progress("train", 2) as advance:
            advance(2)
    assert "train (2 of 2)" in out.getvalue()


def test_work_outside_of_a_run_has_a_display_of_its_own(printed):
    with progress("Predicting", 2) as advance:
        advance(2)
    assert printed.getvalue().startswith("Predicting: 0:00")


def test_nothing_is_shown_where_it_is_switched_off(printed):
    with progress("Predicting", 2, shown=False) as advance:
        advance(2)
    assert printed.getvalue() == ""
