"""The command that measures replies: its options and its pairs; a run of it takes minutes."""

import csv
import gzip
import json

import pytest

from benchmarks import replies
from benchmarks.replies import main


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of data sets with a few names of emoji."""
    monkeypatch.setenv("GANCLF_DATA", str(tmp_path))
    (tmp_path / "emoji").mkdir()
    with gzip.open(tmp_path / "emoji" / "captions.csv.gz", "wt", encoding="utf-8", newline="") as stream:
        rows = [("cat", "猫", "train"), ("dog", "狗", "train"), ("tree", "树", "dev"), ("car", "车", "test")]
        csv.writer(stream).writerows([("text", "text_zh", "split"), *rows])
    return tmp_path


def test_help_names_the_data_and_the_guard_of_test_pairs(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    assert {"--data", "--final", "--seeds", "--output"} <= set(capsys.readouterr().out.replace("\n", " ").split())


def test_data_that_is_not_there_is_a_sentence(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("GANCLF_DATA", str(tmp_path))
    assert main(["--output", str(tmp_path / "rows.jsonl")]) == 2
    assert "GANCLF_DATA" in capsys.readouterr().err


def test_only_final_opens_the_test_pairs_and_logs_it_first(folder, monkeypatch):
    read: list[tuple[list[tuple[str, ...]], list[tuple[str, ...]]]] = []

    def run(data, config, output):
        read.append(tuple([*map(tuple, csv.reader(file.open(encoding="utf-8")))] for file in (*data.data, data.test)))

    monkeypatch.setattr("ganclf.text_to_text.replies.pipeline.run", run)
    words = ["--data", "emoji", "--output", str(folder / "rows.jsonl")]
    assert main(words) == 0
    assert not (folder / "test_uses.jsonl").exists()
    assert main([*words, "--final"]) == 0
    assert json.loads((folder / "test_uses.jsonl").read_text(encoding="utf-8"))["data"] == "emoji"
    train = [("text", "reply"), ("cat", "猫"), ("dog", "狗")]
    assert read == [(train, [("text", "reply"), ("tree", "树")]), (train, [("text", "reply"), ("car", "车")])]


def test_headlines_are_paired_with_their_traditional_characters(folder):
    pytest.importorskip("opencc", reason="needs the extra `traditional`")
    (folder / "thucnews").mkdir()
    with gzip.open(folder / "thucnews" / "dev.csv.gz", "wt", encoding="utf-8") as stream:
        stream.write("text,label\n发货时间,news\n")
    assert list(replies.traditional("dev")) == [("发货时间", "發貨時間")]
