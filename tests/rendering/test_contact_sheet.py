"""The command that draws texts."""

import numpy as np
import pytest
from PIL import Image

from ganclf.rendering import __main__ as command
from ganclf.rendering import atlas as atlas_module

pytest.importorskip("noto_cjk_sans_otc", reason="needs the extra `glyph`")


@pytest.fixture(autouse=True)
def _few_characters(monkeypatch, tmp_path):
    monkeypatch.setattr(atlas_module, "drawable", lambda: tuple(map(ord, "abc中国")))
    monkeypatch.setenv("GANCLF_CACHE", str(tmp_path / "cache"))


def test_texts_are_drawn_below_each_other(tmp_path, capsys):
    file = tmp_path / "sheet.png"
    asked = ["中国", "abca", "--output", str(file), "--columns", "3", "--scale", "1", "--glyph-pixels", "20"]
    assert command.main(asked) == 0
    sheet = np.asarray(Image.open(file))
    assert sheet.shape == (3 * 20, 3 * 20)  # one row, and two
    assert sheet[:20, :40].min() < 100
    assert (sheet[:20, 40:] == 255).all()
    assert "0.00 %" in capsys.readouterr().out


def test_the_share_of_missing_glyphs_is_told(tmp_path, capsys):
    assert command.main(["ab\ue000\ue001", "--output", str(tmp_path / "sheet.png")]) == 0
    assert "50.00 %" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (["a"] * 201, "1 to 200"),
        (["a", "--columns", "0"], "--columns"),
        (["a", "--font", "missing.ttf"], "missing.ttf"),
    ],
)
def test_a_mistake_is_a_sentence(asked, message, capsys, tmp_path):
    assert command.main([*asked, "--output", str(tmp_path / "sheet.png")]) == 2
    assert message in capsys.readouterr().err
