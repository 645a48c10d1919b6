"""Two kinds of pictures: where they come from, how they are split, and which pairs judge."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from drawn_pictures import bars, paler, write_folder
from matplotlib import font_manager

from ganclf.config.images import ImageDataConfig
from ganclf.errors import DataError
from ganclf.image_to_image.translation.kinds import Kinds, load_kinds

FONTS = [Path(font_manager.findfont(name)) for name in ("DejaVu Sans", "DejaVu Serif")]  # they come with Matplotlib


def load(*sources: Path, characters: int = 200, **options) -> Kinds:
    return load_kinds(ImageDataConfig(data=sources, size=16, **options), characters, 0, lambda note: None)


def rows(pictures: np.ndarray) -> set[bytes]:
    return {picture.tobytes() for picture in pictures}


def test_pairs_are_found_by_name_and_neither_of_them_is_learned_from(two_kinds):
    kinds = load(*two_kinds)
    assert kinds.names == ("dark", "pale")
    assert kinds.has_pairs
    for pairs, part in ((kinds.held_out_pairs, "held_out"), (kinds.test_pairs, "test")):
        first, second = getattr(kinds.first, part), getattr(kinds.second, part)
        assert len(pairs) == len(first) == len(second)
        np.testing.assert_array_equal(paler(first[pairs[:, 0]]), second[pairs[:, 1]])
        assert not rows(paler(first)) & rows(kinds.second.train)
    assert len(kinds.first.train) + len(kinds.first.held_out) + len(kinds.first.test) == 220


def test_kinds_without_common_names_have_no_pairs(two_kinds, tmp_path):
    pictures = paler(bars(120, seed=5))
    other = write_folder(tmp_path / "other", pictures)
    for number, file in enumerate(sorted(other.iterdir())):
        file.rename(other / f"x{number}.png")
    kinds = load(two_kinds[0], other)
    assert not kinds.has_pairs
    assert not len(kinds.test_pairs)
    assert min(len(kinds.second.held_out), len(kinds.second.test)) >= 20
    assert "too few pairs" in kinds.sentence()


def test_one_folder_with_two_folders_is_two_kinds(two_kinds):
    kinds, same = load(two_kinds[0].parent), load(*two_kinds)
    assert kinds.names == same.names
    np.testing.assert_array_equal(kinds.second.train, same.second.train)


def test_two_fonts_draw_the_characters_that_both_have():
    kinds = load(*FONTS, characters=150)
    assert kinds.names == ("DejaVuSans", "DejaVuSerif")
    total = sum(len(part) for part in (kinds.first.train, kinds.first.held_out, kinds.first.test))
    assert total == 150
    assert kinds.has_pairs
    assert kinds.first.train.max() == 255
    assert np.median(kinds.first.train) == 255


def test_arrays_without_names_have_no_pairs(tmp_path):
    for name, seed in (("one", 1), ("two", 2)):
        np.savez(tmp_path / f"{name}.npz", images=bars(120, seed=seed))
    assert not len(load(tmp_path / "one.npz", tmp_path / "two.npz").test_pairs)


@pytest.mark.parametrize(("count", "message"), [(1, "has 0 labels"), (3, "3 sources")])
def test_other_than_two_kinds_are_refused(two_kinds, count, message):
    with pytest.raises(DataError, match=message):
        load(*(two_kinds[0],) * count)


def test_too_few_pictures_are_refused(two_kinds, tmp_path):
    with pytest.raises(DataError, match="10 distinct pictures of few; at least 50"):
        load(two_kinds[0], write_folder(tmp_path / "few", bars(10, seed=9)))


def test_a_font_that_is_not_there_is_refused(two_kinds, tmp_path):
    with pytest.raises(DataError, match="no such file"):
        load(two_kinds[0], tmp_path / "none.ttf")
