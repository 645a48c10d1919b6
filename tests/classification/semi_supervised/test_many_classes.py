"""Above 1,000 classes training takes the plain path: it says so, and it learns."""

import json

import numpy as np
import pytest

from ganclf import contract
from ganclf.classification.pipeline import run
from ganclf.classification.semi_supervised.many_classes import OMISSIONS, DiscriminantModel, has_many_classes
from ganclf.classification.semi_supervised.reliability import plain_teacher
from ganclf.config import DataConfig, EncoderConfig, GameConfig, RunConfig

CLASSES = 1100


def _rows(classes, size=64, noise=0.5):
    generator = np.random.default_rng(0)
    labels = np.repeat(np.arange(classes), 2)
    centers = generator.normal(size=(classes, size))
    return (centers[labels] + noise * generator.normal(size=(len(labels), size))).astype(np.float32), labels


def test_up_to_a_thousand_classes_nothing_changes():
    assert not has_many_classes(1000)
    assert has_many_classes(1001)


@pytest.mark.parametrize("labels_per_class", [1, 2])
def test_discriminant_model_predicts_new_rows(labels_per_class):
    X, y = _rows(300)
    train = slice(None, None, 2)
    given = X[train] if labels_per_class == 1 else np.concatenate([X[train], X[train] + 0.1])
    model = DiscriminantModel().fit(given, np.tile(y[train], labels_per_class))

    assert (model.predict(X[1::2]) == y[1::2]).mean() > 0.9
    np.testing.assert_allclose(model.predict_proba(X).sum(axis=1), 1.0, rtol=1e-4)


def test_plain_teacher_is_as_confident_as_expected():
    X, y = _rows(CLASSES)
    teacher = plain_teacher(X, DiscriminantModel().fit(X, y), 0.6)

    assert teacher.dtype == np.float16
    assert teacher.shape == (len(X), CLASSES)
    assert float(teacher.max(axis=1).mean()) == pytest.approx(0.6, abs=0.05)


def test_training_says_what_is_left_out_and_learns(tmp_path):
    generator = np.random.default_rng(0)
    words = [f"{first}{second}{third}" for first in "bdfgk" for second in "aeiou" for third in ("ra", "lo", "mi", "tu")]
    names = sorted({" ".join(generator.choice(words, 3, replace=False)) for _ in range(2 * CLASSES)})[:CLASSES]
    lines = [f"{name} {generator.choice(words)},{name}" for name in names for _ in range(2)]
    file = tmp_path / "many.csv"
    file.write_text("text,label\n" + "\n".join([*lines, *(f"{name}," for name in names[:50])]) + "\n", encoding="utf-8")

    output = RunConfig(output=tmp_path / "model", compare="none")
    folder = run(DataConfig(data=(file,)), EncoderConfig(), GameConfig(steps=5), output)

    extra = folder / contract.ASSETS_EXTRA
    report = json.loads((extra / contract.REPORT_FILE).read_text(encoding="utf-8"))
    assert report["notes"] == list(OMISSIONS)
    assert report["evaluation"]["kind"] == "hold_out"
    assert report["results"]["published"]["accuracy"] > 0.3  # chance is 0.001
    card = (extra / contract.MODEL_CARD_FILE).read_text(encoding="utf-8")
    assert all(sentence in card for sentence in OMISSIONS)
