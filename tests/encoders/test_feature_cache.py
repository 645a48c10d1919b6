"""Features on disk: written, found again, bounded, never incomplete."""

import os

import numpy as np
import pytest

from ganclf.data.locations import cache_folder
from ganclf.encoders.feature_cache import FeatureStore, remove_oldest, text_digests

DIGESTS = text_digests(["a", "b", "c"])
ROWS = np.arange(12, dtype=np.float32).reshape(3, 4)


def store(tmp_path, **more):
    return FeatureStore("key", 4, tmp_path, **more)


def test_rows_are_found_again_by_another_store_and_missing_ones_are_marked(tmp_path):
    store(tmp_path).append(DIGESTS[:2], ROWS[:2])
    rows, found = store(tmp_path).read(DIGESTS)
    assert found.tolist() == [True, True, False]
    np.testing.assert_array_equal(rows[:2], ROWS[:2])


def test_two_stores_that_write_at_once_are_both_read(tmp_path):
    one, other = store(tmp_path), store(tmp_path)
    one.append(DIGESTS[:1], ROWS[:1])
    other.append(DIGESTS[1:2], ROWS[1:2])
    one.append(DIGESTS[2:], ROWS[2:])
    rows, found = other.read(DIGESTS)
    assert found.all()
    np.testing.assert_array_equal(rows, ROWS)


def test_another_key_has_other_rows(tmp_path):
    store(tmp_path).append(DIGESTS, ROWS)
    assert not FeatureStore("other", 4, tmp_path).read(DIGESTS)[1].any()


def test_a_row_that_was_written_by_half_is_left_out(tmp_path):
    store(tmp_path).append(DIGESTS, ROWS)
    file = next(tmp_path.rglob("*.rows"))
    os.truncate(file, file.stat().st_size - 5)
    assert store(tmp_path).read(DIGESTS)[1].tolist() == [True, True, False]


def test_a_damaged_row_is_left_out(tmp_path):
    store(tmp_path).append(DIGESTS, ROWS)
    file = next(tmp_path.rglob("*.rows"))
    content = bytearray(file.read_bytes())
    content[-1] ^= 0xFF
    file.write_bytes(bytes(content))
    rows, found = store(tmp_path).read(DIGESTS)
    assert found.tolist() == [True, True, False]
    assert not rows[2].any()


def test_the_least_recently_used_files_go_first(tmp_path):
    for number, name in enumerate(("old", "new")):
        FeatureStore(name, 4, tmp_path).append(DIGESTS, ROWS)
        for file in tmp_path.rglob("*.rows"):
            if file.stat().st_mtime > 10:
                os.utime(file, (number, number))
    remove_oldest(tmp_path, max_bytes=150)
    assert not FeatureStore("old", 4, tmp_path).read(DIGESTS)[1].any()
    assert FeatureStore("new", 4, tmp_path).read(DIGESTS)[1].all()


def test_one_run_fills_no_more_than_half(tmp_path):
    bounded = store(tmp_path, max_bytes=200)
    for _ in range(10):
        bounded.append(DIGESTS, ROWS)
    assert sum(file.stat().st_size for file in tmp_path.rglob("*.rows")) <= 100 + 3 * 36


def test_a_folder_that_cannot_be_written_is_a_warning(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.warns(UserWarning, match="GANCLF_CACHE"):
        FeatureStore("key", 4, tmp_path / "file").append(DIGESTS, ROWS)


def test_the_folder_can_be_named(tmp_path, monkeypatch):
    monkeypatch.setenv("GANCLF_CACHE", str(tmp_path / "here"))
    assert cache_folder("features") == tmp_path / "here" / "features"
    monkeypatch.delenv("GANCLF_CACHE")
    assert "ganclf" in str(cache_folder("features"))
