"""A published enlarger: what it answers, refuses and says of itself."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
import tensorflow as tf
from drawn_pictures import bars, write_folder
from PIL import Image

from ganclf import contract
from ganclf.errors import ConfigError
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
def model(enlarger) -> PublishedPictures:
    return PublishedPictures(enlarger)


SMALL = [png(bars(1, 12, seed)[0, ..., 0]) for seed in range(3)]


def test_a_picture_of_any_size_becomes_twice_as_large(model):
    found = model.convert([SMALL[0], png(np.zeros((9, 70), np.uint8))], 0.5)
    assert [pixels_of(each).shape for each in found] == [(24, 24), (18, 140)]


def test_sharpness_lies_between_two_networks(model):
    plain, half, sharp = (pixels_of(model.convert(SMALL[:1], sharpness)[0]) for sharpness in (0.0, 0.5, 1.0))
    assert np.abs(plain - sharp).max() > 0
    assert np.abs(2 * half - plain - sharp).max() <= max(8, np.abs(plain - sharp).max())


def test_a_row_does_not_depend_on_the_others(model):
    assert model.convert(SMALL, 1.0)[2] == model.convert(SMALL[2:], 1.0)[0]


def test_floats_and_files_have_the_same_answer(model):
    signature = model._loaded.signatures[contract.PIXELS_SIGNATURE]
    values = np.stack([pixels_of(each) for each in SMALL])[..., np.newaxis].astype(np.float32) / 255.0
    found = signature(pixels=tf.constant(values), sharpness=tf.zeros([3]))[contract.PIXELS].numpy()
    files = np.stack([pixels_of(each) for each in model.convert(SMALL, 0.0)])
    assert np.abs(found[..., 0] * 255.0 - files).max() <= 0.51


@pytest.mark.parametrize(
    ("picture", "sharpness", "message"),
    [
        (b"text", 0.5, "none of PNG, JPEG, WebP, BMP"),
        (SMALL[0], 1.5, "give 0 to 1"),
        (SMALL[0], float("nan"), "give 0 to 1"),
        (png(np.zeros((1, 1025), np.uint8)), 0.5, "larger than 1024 pixels"),
    ],
)
def test_what_can_not_be_answered_is_refused(model, picture, sharpness, message):
    with pytest.raises(ConfigError, match=message):
        model.convert([picture], sharpness)


def test_too_many_pictures_are_refused(model):
    with pytest.raises(ConfigError, match="over 16 pictures"):
        model.convert([SMALL[0]] * 17)


def test_a_server_gives_the_same_pictures(enlarger, model):
    with (
        LocalServer(model_name="enlarger", base_path=enlarger, port=0) as server,
        Client(server.address, model="enlarger", timeout=120) as client,
    ):
        assert client.convert(SMALL, 0.5, pictures_per_call=2) == model.convert(SMALL, 0.5)


def test_the_command_writes_a_picture_and_a_folder(enlarger, tmp_path, capsys):
    folder = write_folder(tmp_path / "small", bars(3, 12))
    assert generate(["--model", str(enlarger), "--input", str(folder / "0001.png"), "--output",
                     str(tmp_path / "large.png")]) == 0  # fmt: skip
    assert generate(["--model", str(enlarger), "--input", str(folder), "--output", str(tmp_path / "large")]) == 0
    assert sorted(file.name for file in (tmp_path / "large").iterdir()) == ["0000.png", "0001.png", "0002.png"]
    assert (tmp_path / "large" / "0001.png").read_bytes() == (tmp_path / "large.png").read_bytes()


@pytest.mark.parametrize(
    "words",
    [
        ["--input", "nowhere.png", "--output", "a.png"],
        ["--input", "{small}", "--output", "a.jpg"],
        ["--input", "{small}", "--sharpness", "2", "--output", "a.png"],
        ["--input", "{small}"],
        ["--input", "{small}", "--label", "x", "--output", "a.png"],
    ],
)
def test_a_mistake_ends_with_2(enlarger, words, tmp_path, capsys):
    (tmp_path / "small.png").write_bytes(SMALL[0])
    given = [word.replace("{small}", str(tmp_path / "small.png")) for word in words]
    assert generate(["--model", str(enlarger), *given]) == 2
    assert capsys.readouterr().err.startswith("error: --")


def test_the_report_compares_filters_and_both_networks(enlarger):
    extra = enlarger / "1" / contract.ASSETS_EXTRA
    report = json.loads((extra / contract.REPORT_FILE).read_text(encoding="utf-8"))
    methods = [row["method"] for row in report["methods"]]
    assert {"bicubic", "bicubic, with a contrast curve", "sharpness 0", "sharpness 1"} < set(methods)
    for name in (contract.SHEET_FILE, contract.TRADE_PLOT_FILE, contract.CURVES_PLOT_FILE, contract.HTML_REPORT_FILE):
        assert (extra / name).stat().st_size > 1000, name
    assert "made up" in (extra / contract.MODEL_CARD_FILE).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--size", "20"], "--size 20: give a multiple of 8"),
        (["--size", "16", "--scale", "4"], "learned from 4"),
        (["--background", "blue"], "--background blue"),
    ],
)
def test_options_that_have_no_meaning_are_refused(pictures, tmp_path, capsys, words, message):
    assert train(["--task", "super-resolution", "--data", str(pictures), "--output", str(tmp_path / "m"), *words]) == 2
    assert message in capsys.readouterr().err
    assert not list((tmp_path / "m").glob("[0-9]*")) if (tmp_path / "m").exists() else True
