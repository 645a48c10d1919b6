"""Predictions are written whole, in the form that was asked for."""

import csv
import io
import json
import os

import pytest

from ganclf.cli.answers import Row, writer
from ganclf.contract import Prediction
from ganclf.errors import ConfigError

AWKWARD = 'a "quoted", text;\nof two lines, 包裹'
ROWS = [
    Row(AWKWARD, Prediction("a,b", {"a,b": 0.87654321, "退款": 0.12345679})),
    Row("", Prediction("退款", {"退款": 1.0, "a,b": 0.0})),
    Row("[red]no markup[/red]", Prediction("a,b", {"a,b": 0.5, "退款": 0.5})),
]


def write(file=None, form=None, rows=ROWS):
    with writer(file, form) as put:
        for row in rows:
            put([row])


def test_a_csv_file_quotes_what_must_be_quoted(tmp_path):
    write(tmp_path / "out.csv")
    text = (tmp_path / "out.csv").read_bytes().decode("utf-8")
    assert list(csv.reader(io.StringIO(text, newline=""))) == [
        ["text", "label", "probability"],
        [AWKWARD, "a,b", "0.876543"],
        ["", "退款", "1.000000"],
        ["[red]no markup[/red]", "a,b", "0.500000"],
    ]
    assert text.startswith("text,label,probability\n")
    assert "\r" not in text


@pytest.mark.parametrize("name", ["out.jsonl", "out.json", "out"])
def test_any_other_file_has_a_line_of_json_a_text(name, tmp_path):
    write(tmp_path / name)
    lines = (tmp_path / name).read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(ROWS)
    assert json.loads(lines[0]) == {
        "text": AWKWARD,
        "label": "a,b",
        "probability": 0.876543,
        "probabilities": {"a,b": 0.876543, "退款": 0.123457},
    }
    assert "包裹" in lines[0]


def test_the_ending_may_be_in_capitals(tmp_path):
    write(tmp_path / "OUT.CSV")
    assert (tmp_path / "OUT.CSV").read_text(encoding="utf-8").startswith("text,label")


@pytest.mark.parametrize("name", ["out.csv", "out.jsonl"])
def test_a_file_appears_only_when_it_is_whole(name, tmp_path):
    file = tmp_path / name
    with writer(file, None) as put:
        put(ROWS)
        assert not file.exists()
    assert file.exists()
    assert os.listdir(tmp_path) == [name]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_run_that_breaks_leaves_the_old_file_and_nothing_else(error, tmp_path):
    (tmp_path / "out.csv").write_text("old")

    def broken():
        with writer(tmp_path / "out.csv", None) as put:
            put(ROWS)
            raise error

    with pytest.raises(error):
        broken()
    assert (tmp_path / "out.csv").read_text() == "old"
    assert os.listdir(tmp_path) == ["out.csv"]


def test_without_rows_there_is_a_header(tmp_path):
    write(tmp_path / "out.csv", rows=[])
    assert (tmp_path / "out.csv").read_text() == "text,label,probability\n"


@pytest.mark.parametrize(
    "place",
    [
        "none/out.csv",
        "folder",
        "file/out.csv",
        "x" * 300 + ".csv",
        "/",
    ],
)
def test_a_place_that_cannot_be_written_is_a_sentence(place, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match=r"^--output .*: can't be written \(.+\)\. Give another place\.$"):
        write(tmp_path / place)
    assert sorted(os.listdir(tmp_path)) == ["file", "folder"]


def test_an_error_that_is_not_the_file_s_is_not_blamed_on_it(tmp_path):
    def broken():
        with writer(tmp_path / "out.csv", None):
            raise ConnectionResetError("the server is gone")

    with pytest.raises(ConnectionResetError):
        broken()


def test_a_pipe_gets_lines_of_json(capsys):
    write()
    assert [json.loads(line)["label"] for line in capsys.readouterr().out.splitlines()] == ["a,b", "退款", "a,b"]


def test_a_pipe_gets_each_answer_when_it_is_there(capsys):
    with writer(None, "jsonl") as put:
        put(ROWS[:1])
        assert capsys.readouterr().out.count("\n") == 1


def test_a_table_shows_the_user_s_text_as_it_is(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    write(form="table")
    shown = capsys.readouterr().out
    assert "[red]no markup[/red]" in shown
    assert 'a "quoted", text; of two lines, 包裹' in shown
    assert "87.7 %" in shown


def test_a_terminal_gets_a_table(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    write()
    assert "probability" in capsys.readouterr().out.splitlines()[0]


@pytest.mark.parametrize(("least", "scope", "label"), [(0.0, 0.0, "a"), (0.8, 0.0, None), (0.0, 0.5, None)])
def test_a_row_below_a_bound_has_no_label(least, scope, label):
    row = Row("text", Prediction("a", {"a": 0.7, "b": 0.3}, in_scope=0.4)).abstaining_below(least, scope)
    told = json.loads(row.to_json())
    assert told == {
        "text": "text", "label": label, "probability": 0.7, "in_scope": 0.4, "probabilities": {"a": 0.7, "b": 0.3}
    }  # fmt: skip


def test_a_row_without_scope_is_not_out_of_it():
    assert Row("text", Prediction("a", {"a": 1.0})).abstaining_below(0.5, 0.9).label == "a"


def test_abstaining_leaves_the_label_empty(tmp_path, capsys):
    row = Row("text", Prediction("a", {"a": 0.7, "b": 0.3}), abstains=True)
    write(tmp_path / "out.csv", rows=[row])
    assert (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()[1] == "text,,0.700000"
    write(form="table", rows=[row])
    assert "–" in capsys.readouterr().out
