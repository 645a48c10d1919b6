"""The command that saves texts as an image."""

import numpy as np
import pytest
from PIL import Image

from ganclf.rendering import __main__ as command
from ganclf.rendering import atlas as atlas_module

pytest.importorskip("noto_cjk_sans_otc", reason="needs the extra `glyph`")


@pytest.fixture(autouse=True)
def _few_characters(monkeypatch, tmp_path):
    monkeypatch.setattr(atlas_module, "assigned_code_points", lambda: tuple(map(ord, "abc中国")))
    monkeypatch.setenv("GANCLF_CACHE", str(tmp_path / "cache"))


def test_texts_are_rendered_one_below_the_other(tmp_path, capsys):
    file = tmp_path / "image.png"
    arguments = ["中国", "abca", "--output", str(file), "--columns", "3", "--scale", "1", "--glyph-pixels", "20"]
    assert command.main(arguments) == 0
    image = np.asarray(Image.open(file))
    assert image.shape == (3 * 20, 3 * 20)  # one row, and two
    assert image[:20, :40].min() < 100
    assert (image[:20, 40:] == 255).all()
    assert "0.00 %" in capsys.readouterr().out


def test_the_share_of_missing_glyphs_is_printed(tmp_path, capsys):
    assert command.main(["ab\ue000\ue001", "--output", str(tmp_path / "image.png")]) == 0
    assert "50.00 %" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["a"] * 201, "1 to 200"),
        (["a", "--columns", "0"], "--columns"),
        (["a", "--font", "missing.ttf"], "missing.ttf"),
    ],
)
def test_a_mistake_ends_in_one_sentence_and_code_2(arguments, message, capsys, tmp_path):
    assert command.main([*arguments, "--output", str(tmp_path / "image.png")]) == 2
    assert message in capsys.readouterr().err
