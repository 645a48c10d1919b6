"""A published model that draws: what it answers, refuses and says of itself."""

from __future__ import annotations

import io
import json
import signal
import time
import zipfile

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from ganclf import contract
from ganclf.contract import PictureRequest
from ganclf.errors import ConfigError, ServerError
from ganclf.export.published_drawings import PublishedDrawings
from ganclf.generate import main as generate
from ganclf.train import main as train
from serving.client import Client
from serving.local import LocalServer

pytestmark = pytest.mark.timeout(600)


def pixels_of(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png))).astype(int)


@pytest.fixture(scope="module")
def model(drawer) -> PublishedDrawings:
    return PublishedDrawings(drawer)


def test_a_seed_gives_the_same_picture_whatever_else_is_asked(model):
    rows = [PictureRequest(seed=seed, label="light") for seed in (5, -1, 2**62)]
    together, alone = model.draw(rows), [model.draw([row])[0] for row in rows]
    assert [each.png for each in together] == [each.png for each in alone]
    assert len({each.png for each in together}) == 3
    assert pixels_of(together[0].png).shape == (16, 16)


def test_no_label_is_any_and_the_labels_are_told(model):
    found = model.draw([PictureRequest(seed=seed) for seed in range(40)])
    assert {each.label for each in found} == {"dark", "light"}
    assert found[0].classes == ("dark", "light")
    asked = model.draw([PictureRequest(seed=3, label="dark"), PictureRequest(seed=3, label="light")])
    assert [each.label for each in asked] == ["dark", "light"]
    assert asked[0].png != asked[1].png


def test_truncation_leads_to_one_picture(model):
    usual = model.draw([PictureRequest(seed=seed, label="dark", truncation=0.0) for seed in range(3)])
    assert len({each.png for each in usual}) == 1
    whole, half = (
        np.stack([
            pixels_of(each.png)
            for each in model.draw([PictureRequest(seed=s, label="dark", truncation=truncation) for s in range(16)])
        ])
        for truncation in (1.0, 0.5)
    )  # fmt: skip
    assert half.std(axis=0).mean() < whole.std(axis=0).mean()


def test_floats_and_files_have_the_same_answer(model):
    signature = model._loaded.signatures[contract.PIXELS_SIGNATURE]
    found = signature(label=tf.constant(["dark"] * 3), seed=tf.range(3, dtype=tf.int64), truncation=tf.ones([3]))
    files = [pixels_of(each.png) for each in model.draw([PictureRequest(seed=s, label="dark") for s in range(3)])]
    assert np.abs(found[contract.PIXELS].numpy()[..., 0] * 255.0 - np.stack(files)).max() <= 0.51


def test_a_request_for_nothing_gets_nothing(model):
    answers = model._signature(
        label=tf.zeros([0], tf.string), seed=tf.zeros([0], tf.int64), truncation=tf.zeros([0], tf.float32)
    )  # fmt: skip
    assert answers[contract.PNG].shape == (0,)


REFUSED = [
    (PictureRequest(label="other"), "unknown label; labels are dark, light"),
    (PictureRequest(truncation=1.5), "truncation is out of range; give 0 to 1"),
    (PictureRequest(truncation=-0.1), "give 0 to 1"),
    (PictureRequest(truncation=float("nan")), "give 0 to 1"),
]


@pytest.mark.parametrize(("row", "message"), REFUSED)
def test_what_can_not_be_answered_is_refused(model, row, message):
    with pytest.raises(ConfigError, match=message):
        model.draw([row])


def test_too_many_pictures_are_refused(model):
    with pytest.raises(ConfigError, match=f"over {contract.MAX_DRAWN} pictures"):
        model.draw([PictureRequest()] * (contract.MAX_DRAWN + 1))


def test_a_server_gives_the_same_pictures_soon_and_refuses_the_same(drawer, model):
    rows = [PictureRequest(seed=seed, label="light", truncation=0.7) for seed in range(5)]
    with (
        LocalServer(model_name="drawer", base_path=drawer, port=0) as server,
        Client(server.address, model="drawer", timeout=120) as client,
    ):
        assert client.draw(rows, pictures_per_call=2) == model.draw(rows)
        start = time.perf_counter()
        client.draw(rows[:1])
        assert time.perf_counter() - start < 3.0  # a tenth of it on a machine that does nothing else
        for row, message in REFUSED[:2]:
            with pytest.raises(ServerError, match=message) as refused:
                client.draw([row])
            assert refused.value.code == "INVALID_ARGUMENT"


