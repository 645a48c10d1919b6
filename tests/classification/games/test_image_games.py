"""Games on images: every game, loss and penalty trains, on two devices as on one, with sample grids."""

import json

import numpy as np
import pytest
import tensorflow as tf

from ganclf.adversarial.loss_pairs import LOSS_PAIRS
from ganclf.adversarial.penalties import PENALTIES
from ganclf.classification.games.sample_grids import GAP, GENERATED_IMAGES, MAX_GRIDS, make_sample_grid
from ganclf.classification.games.training import GAMES, predict_log_proba, train_gan
from ganclf.config import GameConfig
from ganclf.data.rows import EncodedTexts
from ganclf.rendering.text_images import GLYPH_SIZE

CHARACTERS = 3
ROWS = """
import numpy as np
from ganclf.data.rows import UNLABELED, EncodedTexts, TextImages
random = np.random.default_rng(0)
glyphs = (255 * (random.random((7, 16, 16)) < 0.2)).astype(np.uint8)
glyphs[0] = 0
labels = np.where(np.arange(24) < 6, np.arange(24) % 2, UNLABELED)
ROWS = EncodedTexts(np.eye(24, 5, dtype="f"), TextImages(random.integers(0, 7, (24, 3)).astype(np.int32), glyphs))
GIVEN = (ROWS, labels, random.dirichlet([1, 1], 24))
SMALL = dict(space="image", width=4, channels=2, latent_size=3, batch_size=8, labeled_batch_size=4, steps=3)
"""
TWO_DEVICES = f"""
import json
import tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
tf.config.run_functions_eagerly(True)
{ROWS}
from ganclf.config import GameConfig
from ganclf.classification.games.training import predict_log_proba, train_gan
result = train_gan(*GIVEN, GameConfig(**SMALL | {{"steps": 2, "channels": 1}}))
devices = len(tf.config.list_logical_devices("CPU"))
print(json.dumps([devices, predict_log_proba(result.network, ROWS).tolist(), result.history]))
"""
given: dict = {}
exec(ROWS, given)


def train(tensorboard=None, **options):
    return train_gan(*given["GIVEN"], GameConfig(**given["SMALL"] | options), tensorboard=tensorboard)


@pytest.mark.parametrize("game", list(GAMES))
def test_every_game_trains_on_images(game):
    result = train(game=game)
    assert result.collapse is None
    assert all(np.isfinite(losses).all() for losses in result.history.values())
    log_proba = predict_log_proba(result.network, given["ROWS"])
    assert log_proba.shape == (24, 2)
    np.testing.assert_allclose(np.exp(log_proba).sum(axis=1), 1.0, rtol=1e-5)
    assert len(result.sample_grids) == (game != "off")


@pytest.mark.parametrize("options", [
    {"adversarial_loss": name, "penalty": penalty, "fooling_weight": 1.0}
    for name, penalty in zip(LOSS_PAIRS, [*PENALTIES, "gradient"], strict=True)
] + [{"virtual_adversarial_weight": 1.0, "instance_noise": 0.5, "minibatch_kernels": 3, "historical_weight": 0.01}],
    ids=lambda options: next(iter(options.values())))  # fmt: skip
@pytest.mark.usefixtures("eagerly")
def test_every_loss_and_penalty_works_on_images(options):
    result = train(steps=2, **options)
    assert all(np.isfinite(losses).all() for losses in result.history.values())


@pytest.mark.usefixtures("eagerly")
def test_two_replicas_train_what_one_trains(start):
    process = start("-c", TWO_DEVICES)  # devices are fixed in a process: two need another
    result = train(steps=2, channels=1)
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err[-2000:]
    devices, log_proba, history = json.loads(out.splitlines()[-1])
    assert devices == 2
    np.testing.assert_allclose(predict_log_proba(result.network, given["ROWS"]), log_proba, atol=2e-3)
    for name, losses in result.history.items():
        np.testing.assert_allclose(losses, history[name], rtol=2e-3)


def test_a_sample_grid_is_made_every_few_reports_and_at_the_end_and_no_more_than_a_report_holds(tmp_path):
    grids = train(
        steps=25 * MAX_GRIDS + 30, batch_size=2, labeled_batch_size=2, channels=1, tensorboard=tmp_path
    ).sample_grids
    assert [grid.step for grid in grids] == [50, 100, 150, 200, 250]
    assert {grid.pixels.shape for grid in grids} == {grids[0].pixels.shape}
    assert grids[0].pixels.shape[1] == GLYPH_SIZE * CHARACTERS + 2 * GAP
    assert (grids[0].pixels != grids[-1].pixels).any()
    logged = [
        value.tag
        for file in (tmp_path / "k+1-seed0" / "sample_grids").iterdir()
        for event in tf.compat.v1.train.summary_iterator(str(file))
        for value in event.summary.value
    ]
    assert len(logged) == len(grids)


def test_a_sample_grid_is_black_on_white_with_real_images_above_generated_ones():
    ink, paper = (tf.fill([rows, 256], value / 16.0) for rows, value in ((2, 1.0), (GENERATED_IMAGES, -1.0)))
    grid = make_sample_grid(ink, paper)
    assert grid.shape == (2 * GAP + (GLYPH_SIZE + GAP) * (2 + GENERATED_IMAGES) + 2 * GAP + 1, GLYPH_SIZE + 2 * GAP)
    assert (grid[2 * GAP : 2 * GAP + GLYPH_SIZE, GAP:-GAP] == 0).all()
    below = grid[2 * GAP + 2 * (GLYPH_SIZE + GAP) + 1 :]
    assert (below == 255).all()


def test_encoded_texts_are_indexed_like_arrays():
    rows: EncodedTexts = given["ROWS"]
    part = rows[np.array([3, 1])]
    assert len(part) == 2
    np.testing.assert_array_equal(part.images.glyph_ids, rows.images.glyph_ids[[3, 1]])
    np.testing.assert_array_equal(part.features, rows.features[[3, 1]])
    assert rows.input_size == 256 * CHARACTERS
    assert EncodedTexts(rows.features).input_size == 5
