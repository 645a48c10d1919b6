"""python -m benchmarks.prediction measures runs of predict in processes of their own."""

import json

import pytest

from benchmarks.prediction import main


@pytest.mark.slow
def test_speed_and_memory_are_measured_per_number_of_rows(version, capsys):
    assert main(["--rows", "50", "20", "--model", str(version)]) == 0
    *lines, sentence = capsys.readouterr().out.splitlines()
    found = [json.loads(line) for line in lines]
    assert [line["rows"] for line in found] == [20, 50]
    assert all(line["seconds"] > 0 and line["peak_mib"] > 50 for line in found)
    assert sentence.startswith("From 20 to 50 rows the memory grows to 1.0")
