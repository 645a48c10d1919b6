"""The glyph atlas."""

from pathlib import Path

import matplotlib
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from ganclf.errors import ConfigError
from ganclf.rendering import atlas as atlas_module
from ganclf.rendering.atlas import BLANK, MISSING, PADDING, load_atlas, render_atlas
from ganclf.rendering.fonts import BASELINE, Face, default_font, open_faces

DEJAVU = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"  # has Latin, no ideographs


def only(face: Face, characters: str) -> Face:
    """The face as if it had just these characters."""
    return Face(face.file, face.number, face.digest, face.characters & frozenset(map(ord, characters)))


def test_every_ideograph_of_the_basic_plane_has_an_image_of_its_own(atlas):
    ids = atlas.glyph_ids("".join(map(chr, range(0x4E00, 0x9FA6))))
    assert ids.min() > BLANK
    assert len(set(ids.tolist())) == len(ids)
    assert atlas.images[ids].any(axis=(1, 2)).all()


def test_an_image_is_what_pillow_draws(atlas):
    font = ImageFont.truetype(default_font(), 16, 2)
    for character in "中国":
        image = Image.new("L", (16, 16))
        ImageDraw.Draw(image).text((0, round(BASELINE * 16)), character, fill=255, font=font, anchor="ls")
        rendered = atlas.images[atlas.glyph_ids(character)[0]]
        np.testing.assert_array_equal(rendered, np.asarray(image))
        assert rendered.max() > 128


def test_spaces_and_control_characters_are_blank_and_have_no_ink(atlas):
    assert set(atlas.glyph_ids(" \n\t\u3000\x00").tolist()) == {BLANK}
    assert not atlas.images[[BLANK, PADDING]].any()


def test_what_no_font_has_is_a_box_and_its_share_is_counted(atlas):
    private, beyond = "\ue000", "\U00030000"
    assert atlas.glyph_ids(private + beyond).tolist() == [MISSING, MISSING]
    assert atlas.images[MISSING].any()
    assert atlas.missing_share(["中国", private + beyond]) == 0.5
    assert atlas.missing_share([]) == 0.0


def test_a_character_comes_from_the_first_font_that_has_it():
    latin, ideographs = only(open_faces([DEJAVU])[0], "Ag"), only(open_faces([])[0], "A中")
    both = render_atlas([latin, ideographs], 16)
    alone = [render_atlas([face], 16) for face in (latin, ideographs)]
    for character, source in zip("Ag中", (alone[0], alone[0], alone[1]), strict=True):
        expected = source.images[source.glyph_ids(character)[0]]
        np.testing.assert_array_equal(both.images[both.glyph_ids(character)[0]], expected)
    assert alone[0].glyph_ids("中").tolist() == [MISSING]


def test_descenders_stay_in_the_image():
    small = render_atlas([only(open_faces([DEJAVU])[0], "g")], 16)
    large = render_atlas([only(open_faces([DEJAVU])[0], "g")], 64)
    share = [each.images[3].astype(float).sum() / each.size**2 for each in (small, large)]
    assert share[0] == pytest.approx(share[1], rel=0.1)


def test_the_second_time_it_is_read_from_disk(atlas, folder, monkeypatch):
    monkeypatch.setattr(atlas_module, "render_atlas", lambda *_: pytest.fail("it was rendered again"))
    again = load_atlas(folder=folder)
    np.testing.assert_array_equal(again.images, atlas.images)
    np.testing.assert_array_equal(again.index, atlas.index)
    assert again.key == atlas.key


def test_font_and_size_make_another_atlas(tmp_path, monkeypatch):
    monkeypatch.setattr(atlas_module, "assigned_code_points", lambda: tuple(range(32, 127)))
    keys = {load_atlas(fonts, size, tmp_path).key for fonts in ([], [DEJAVU]) for size in (16, 20)}
    assert len(keys) == len(list(tmp_path.glob("*.npz"))) == 4


def test_a_broken_file_is_rendered_again_and_old_ones_are_removed(tmp_path, monkeypatch):
    monkeypatch.setattr(atlas_module, "assigned_code_points", lambda: tuple(range(32, 127)))
    monkeypatch.setattr(atlas_module, "MAX_FILES", 1)
    first = load_atlas([DEJAVU], 16, tmp_path)
    (tmp_path / f"{first.key}.npz").write_bytes(b"no archive")
    np.testing.assert_array_equal(load_atlas([DEJAVU], 16, tmp_path).images, first.images)
    load_atlas([DEJAVU], 20, tmp_path)
    assert len(list(tmp_path.glob("*.npz"))) == 1


def test_a_folder_that_cannot_be_written_is_a_warning(tmp_path, monkeypatch):
    monkeypatch.setattr(atlas_module, "assigned_code_points", lambda: tuple(range(32, 127)))
    (tmp_path / "file").write_text("")
    with pytest.warns(UserWarning, match="GANCLF_CACHE"):
        load_atlas([DEJAVU], 16, tmp_path / "file")


@pytest.mark.parametrize("content", [None, b"", b"plain words", b"ttcf", b"\x00\x01\x00\x00" + bytes(40)])
def test_a_file_that_is_not_a_font_is_refused_by_name(tmp_path, content):
    file = tmp_path / "font.ttf"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigError, match=r"--font .*font\.ttf: can't be read"):
        load_atlas([file], folder=tmp_path)
