"""What is kept of a training: whole or not at all, and only for the training that it is of."""

from __future__ import annotations

import numpy as np
import pytest

from ganclf.errors import ConfigError
from ganclf.export.checkpoints import FOLDER, Checkpoint, training_checkpoint, work_of

WORK = {"--epochs": 30, "the training texts": "ab12"}


def arrays():
    return [np.arange(5, dtype=np.float32), np.array([1, 2], np.int64), np.zeros((0, 3), bool)]


def test_a_stage_gives_what_was_saved_last(tmp_path):
    stage = Checkpoint(tmp_path, WORK).stage("round 1")
    assert stage.load() is None
    for segment in (1, 2):
        stage.save(arrays(), {"segment": segment, "scores": [float("inf")]})
    found, state = Checkpoint(tmp_path, WORK).stage("round 1").load()
    assert state["segment"] == 2
    assert state["scores"] == [float("inf")]
    for one, other in zip(found, arrays(), strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)


def test_what_is_kept_is_computed_once(tmp_path):
    calls = []

    def compute():
        calls.append(1)
        return {"tokens": np.array([3, 4])}

    for _ in range(2):
        assert Checkpoint(tmp_path, WORK).kept("samples", compute)["tokens"].tolist() == [3, 4]
    assert len(calls) == 1


def test_another_training_is_refused_with_what_differs_and_restart_begins_anew(tmp_path):
    Checkpoint(tmp_path, WORK).stage("likelihood").save(arrays(), {})
    changed = {"--epochs": 5, "the training texts": "cd34"}
    with pytest.raises(ConfigError, match=r"--epochs was 30 and is 5; the training texts\).*--restart to begin anew"):
        Checkpoint(tmp_path, changed)
    assert Checkpoint(tmp_path, WORK).note.startswith("goes on with a training that was broken off")
    assert Checkpoint(tmp_path, changed, restart=True).note == ""
    assert Checkpoint(tmp_path, changed).stage("likelihood").load() is None


def test_a_folder_in_which_nothing_was_saved_yet_refuses_nothing(tmp_path):
    Checkpoint(tmp_path, WORK)
    assert Checkpoint(tmp_path, {"--epochs": 5}).note == ""


def test_a_damaged_file_is_named(tmp_path):
    checkpoint = Checkpoint(tmp_path, WORK)
    checkpoint.stage("likelihood").save(arrays(), {})
    (tmp_path / "likelihood.npz").write_bytes(b"PK no archive")
    with pytest.raises(ConfigError, match=r"likelihood.npz: is damaged .*--restart"):
        checkpoint.stage("likelihood").load()


def test_a_second_run_of_the_same_model_is_refused_and_the_end_leaves_nothing(tmp_path):
    with training_checkpoint(tmp_path, WORK, restart=False) as checkpoint:
        checkpoint.stage("likelihood").save(arrays(), {})
        with (
            pytest.raises(ConfigError, match="another run is writing it"),
            training_checkpoint(tmp_path, WORK, restart=False),
        ):
            pass
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_is_broken_off_keeps_its_stages(tmp_path):
    def broken_off():
        with training_checkpoint(tmp_path, WORK, restart=False) as checkpoint:
            checkpoint.stage("likelihood").save(arrays(), {})
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_off()
    assert (tmp_path / FOLDER / "likelihood.npz").is_file()


def test_the_work_tells_texts_and_their_borders_apart():
    digests = {
        work_of({}, 1, texts=parts)["the texts"]
        for parts in (
            [np.array([1, 2]), np.array([3])], [np.array([1]), np.array([2, 3])],
            [["ab", "c"]], [["a", "bc"]], [["abc"]],
        )
    }  # fmt: skip
    assert len(digests) == 5
