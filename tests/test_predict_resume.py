"""A run of predict that is broken off goes on where it stopped, and no file is replaced before it is whole."""

import json
import os
import signal
import time

import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest

from ganclf.predict import main

ROWS = 40_000  # more than a process answers before it can be killed


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    file = tmp_path_factory.mktemp("rows") / "in.csv"
    words = ("good", "bad", "awful", "day", "rain", "sun", "包裹")
    lines = [f'{row},"{words[row % 7]} {words[row // 7 % 7]}, {row}"' if row % 50 else f"{row}," for row in range(ROWS)]
    file.write_text("\n".join(["id,text", *lines]) + "\n", encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def begin(start, version):
    """Start the command as a process, which can be ended."""
    return lambda *words: start("-m", "ganclf.predict", "--model", version, *words)


@pytest.fixture
def finish(version, capsys):
    """Run the command to its end in this process, which has TensorFlow; returns what it says."""

    def finish(*words):
        code = main(["--model", str(version), *map(str, words)])
        said = capsys.readouterr().err
        assert code == 0, said
        return said

    return finish


def read(file):
    if file.suffix == ".csv":
        return pd.read_csv(file, keep_default_na=False)
    if file.suffix == ".jsonl":
        return pd.DataFrame([json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()])
    if file.suffix == ".parquet":
        return pq.read_table(file).to_pandas()
    header, *rows = openpyxl.load_workbook(file, read_only=True).active.iter_rows(values_only=True)
    return pd.DataFrame([(*row, *[None] * (len(header) - len(row))) for row in rows], columns=header)


def break_off(process, output, how):
    """Wait until some rows are certain, then end the process."""
    state = output.with_name(f".{output.name}.part.json")
    deadline = time.monotonic() + 120
    while not state.exists() or not json.loads(state.read_text())["rows"]:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(how)
    _, error = process.communicate(timeout=60)
    return json.loads(state.read_text())["rows"], error


def ends(process):
    _, error = process.communicate(timeout=200)
    assert process.returncode == 0, error
    return error


@pytest.fixture(scope="module")
def whole(begin, rows, tmp_path_factory):
    """The answers of a run that was not broken off."""
    output = tmp_path_factory.mktemp("whole") / "out.csv"
    assert "goes on" not in ends(begin("--input", rows, "--output", output))
    return read(output)


@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".parquet", ".xlsx"])
def test_a_killed_run_goes_on_and_gives_every_row_once(ending, begin, finish, rows, whole, tmp_path):
    output = tmp_path / f"out{ending}"
    output.write_text("old")
    process = begin("--input", rows, "--output", output)
    done, _ = break_off(process, output, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert 0 < done < ROWS
    assert output.read_text() == "old"
    error = finish("--input", rows, "--output", output)
    assert f"goes on after {done:,} rows of a run that was broken off" in error
    found = read(output)
    assert found["id"].astype(int).tolist() == list(range(ROWS))
    assert found["label"].fillna("").tolist() == whole["label"].tolist()
    numbers = [pd.to_numeric(table["probability"]) for table in (found, whole)]
    pd.testing.assert_series_equal(*numbers, atol=2e-6)
    assert os.listdir(tmp_path) == [output.name]


def test_ctrl_c_says_how_to_go_on(begin, rows, whole, tmp_path):
    output = tmp_path / "out.csv"
    process = begin("--input", rows, "--output", output)
    done, error = break_off(process, output, signal.SIGINT)
    assert process.returncode == 130
    assert f"{done:,} answered rows are kept: the same command goes on there, --restart begins anew" in error
    assert "Traceback" not in error
    assert not output.exists()
    ends(begin("--input", rows, "--output", output))
    assert read(output)["label"].tolist() == whole["label"].tolist()


def test_another_input_other_options_and_restart_begin_anew(begin, finish, rows, tmp_path):
    source, output = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes(rows.read_bytes())
    done, _ = break_off(begin("--input", source, "--output", output), output, signal.SIGKILL)
    lines = rows.read_text(encoding="utf-8").splitlines(keepends=True)[:101]
    source.write_text("".join(lines), encoding="utf-8")
    error = finish("--input", source, "--output", output, "--top-k", "2")
    assert (
        f"begins anew: the {done:,} rows of a run that was broken off don't fit (changed since: input, options)"
        in error
    )
    assert len(read(output)) == 100
    break_off(begin("--input", rows, "--output", output), output, signal.SIGKILL)
    error = finish("--input", source, "--output", output, "--restart")
    assert "broken off" not in error
    assert len(read(output)) == 100


def test_the_second_of_two_runs_is_refused_and_the_first_one_ends_well(begin, version, rows, whole, tmp_path, capsys):
    output = tmp_path / "out.csv"
    first = begin("--input", rows, "--output", output)
    while not output.with_name(".out.csv.part").exists():
        assert first.poll() is None
        time.sleep(0.01)
    assert main(["--model", str(version), "--input", str(rows), "--output", str(output)]) == 2
    assert "another run is writing it" in capsys.readouterr().err
    assert first.poll() is None
    ends(first)
    assert read(output)["label"].tolist() == whole["label"].tolist()
