"""A draft is continued for the same work only, and replaces its target when it is whole."""

import os

import pytest

from ganclf.cli.draft import Draft, only_writer
from ganclf.errors import ConfigError

WORK = {"input": "a", "options": {"columns": ("x",)}}


def begin(target, work=WORK, rows=3, **more):
    """A run that ends after some rows."""
    with Draft(target, work, header=lambda: b"head\n", **more) as draft:
        for row in range(draft.rows, rows):
            draft.append(f"{row}\n".encode(), 1)


def finish(target, work=WORK, rows=5, **more):
    with Draft(target, work, header=lambda: b"head\n", **more) as draft:
        found, note = draft.rows, draft.note
        for row in range(found, rows):
            draft.append(f"{row}\n".encode(), 1)
        draft.finish()
    return found, note


@pytest.fixture
def target(tmp_path):
    return tmp_path / "out.csv"


def test_the_target_appears_whole_and_nothing_else_stays(target):
    target.write_text("old")
    begin(target)
    assert target.read_text() == "old"
    assert finish(target) == (3, "goes on after 3 rows of a run that was broken off; --restart begins anew")
    assert target.read_text() == "head\n0\n1\n2\n3\n4\n"
    assert os.listdir(target.parent) == ["out.csv"]


def test_what_was_written_after_the_last_commit_is_cut(target):
    begin(target)
    with (target.parent / ".out.csv.part").open("ab") as stream:
        stream.write(b"3\nhalf a ro")
    assert finish(target)[0] == 3
    assert target.read_text() == "head\n0\n1\n2\n3\n4\n"


@pytest.mark.parametrize(
    ("work", "changed"),
    [(WORK | {"input": "b"}, "input"), (WORK | {"options": {}}, "options"), ({"input": "a"}, "options")],
)
def test_other_work_begins_anew_and_says_why(target, work, changed):
    begin(target)
    assert finish(target, work) == (
        0, f"begins anew: the 3 rows of a run that was broken off don't fit (changed since: {changed})"
    )  # fmt: skip
    assert target.read_text() == "head\n0\n1\n2\n3\n4\n"


def test_restart_begins_anew(target):
    begin(target)
    assert finish(target, restart=True) == (0, "")


@pytest.mark.parametrize("damage", ["no state", "broken state", "no part", "short part"])
def test_a_damaged_draft_is_not_continued(target, damage):
    begin(target)
    part, state = target.parent / ".out.csv.part", target.parent / ".out.csv.part.json"
    {
        "no state": state.unlink,
        "broken state": lambda: state.write_text('{"work"'),
        "no part": part.unlink,
        "short part": lambda: part.write_bytes(b"head"),
    }[damage]()
    assert finish(target)[0] == 0
    assert target.read_text() == "head\n0\n1\n2\n3\n4\n"


def test_work_that_cannot_be_repeated_leaves_nothing(target):
    begin(target, work=None)
    assert os.listdir(target.parent) == []


def test_a_conversion_that_breaks_keeps_draft_and_target(target):
    target.write_text("old")

    def broken(draft, whole):
        whole.write_text("half")
        raise RuntimeError

    with Draft(target, WORK) as draft:
        draft.append(b"1\n", 1)
        with pytest.raises(RuntimeError):
            draft.finish(broken)
    assert target.read_text() == "old"
    assert sorted(os.listdir(target.parent)) == [".out.csv.part", ".out.csv.part.json", "out.csv"]
    with Draft(target, WORK) as draft:
        assert draft.rows == 1
        notes = draft.finish(lambda part, whole: (str(whole.write_bytes(part.read_bytes() * 2)),))
    assert (target.read_bytes(), notes) == (b"1\n1\n", ("4",))


def test_a_second_writer_is_refused_while_the_first_one_writes(target):
    with only_writer(target):
        with pytest.raises(ConfigError, match=r"--output .*out\.csv: another run is writing it"), only_writer(target):
            pass
        with only_writer(target.with_name("other.csv")):
            pass
    with only_writer(target):
        pass
    assert os.listdir(target.parent) == []


@pytest.mark.parametrize("place", ["none/out.csv", "folder", "file/out.csv", "x" * 300 + ".csv", "/"])
def test_a_place_that_cannot_be_written_is_a_sentence(place, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match=r"^--output .*: can't be written \(.+\)\. Give another place\.$"):
        begin(tmp_path / place)
    assert sorted(os.listdir(tmp_path)) == ["file", "folder"]
