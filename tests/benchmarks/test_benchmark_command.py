"""The command, in this process where that is enough, and killed in another."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from colors import QUICK, write_rows

from benchmarks.__main__ import main

ROOT = Path(__file__).parents[2]
LINEAR = ["--methods", "tfidf_logistic_regression", "features_logistic_regression"]


def cells(output):
    return [json.loads(line) for line in output.with_name(output.name + ".jsonl").read_text().splitlines()]


def test_a_run_leaves_cells_page_and_plots_and_is_not_run_again(folder, tmp_path, capsys):
    output = tmp_path / "results" / "dev"
    command = ["--data", "colors", "--labels", "1", "3", "--draws", "2", "--output", str(output), *LINEAR, *QUICK]
    assert main(command) == 0
    found = cells(output)
    assert [(c["seed"], c["labels"], c["method"][:3]) for c in found] == [
        (seed, labels, method) for seed in (100, 101) for labels in (1, 3) for method in ("tfi", "fea")
    ]
    assert {c["part"] for c in found} == {"undrawn"}
    assert all(0.3 < c["accuracy"] <= 1 and c["versions"]["numpy"] and c["configuration"] for c in found)
    page = output.with_name("dev.md").read_text()
    assert " ".join(command[:4]) in page
    assert output.with_name("dev_accuracy.png").is_file()
    assert main(command) == 0
    assert cells(output) == found
    assert "0 cells to measure, 8 are there" in capsys.readouterr().err
    assert main([*command, "--max-characters", "50"]) == 0
    assert len(cells(output)) == 16  # another configuration is another cell


def test_without_final_a_test_part_that_cannot_be_read_does_no_harm_and_with_it_the_use_is_logged(
    folder, tmp_path, capsys
):
    output = tmp_path / "results" / "run"
    command = ["--data", "colors", "--labels", "2", "--draws", "1", "--output", str(output), *LINEAR, *QUICK]
    assert main(command) == 0
    assert not (output.parent / "test_uses.jsonl").exists()
    assert main([*command, "--final"]) == 2
    assert "test.csv: a folder" in capsys.readouterr().err
    (folder / "test.csv").rmdir()
    write_rows(folder / "test.csv", 21, 5)
    assert main([*command, "--final"]) == 0
    assert main([*command, "--final"]) == 0  # nothing is missing: the test part stays closed
    uses = [json.loads(line) for line in (output.parent / "test_uses.jsonl").read_text().splitlines()]
    assert [use["data"] for use in uses] == ["colors", "colors"]
    assert uses[1]["command"].endswith("--final")
    assert {(c["part"], c["seed"]) for c in cells(output)} == {("undrawn", 100), ("test", 0)}
    assert "in no idf, SVD or unlabeled pool" in output.with_name("run.md").read_text()


def test_games_variants_and_baselines_have_the_same_test_rows(folder, tmp_path):
    output = tmp_path / "games"
    command = ["--data", "colors", "--labels", "3", "--draws", "1", "--set", "few:steps=2", "--output", str(output)]
    methods = ["--methods", "self_training", "label_spreading", "game", "game_off"]
    assert main([*command, *methods, *QUICK]) == 0
    found = {(c["method"], c["variant"]): c for c in cells(output)}
    assert list(found) == [
        ("self_training", ""), ("label_spreading", ""), ("game_off", ""), ("game_k+1", ""), ("game_k+1", "few"),
    ]  # fmt: skip
    assert {c["n_test"] for c in found.values()} == {51}
    assert "`game_k+1, few` − `game_k+1`" in output.with_name("games.md").read_text()


def test_an_interrupted_run_keeps_what_it_measured(folder, tmp_path, monkeypatch, capsys):
    from benchmarks import run

    predict_with, trained = run.predict_with, []

    def predict_once(*words):
        if trained:
            raise KeyboardInterrupt
        trained.append(words)
        return predict_with(*words)

    monkeypatch.setattr(run, "predict_with", predict_once)
    output = tmp_path / "stopped"
    assert main(["--data", "colors", "--labels", "2", "--draws", "3", "--output", str(output), *LINEAR, *QUICK]) == 130
    assert len(cells(output)) == 1
    assert output.with_name("stopped.md").is_file()
    assert "goes on from there" in capsys.readouterr().err


def test_a_killed_run_goes_on_where_it_was(folder, tmp_path):
    output = tmp_path / "killed"
    command = ["--data", "colors", "--labels", "2", "--draws", "400", "--output", str(output), *LINEAR, *QUICK]
    file = output.with_name("killed.jsonl")
    child = subprocess.Popen(
        [sys.executable, "-m", "benchmarks", *command], cwd=ROOT, env=os.environ, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 50
        while not (file.exists() and file.read_bytes().count(b"\n") > 1):
            assert child.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
    with file.open("ab") as end:
        end.write(b'{"configuration": "half')
    before = file.read_bytes().rpartition(b"\n")[0]
    done = before.count(b"\n") + 1
    assert done < 800
    draws = str(done // 2 + 1)
    assert main([draws if word == "400" else word for word in command]) == 0
    assert file.read_bytes().startswith(before + b"\n")
    assert len(cells(output)) == 2 * int(draws)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--labels", "0"], "--labels 0"),
        (["--labels", "many"], "--labels many"),
        (["--labels", "500"], "can't be drawn"),
        (["--methods", "magic"], "--methods magic"),
        (["--draws", "0"], "--draws"),
        (["--seeds", "-1"], "--seed"),
        (["--seeds", "1", "--draws", "2"], "one of them"),
        (["--set", "dropout=9"], "out of range"),
        (["--data", "shades"], "GANCLF_DATA"),
        (["--data", "missing.csv"], "no such file"),
        (["--max-unlabeled", "0"], "--max-unlabeled"),
        (["--text-column", "body"], "--text-column"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_2(folder, tmp_path, capsys, words, says):
    own = [] if "--labels" in words else ["--labels", "1"]
    assert main(["--data", "colors", "--output", str(tmp_path / "x"), *LINEAR, *own, *words]) == 2
    error = capsys.readouterr().err
    assert says in error
    assert "Traceback" not in error
    assert not (tmp_path / "x.jsonl").exists()


def test_two_data_sets_of_one_name_are_refused(folder, tmp_path, capsys):
    other = tmp_path / "colors.csv"
    write_rows(other, 30, 1)
    assert main(["--data", "colors", "--data", str(other), "--labels", "1", "--output", str(tmp_path / "x")]) == 2
    assert "'colors'" in capsys.readouterr().err
