import json

import pytest

from benchmarks.store import opened
from ganclf.errors import ConfigError, DataError

CELL = {"configuration": "a", "accuracy": 0.5}


def test_cells_are_there_after_reopening(tmp_path):
    with opened(tmp_path / "deep" / "cells.jsonl") as store:
        store.append(CELL)
    with opened(tmp_path / "deep" / "cells.jsonl") as store:
        assert store.cells == {"a": CELL}


@pytest.mark.parametrize("half", ['{"configuration": "b", "acc', '{"other": 1}', "\xe9", "{"])
def test_a_half_line_at_the_end_is_cut_off(tmp_path, half):
    file = tmp_path / "cells.jsonl"
    file.write_bytes((json.dumps(CELL) + "\n").encode() + half.encode("latin-1"))
    with opened(file) as store:
        assert set(store.cells) == {"a"}
        store.append(CELL | {"configuration": "c"})
    assert [json.loads(line)["configuration"] for line in file.read_text().splitlines()] == ["a", "c"]


def test_a_whole_last_line_without_its_end_is_kept(tmp_path):
    file = tmp_path / "cells.jsonl"
    file.write_text(json.dumps(CELL))
    with opened(file) as store:
        store.append(CELL | {"configuration": "b"})
    assert len(file.read_text().splitlines()) == 2


def test_a_second_writer_is_refused(tmp_path):
    file = tmp_path / "cells.jsonl"
    with opened(file), pytest.raises(ConfigError, match="another benchmark"), opened(file):
        pass
    with opened(file):  # the lock ends with its process or block
        pass


def test_a_foreign_line_in_the_middle_is_an_error_with_its_number(tmp_path):
    file = tmp_path / "cells.jsonl"
    file.write_text(json.dumps(CELL) + "\nnot a cell\n" + json.dumps(CELL) + "\n")
    with pytest.raises(DataError, match="line 2"), opened(file):
        pass


def test_a_place_that_cannot_be_written_is_a_mistake_of_the_user(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="--output"), opened(tmp_path / "file" / "cells.jsonl"):
        pass


def test_cells_of_old_names_are_read_with_todays(tmp_path):
    file = tmp_path / "cells.jsonl"
    settings = {"share": 0.8, "power": 0.5, "method": "blend", "trust": 1.0}
    old = {"labelled": 4, "unlabelled": 9, "asked": 7, "more": 2, "method": "published", "settings": settings}
    file.write_text(json.dumps(CELL | old) + "\n")
    with opened(file) as store:
        assert store.cells["a"] == CELL | {
            "n_labeled": 4,
            "n_unlabeled": 9,
            "n_test": 7,
            "further_labels": 2,
            "method": "published",
            "settings": {"game_weight": 0.8, "inverse_temperature": 0.5, "method": "stack", "unlabeled_weight": 1.0},
        }
