"""The game in pixels through the estimator and the command: raw strings in, rendered in the served graph."""

import json

import numpy as np
import pytest
from PIL import Image
from weather import LABELS, TEXTS

from ganclf import GANClassifier, contract
from ganclf.classification.games.training import with_batch_size
from ganclf.config import GameConfig
from ganclf.data.rows import EncodedTexts, TextImages
from ganclf.errors import ConfigError
from ganclf.train import main

pytest.importorskip("noto_cjk_sans_otc", reason="needs the extra `glyph`")
STRANGE = ["", "这 is 一\x00", "x" * 500, "\U0001f600"]


@pytest.fixture(scope="module")
def fitted(tiny):
    return GANClassifier(**tiny, space="image", channels=2, image_characters=6).fit(TEXTS, LABELS)


def test_what_is_published_answers_strings_as_the_fitted_one_does(fitted, tmp_path):
    loaded = GANClassifier.load(fitted.save(tmp_path / "pixels"))
    for texts in (TEXTS, STRANGE):
        np.testing.assert_allclose(loaded.predict_proba(texts), fitted.predict_proba(texts), atol=1e-4)
    probabilities, in_scope = loaded.model_.answers(TEXTS)
    assert probabilities.sum(axis=1) == pytest.approx(1.0, abs=1e-5)
    assert ((in_scope >= 0) & (in_scope <= 1)).all()
    assert loaded.get_params()["space"] == "image"


def test_the_game_looks_at_the_picture_and_the_linear_model_at_features(fitted):
    rows = fitted.encoder_.transform(TEXTS)
    blank = EncodedTexts(rows.features, TextImages(np.zeros_like(rows.images.glyph_ids), rows.images.glyphs))
    assert np.abs(fitted.game_probabilities(rows) - fitted.game_probabilities(blank)).max() > 1e-6
    assert np.ptp(fitted.game_probabilities(blank), axis=0).max() < 1e-5
    assert np.array_equal(
        fitted.ensemble_.linear.predict(rows.features), fitted.ensemble_.linear.predict(blank.features)
    )


def test_batches_are_smaller_on_pictures_unless_asked():
    assert (with_batch_size(GameConfig(), 30).batch_size, GameConfig(space="image").batch_size) == (256, 64)
    assert GameConfig(space="image", batch_size=128).batch_size == 128
    with pytest.raises(ConfigError, match="--batch-size"):
        GameConfig(batch_size=1)


def test_the_command_trains_in_pixels_and_reports_sheets_and_disguises(tmp_path, capsys):
    rows, asked = tmp_path / "rows.csv", tmp_path / "asked.csv"
    lines = [f"{text},{label or ''}\n" for text, label in zip(TEXTS, LABELS, strict=True)]
    rows.write_text("text,label\n" + "".join(lines), encoding="utf-8")
    asked.write_text("text,label\nbad awful storm,rain\nfine nice sunshine,sun\n", encoding="utf-8")
    options = f"--data {rows} --test {asked} --space image --steps 3 --size 4 --width 8 --channels 2 --homoglyphs 0.2"
    options += " --compare none --calibration none"
    assert main(["--output", str(tmp_path / "model"), *options.split()]) == 0
    extra = tmp_path / "model" / "1" / contract.ASSETS_EXTRA
    report = json.loads((extra / contract.REPORT_FILE).read_text(encoding="utf-8"))
    assert report["configuration"]["space"] == "image"
    assert report["configuration"]["batch_size"] == 64
    assert report["sample_grids"] == ["sample_grids/step_000003.png"]
    pixels = np.asarray(Image.open(extra / report["sample_grids"][0]))
    assert pixels.shape[1] > 2 * 16 * report["configuration"]["image_characters"]
    assert 0.01 < (pixels < 100).mean() < 0.95
    card = (extra / contract.MODEL_CARD_FILE).read_text(encoding="utf-8")
    assert report["sample_grids"][0] in card
    assert {kind: figures["rate"] for kind, figures in report["robustness"]["published"].items()} == {
        "homoglyph": 0.2,
        "leet": 0.2,
    }
    assert "look-alike characters, 20 %" in card
    assert "leetspeak" in capsys.readouterr().out


def test_training_may_see_disguised_texts(tiny):
    plain, disguised = (GANClassifier(**tiny, homoglyph_training=share) for share in (0.0, 0.9))
    assert np.abs(plain.encode(TEXTS).features - disguised.encode(TEXTS).features).max() > 1e-3


def test_pictures_keep_the_views_of_the_features(tiny):
    rows = GANClassifier(**tiny, space="image", channels=2, image_characters=6).encode(TEXTS)
    assert rows.images is not None
    assert [view.name for view in rows.views] == ["ngram"]
    assert rows.name_templates
    part = rows[np.arange(2)]
    assert np.shares_memory(part.views[0].features, part.features)
