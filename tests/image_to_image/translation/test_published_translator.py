"""A published translator: what it answers, refuses and says of itself."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
import tensorflow as tf
from drawn_pictures import bars, write_folder
from matplotlib import font_manager
from PIL import Image, ImageFont

from ganclf import contract
from ganclf.errors import ConfigError, ServerError
from ganclf.export.published_pictures import PublishedPictures
from ganclf.generate import main as generate
from ganclf.train import main as train
from serving.client import Client
from serving.local import LocalServer

pytestmark = pytest.mark.timeout(600)


def png(pixels: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def pixels_of(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data))).astype(int)


@pytest.fixture(scope="module")
def model(translator) -> PublishedPictures:
    return PublishedPictures(translator)


GIVEN = [png(picture[..., 0]) for picture in bars(3, 16, seed=7)]


def test_every_picture_comes_out_in_the_form_of_the_training(model):
    found = model.convert([GIVEN[0], png(np.full((9, 70), 200, np.uint8))], target="pale")
    assert [pixels_of(each).shape for each in found] == [(16, 16)] * 2


def test_the_target_chooses_the_direction_and_none_means_the_second_kind(model):
    pale, dark = (model.convert(GIVEN[:1], target=name)[0] for name in ("pale", "dark"))
    assert pale != dark
    assert model.convert(GIVEN[:1])[0] == pale


def test_a_row_does_not_depend_on_the_others_nor_on_their_targets(model):
    alone = [model.convert([GIVEN[2]], target=name)[0] for name in ("pale", "dark")]
    signature = model._loaded.signatures[contract.PREDICT_SIGNATURE]
    found = signature(png=tf.constant([GIVEN[2]] * 3), target=tf.constant(["pale", "dark", ""]))
    assert list(found[contract.PNG].numpy()) == [alone[0], alone[1], alone[0]]
    assert found[contract.KINDS].numpy().tolist() == [[b"dark", b"pale"]] * 3


def test_floats_and_files_have_the_same_answer(model):
    signature = model._loaded.signatures[contract.PIXELS_SIGNATURE]
    values = np.stack([pixels_of(each) for each in GIVEN])[..., np.newaxis].astype(np.float32) / 255.0
    found = signature(pixels=tf.constant(values), target=tf.constant([""] * 3))[contract.PIXELS].numpy()
    files = np.stack([pixels_of(each) for each in model.convert(GIVEN)])
    assert np.abs(found[..., 0] * 255.0 - files).max() <= 0.51
    with pytest.raises(tf.errors.InvalidArgumentError, match="give 0 to 1"):
        signature(pixels=tf.constant(values + 1.0), target=tf.constant([""] * 3))


@pytest.mark.parametrize(
    ("picture", "target", "message"),
    [
        (b"text", "", "none of PNG, JPEG, WebP, BMP"),
        (GIVEN[0], "cursive", "a target is unknown; give one of dark, pale"),
    ],
)
def test_what_can_not_be_answered_is_refused(model, picture, target, message):
    with pytest.raises(ConfigError, match=message):
        model.convert([picture], target=target)


def test_too_many_pictures_are_refused(model):
    with pytest.raises(ConfigError, match="over 16 pictures"):
        model.convert([GIVEN[0]] * 17)


def test_a_server_gives_the_same_pictures_to_the_client_and_the_command(translator, model, tmp_path, capsys):
    (tmp_path / "given.png").write_bytes(GIVEN[0])
    words = ["--input", str(tmp_path / "given.png"), "--target", "dark", "--output", str(tmp_path / "made.png")]
    with (
        LocalServer(model_name="translator", base_path=translator, port=0) as server,
        Client(server.address, model="translator", timeout=120) as client,
    ):
        assert client.convert(GIVEN, target="dark", pictures_per_call=2) == model.convert(GIVEN, target="dark")
        assert client.kinds(GIVEN[0]) == ("dark", "pale")
        with pytest.raises(ServerError, match="a target is unknown"):
            client.convert(GIVEN, target="cursive")
        named = ["--server", server.address, "--model-name", "translator"]
        assert generate([*named, *words]) == 0
        assert (tmp_path / "made.png").read_bytes() == model.convert(GIVEN[:1], target="dark")[0]
        assert generate([*named, *words, "--sharpness", "1"]) == 2
        assert "--sharpness: is not for this model" in capsys.readouterr().err


def test_the_command_writes_a_folder(translator, tmp_path):
    folder = write_folder(tmp_path / "given", bars(3))
    words = ["--model", str(translator), "--input", str(folder), "--output", str(tmp_path / "made")]
    assert generate(words) == 0
    assert sorted(file.name for file in (tmp_path / "made").iterdir()) == ["0000.png", "0001.png", "0002.png"]


def test_the_command_makes_a_typeface_that_can_be_opened(translator, tmp_path):
    font = font_manager.findfont("DejaVu Sans")  # it comes with Matplotlib
    words = ["--font-from", font, "--font-to", str(tmp_path / "type"), "--characters", "9", "--target", "dark"]
    assert generate(["--model", str(translator), *words]) == 0
    files = sorted(file.name for file in (tmp_path / "type").iterdir())
    assert len([name for name in files if name.startswith("U+") and name.endswith(".png")]) == 9
    character = chr(int(files[3][2:-4], 16))
    made = ImageFont.truetype(tmp_path / "type" / "DejaVuSans-dark.ttf", 40)
    assert made.getname() == ("DejaVu Sans dark", "Regular")
    assert made.getlength(character) == pytest.approx(ImageFont.truetype(font, 40).getlength(character), abs=1.0)
    assert made.getmask(character).getbbox() is not None


@pytest.mark.parametrize(
    "words",
    [
        ["--font-from", "a.ttf"],
        ["--font-from", "nowhere.ttf", "--font-to", "type"],
        ["--font-from", "a.ttf", "--font-to", "type", "--characters", "0"],
        ["--font-from", "a.ttf", "--font-to", "type", "--output", "b"],
    ],
)
def test_a_typeface_that_can_not_be_made_is_refused(translator, words, capsys):
    assert generate(["--model", str(translator), *words]) == 2
    assert capsys.readouterr().err.startswith("error: --")


def test_the_report_compares_both_directions_and_says_that_pairs_only_judge(translator):
    extra = translator / "1" / contract.ASSETS_EXTRA
    report = json.loads((extra / contract.REPORT_FILE).read_text(encoding="utf-8"))
    methods = {"copy", "shift", "morphology", "this model", "real pictures, half beside half"}
    for direction in ("dark → pale", "pale → dark"):
        rows = {row["method"]: row for row in report["methods"] if row["direction"] == direction}
        assert set(rows) == methods
        assert {"psnr", "ssim", "iou", "cycle", "patch_frechet"} < set(rows["this model"])
        assert rows["copy"]["change"] == 0.0
    for name in (contract.SHEET_FILE, contract.CURVES_PLOT_FILE, contract.HTML_REPORT_FILE):
        assert (extra / name).stat().st_size > 1000, name
    card = (extra / contract.MODEL_CARD_FILE).read_text(encoding="utf-8")
    assert "No pair was learned from" in card
    assert "made up" in card


def test_one_kind_alone_is_refused(two_kinds, tmp_path, capsys):
    words = ["--task", "image-to-image", "--data", str(two_kinds[0]), "--output", str(tmp_path / "m")]
    assert train(words) == 2
    assert "two kinds of pictures are needed" in capsys.readouterr().err