def test_the_command_writes_a_folder_a_zip_and_one_picture(drawer, tmp_path, capsys):
    words = ["--model", str(drawer), "--label", "dark", "--seed", "7"]
    assert generate([*words, "--count", "3", "--output", str(tmp_path / "drawn")]) == 0
    names = ["000007_dark.png", "000008_dark.png", "000009_dark.png"]
    assert sorted(file.name for file in (tmp_path / "drawn").iterdir()) == names
    assert generate([*words, "--count", "3", "--output", str(tmp_path / "drawn.zip")]) == 0
    with zipfile.ZipFile(tmp_path / "drawn.zip") as archive:
        assert archive.namelist() == names
        assert archive.read(names[1]) == (tmp_path / "drawn" / names[1]).read_bytes()
    assert generate([*words, "--count", "1", "--truncation", "1", "--output", str(tmp_path / "one.png")]) == 0
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "drawn" / names[0]).read_bytes()
    assert "made by a machine" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["--truncation", "2", "--output", "drawn"],
        ["--count", "0", "--output", "drawn"],
        ["--count", "10001", "--output", "drawn"],
        ["--seed", "-1", "--output", "drawn"],
        ["--truncation", "1"],
        ["--truncation", "1", "--output", "a.jpg"],
        ["--count", "2", "--output", "a.png"],
        ["--temperature", "2", "--output", "drawn"],
    ],
)
def test_a_mistake_ends_with_2(drawer, words, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert generate(["--model", str(drawer), *words]) == 2
    assert capsys.readouterr().err.startswith("error: --")
    assert not list(tmp_path.iterdir())


def test_the_report_compares_real_pictures_the_model_and_baselines(drawer):
    extra = drawer / "1" / contract.ASSETS_EXTRA
    report = json.loads((extra / contract.REPORT_FILE).read_text(encoding="utf-8"))
    rows = {row["method"]: row for row in report["methods"]}
    assert set(rows) >= {"real training pictures", "this model", "variational autoencoder", "principal components"}
    assert rows["real training pictures"]["frechet"] < rows["this model"]["frechet"]
    assert report["memorization"]["ratio"] > 0.0
    assert report["data"]["labels"].keys() == {"dark", "light"}
    assert report["augmented"]
    for name in (
        contract.SHEET_FILE, contract.INTERPOLATION_FILE, contract.CURVES_PLOT_FILE, contract.HTML_REPORT_FILE,
        *report["sample_grids"].values(),
    ):  # fmt: skip
        assert (extra / name).stat().st_size > 1000, name
    assert list(report["sample_grids"]) == ["6", "12"]
    assert "made by a machine" in (extra / contract.MODEL_CARD_FILE).read_text(encoding="utf-8")


def test_pictures_of_which_some_have_no_label_are_refused(labeled_pictures, tmp_path, capsys):
    table = tmp_path / "table.csv"
    files = sorted(labeled_pictures.rglob("*.png"))
    lines = [f"{file.relative_to(labeled_pictures)},{file.parent.name if row % 2 else ''}"
             for row, file in enumerate(files)]  # fmt: skip
    table.write_text("\n".join(["file,label", *lines]), encoding="utf-8")
    words = ["--task", "image-generation", "--data", str(table), "--images", str(labeled_pictures)]
    assert train([*words, "--output", str(tmp_path / "m")]) == 2
    assert "have no label, and others have one" in capsys.readouterr().err


def test_control_c_ends_a_training_that_can_go_on(start, labeled_pictures, tmp_path):
    words = ["--task", "image-generation", "--data", labeled_pictures, "--output", tmp_path / "m", "--width", "4",
             "--batch-size", "8", "--steps", "100000", "--steps-per-report", "5"]  # fmt: skip
    process = start("-m", "ganclf.train", *words)
    sheet = tmp_path / "m" / ".training" / "features.npz"
    deadline = time.monotonic() + 300.0
    while not sheet.is_file() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    errors = process.communicate()[1]
    assert process.returncode == 130, errors[-2000:]
    assert "Traceback" not in errors
    assert sheet.is_file()
    assert not list((tmp_path / "m").glob("[0-9]*"))
