"""Pairs are read, checked and split."""

from __future__ import annotations

import csv
from itertools import pairwise

import numpy as np
import pytest
from tiny_pairs import pairs

from ganclf.config import DataConfig
from ganclf.errors import DataError, MissingColumnError
from ganclf.text_to_text.replies.pairs import MIN_PAIRS, Pairs, load_pairs, seen_before, split

CHAIN = [f"turn number {turn} of a long conversation here" for turn in range(400)]


def write(path, header, rows):
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([header, *rows])
    return DataConfig(data=(path,))


def test_turns_of_a_conversation_are_in_one_part():
    conversations = [CHAIN[start : start + 4] for start in range(0, 400, 4)]
    rows = [pair for turns in conversations for pair in pairwise(turns)]
    found = Pairs([text for text, _ in rows], [reply for _, reply in rows])
    parts = split(found, True, seed=0)
    assert sum(map(len, parts)) == len(found)
    assert all(map(len, parts))
    for one, other in ((0, 1), (0, 2), (1, 2)):
        turns = [{*part.texts, *part.replies} for part in (parts[one], parts[other])]
        assert not turns[0] & turns[1]


def test_a_long_text_of_the_training_file_makes_a_test_pair_known():
    train = Pairs(["this text has six words .", "short"], ["yes", "no"])
    test = Pairs(["what else ?", "short", "short", "new"], ["this text has six words .", "no", "maybe", "yes"])
    assert seen_before(test, train).tolist() == [True, True, False, False]


@pytest.mark.parametrize(
    ("header", "named"),
    [(("text", "reply"), None), (("reply", "text"), None), (("question", "x"), None), (("a", "b"), "b")],
)
def test_columns_are_found(tmp_path, header, named):
    order = slice(None, None, -1) if header[0] == "reply" else slice(None)
    config = write(tmp_path / "pairs.csv", header, [pair[order] for pair in pairs()])
    found = load_pairs(config, named, 0, lambda note: None)
    assert all(text.startswith("where") for text in found.train.texts)
    assert all(reply.startswith("your") for reply in found.train.replies)


@pytest.mark.parametrize(
    ("header", "rows", "error"),
    [
        (("text",), [(text,) for text, _ in pairs()], MissingColumnError),
        (("text", "reply"), [(text, "") for text, _ in pairs()], DataError),
        (("text", "reply"), pairs(MIN_PAIRS // 2), DataError),
        (("text", "what", "ever"), [(*pair, "x") for pair in pairs()], MissingColumnError),
    ],
)
def test_what_can_not_be_learned_from_is_an_error(tmp_path, header, rows, error):
    with pytest.raises(error):
        load_pairs(write(tmp_path / "pairs.csv", header, rows), None, 0, lambda note: None)


def test_the_command_ends_with_2(tmp_path, capsys):
    from ganclf.train import main

    write(tmp_path / "one.csv", ("text",), [(text,) for text, _ in pairs()])
    words = ["--task", "replies", "--data", str(tmp_path / "one.csv"), "--output", str(tmp_path / "model")]
    assert main(words) == 2
    assert "two columns are needed" in capsys.readouterr().err
    assert main(["--task", "replies", "--output", str(tmp_path / "model")]) == 2


def test_the_same_seed_splits_alike():
    found = Pairs(*(list(side) for side in zip(*pairs(), strict=True)))
    assert split(found, True, 1)[1] == split(found, True, 1)[1]
    assert split(found, True, 1)[1] != split(found, True, 2)[1]
    assert np.all([len(part) > 20 for part in split(found, True, 1)])
