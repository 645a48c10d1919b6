"""A published model that draws: what it answers, refuses and says of itself."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from ganclf import contract
from ganclf.contract import IllustrationRequest
from ganclf.errors import ConfigError, ServerError
from ganclf.export.published_illustrator import PublishedIllustrator
from ganclf.generate import main as generate
from ganclf.train import main as train
from serving.client import Client
from serving.local import LocalServer

pytestmark = pytest.mark.timeout(600)
ASKED = [IllustrationRequest(text=text, seed=seed, candidates=count) for text, seed, count in
         (("box left off", 0, 1), ("tiny pole", 5, 4), ("zebra 斑马", 2, 1))]  # fmt: skip


def pixels_of(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data))).astype(int)


@pytest.fixture(scope="module")
def model(drawings) -> PublishedIllustrator:
    return PublishedIllustrator(drawings)


def test_a_text_becomes_a_picture_of_the_size_of_the_training_pictures(model):
    found = model.illustrate(ASKED)
    assert [pixels_of(each.png).shape for each in found] == [(16, 16)] * 3
    assert all(0.0 <= each.match <= 1.0 for each in found)
    assert pixels_of(found[0].png).std() > 10


def test_a_row_does_not_depend_on_the_others(model):
    assert model.illustrate(ASKED)[1] == model.illustrate(ASKED[1:2])[0]


def test_seeds_and_texts_change_the_picture(model):
    one, other, text = model.illustrate([
        IllustrationRequest(text="cross top"), IllustrationRequest(text="cross top", seed=1),
        IllustrationRequest(text="cross bottom"),
    ])  # fmt: skip
    assert one.png != other.png
    assert np.abs(pixels_of(one.png) - pixels_of(text.png)).mean() > 5


def test_more_candidates_match_no_worse(model):
    first, best = (
        model.illustrate([IllustrationRequest(text="frame right dot", candidates=count)])[0] for count in (1, 8)
    )
    assert best.match >= first.match


def test_floats_and_files_have_the_same_answer(model):
    signature = model._loaded.signatures[contract.PIXELS_SIGNATURE]
    found = signature(
        text=tf.constant([each.text for each in ASKED]), seed=tf.constant([each.seed for each in ASKED], tf.int64),
        candidates=tf.constant([each.candidates for each in ASKED]),
    )  # fmt: skip
    files = np.stack([pixels_of(each.png) for each in model.illustrate(ASKED)])
    assert np.abs(found[contract.PIXELS].numpy()[..., 0] * 255.0 - files).max() <= 0.51


@pytest.mark.parametrize(
    ("text", "candidates", "message"),
    [
        ("", 1, "a text is empty"),
        (" \n", 1, "a text is empty"),
        ("box " * 97, 1, "a text is too long"),
        ("box", 0, "candidates must be from 1 to 16"),
        ("box", 17, "candidates must be from 1 to 16"),
    ],
)
def test_what_can_not_be_answered_is_refused(model, text, candidates, message):
    with pytest.raises(ConfigError, match=message):
        model.illustrate([IllustrationRequest(text="box"), IllustrationRequest(text=text, candidates=candidates)][-1:])


def test_too_many_texts_are_refused(model):
    with pytest.raises(ConfigError, match="over 16 texts"):
        model.illustrate([IllustrationRequest(text="box")] * 17)


def test_a_server_gives_the_same_pictures_and_refuses_the_same_texts(drawings, model):
    with (
        LocalServer(model_name="drawings", base_path=drawings, port=0) as server,
        Client(server.address, model="drawings", timeout=120) as client,
    ):
        assert client.illustrate(ASKED, pictures_per_call=2) == model.illustrate(ASKED)
        with pytest.raises(ServerError, match="a text is empty") as refused:
            client.illustrate([IllustrationRequest(text="")])
        assert refused.value.code == "INVALID_ARGUMENT"


def test_the_command_draws_a_text_several_times_and_a_file_of_texts(drawings, tmp_path):
    folder = tmp_path / "drawn"
    assert generate(["--model", str(drawings), "--text", "box off", "--count", "3", "--output", str(folder)]) == 0
    with (folder / "drawings.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["file"] for row in rows] == ["1_box_off.png", "2_box_off.png", "3_box_off.png"]
    assert [row["seed"] for row in rows] == ["0", "1", "2"]
    assert generate(["--model", str(drawings), "--text", "box off", "--output", str(tmp_path / "one.png")]) == 0
    assert (tmp_path / "one.png").read_bytes() == (folder / "1_box_off.png").read_bytes()

    (tmp_path / "names.csv").write_text("text\nbox off\ncross\n", encoding="utf-8")
    assert generate(["--model", str(drawings), "--input", str(tmp_path / "names.csv"), "--text-column", "text",
                     "--output", str(tmp_path / "all")]) == 0  # fmt: skip
    assert sorted(file.name for file in (tmp_path / "all").glob("*.png")) == ["1_box_off.png", "2_cross.png"]


@pytest.mark.parametrize(
    "words",
    [
        ["--text", "box", "--count", "2", "--output", "a.png"],
        ["--text", "box", "--candidates", "17", "--output", "a.png"],
        ["--text", "box", "--temperature", "2", "--output", "a.png"],
    ],
)
def test_a_mistake_ends_with_2(drawings, words, capsys):
    assert generate(["--model", str(drawings), *words]) == 2
    assert capsys.readouterr().err.startswith("error: --")


def test_the_report_compares_the_nearest_name_and_says_that_pictures_are_in_the_model(drawings):
    extra = drawings / "1" / contract.ASSETS_EXTRA
    report = json.loads((extra / contract.REPORT_FILE).read_text(encoding="utf-8"))
    methods = [row["method"] for row in report["methods"]]
    assert {"nearest name", "mean picture", "published", "published, 1 of 8"} <= set(methods)
    for name in (contract.SHEET_FILE, contract.CURVES_PLOT_FILE, contract.HTML_REPORT_FILE):
        assert (extra / name).stat().st_size > 1000, name
    card = (extra / contract.MODEL_CARD_FILE).read_text(encoding="utf-8")
    assert "holds all 183 training pictures" in card
    warmup = (extra / contract.WARMUP_FILE).read_bytes()
    assert b"box" not in warmup


def test_pictures_without_texts_are_refused(table, tmp_path, capsys):
    assert train(["--task", "text-to-image", "--data", str(table.parent), "--output", str(tmp_path / "m")]) == 2
    assert "0 of 1" in capsys.readouterr().err
