"""The pictures of a run are checked, counted, and split so that no test picture is learned from."""

from __future__ import annotations

import numpy as np
import pytest

from ganclf.config.images import ImageDataConfig
from ganclf.encoders.pictures.parts import load_image_data
from ganclf.errors import DataError


@pytest.fixture
def arrays(tmp_path):
    """Save arrays; the path."""

    def arrays(name: str, images: np.ndarray):
        np.savez(tmp_path / f"{name}.npz", images=images)
        return tmp_path / f"{name}.npz"

    return arrays


def drawings(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 16, 16), np.uint8)


def as_set(images) -> set[bytes]:
    return {picture.tobytes() for picture in images.pixels}


def test_parts_share_no_picture_and_copies_stay_together(arrays):
    images = drawings(200)
    images[100:150] = images[:50]
    data = load_image_data(ImageDataConfig(data=(arrays("a", images),)), 0, lambda note: None)
    assert data.checks["copies"] == 50
    parts = [as_set(part) for part in (data.train, data.held_out, data.test)]
    assert not parts[0] & parts[1] | parts[0] & parts[2] | parts[1] & parts[2]
    assert sum(map(len, parts)) == 150
    assert data.form.shape == (16, 16, 1)


def test_copies_of_given_test_pictures_are_not_learned_from(arrays):
    images, notes = drawings(200), []
    config = ImageDataConfig(data=(arrays("a", images),), test=(arrays("t", images[:30]),))
    data = load_image_data(config, 0, notes.append)
    assert not as_set(data.test) & (as_set(data.train) | as_set(data.held_out))
    assert data.test_is_given
    assert len(data.train) + len(data.held_out) == 170
    assert sum(int(note.split()[2]) for note in notes if "also test pictures" in note) == 30


def test_a_table_says_what_is_for_the_test(arrays, tmp_path):
    arrays("a", drawings(150))
    parts = ["test"] * 30 + ["dev"] * 20 + ["train"] * 100
    rows = [f"{number},{part}" for number, part in enumerate(parts)]
    (tmp_path / "table.csv").write_text("\n".join(["index,split", *rows]) + "\n")
    config = ImageDataConfig(data=(tmp_path / "table.csv",), images=tmp_path / "a.npz")
    data = load_image_data(config, 0, lambda note: None)
    assert [len(part) for part in (data.train, data.held_out, data.test)] == [100, 20, 30]


def test_too_few_pictures_are_refused(arrays):
    with pytest.raises(DataError, match="99 distinct pictures; at least 100"):
        load_image_data(ImageDataConfig(data=(arrays("a", drawings(99)),)), 0, lambda note: None)
