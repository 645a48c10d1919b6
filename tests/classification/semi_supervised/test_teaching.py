"""Views form opinions, the opinions are joined by how reliable they are, and a pupil learns them."""

from __future__ import annotations

import numpy as np
import pytest

from ganclf.classification.semi_supervised.label_names import (
    CHINESE,
    ENGLISH,
    NEUTRAL,
    ClassNames,
    are_names,
    as_words,
    class_names,
    means_something,
    templates_for,
)
from ganclf.classification.semi_supervised.pupil import SHARES, fit_pupil, surest
from ganclf.classification.semi_supervised.spectral_prior import fit_linear
from ganclf.classification.semi_supervised.teaching import fit_teaching, mean_weight, shares_of, teach_part
from ganclf.config import GameConfig
from ganclf.data.rows import UNLABELED, EncodedTexts, View
from ganclf.errors import DataError

TEXTS, CLASSES, SIZE = 400, 4, 12
TRUTH = np.arange(TEXTS) % CLASSES
CONFIG = GameConfig(seed=0)


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def view(name: str, noise: float, seed: int) -> View:
    """Texts around the axes of their classes: the more noise, the less an encoder knows."""
    generator = np.random.default_rng(seed)
    return View(name, unit(np.eye(SIZE)[TRUTH] + noise * generator.normal(size=(TEXTS, SIZE))))


def rows_of(*views: View) -> EncodedTexts:
    return EncodedTexts(unit(np.concatenate([each.features for each in views], axis=1)), views=views)


def labels(per_class: int) -> np.ndarray:
    found = np.full(TEXTS, UNLABELED)
    found[: per_class * CLASSES] = TRUTH[: per_class * CLASSES]
    return found


def accuracy(probabilities: np.ndarray) -> float:
    return float((probabilities.argmax(axis=1) == TRUTH).mean())


def taught(rows: EncodedTexts, y: np.ndarray, names: ClassNames | None = None, config: GameConfig = CONFIG):
    return fit_teaching(rows, y, fit_linear(rows.features, y, 0), config, names)


def test_the_view_that_halves_of_the_labels_agree_on_has_the_larger_share():
    teaching = taught(rows_of(view("good", 0.25, 0), view("weak", 2.0, 1)), labels(5))
    good, weak = teaching.opinions
    assert good.share > 3 * weak.share
    assert good.share + weak.share == pytest.approx(1.0)
    assert "good" in teaching.sentence()
    assert "weak" in teaching.sentence()
    assert teaching.reliability.expected == good.reliability.expected


def test_two_independent_views_teach_better_than_each_of_them():
    first, second = view("first", 0.6, 0), view("second", 0.6, 1)
    alone = [accuracy(taught(EncodedTexts(each.features), labels(3)).reliability.teacher) for each in (first, second)]
    both = taught(rows_of(first, second), labels(3))
    assert accuracy(both.reliability.teacher) > max(alone) + 0.02
    assert both.pupil is not None
    assert accuracy(both.pupil.predict_proba(rows_of(first, second).features)) > max(alone)


def test_a_view_that_only_teaches_is_no_part_of_the_features():
    weak, strong = view("ngram", 1.2, 0), view("teacher", 0.3, 1)
    rows = EncodedTexts(weak.features, views=(weak, strong))
    helped, alone = taught(rows, labels(3)), taught(EncodedTexts(weak.features), labels(3))
    assert helped.pupil is not None
    assert helped.pupil.coef_.shape == (CLASSES, SIZE)
    assert accuracy(helped.reliability.teacher) > accuracy(alone.reliability.teacher)


def test_a_part_of_the_labels_is_taught_with_the_shares_of_all():
    rows = rows_of(view("a", 0.4, 0), view("b", 0.8, 1))
    y = labels(4)
    teaching = taught(rows, y)
    half = y.copy()
    half[: 2 * CLASSES] = UNLABELED
    teacher, pupil = teach_part(rows, half, fit_linear(rows.features, half, 0), teaching, CONFIG)
    assert teacher.shape == (TEXTS, CLASSES)
    assert teacher.dtype == np.float32
    np.testing.assert_allclose(teacher.sum(axis=1), 1.0, atol=1e-5)
    assert accuracy(teacher) > 0.8
    assert pupil is not None


def test_the_same_seed_teaches_the_same():
    rows = rows_of(view("a", 0.5, 0), view("b", 0.9, 1))
    one, other = (taught(rows, labels(3)).reliability.teacher for _ in range(2))
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("share", SHARES)
def test_the_surest_rows_of_each_predicted_class_are_chosen(share):
    probabilities = np.random.default_rng(0).dirichlet(np.ones(3), size=300)
    chosen, predicted = surest(probabilities, share), probabilities.argmax(axis=1)
    for label in range(3):
        own, confidence = predicted == label, probabilities.max(axis=1)
        assert chosen[own].sum() == int(share * own.sum())
        assert confidence[own & chosen].min() >= confidence[own & ~chosen].max()


def test_the_pupil_of_many_rows_has_all_classes_and_learns_from_a_bounded_part():
    generator = np.random.default_rng(0)
    X = unit(generator.normal(size=(11_000, 6)))
    y = np.full(len(X), UNLABELED)
    y[:3] = [0, 1, 2]
    pupil = fit_pupil(X, y, np.full((len(X), 3), [0.8, 0.1, 0.1]), np.eye(6, dtype=np.float32), 0)
    assert pupil.classes_.tolist() == [0, 1, 2]


def named(noise: float, swapped: bool = False) -> View:
    """A view whose encoder knows what the classes' names mean, or takes each for the next class's."""
    words = ["sun", "rain", "snow", "wind"]

    def encode(texts):
        found = [next(i for i, word in enumerate(words) if word in text.casefold()) for text in texts]
        return unit(np.eye(SIZE)[(np.array(found) + swapped) % CLASSES] + 0.5)

    own = view("named", noise, 0)
    return View(own.name, own.features, encode)


NAMES = class_names(["sun", "rain", "snow", "wind"], ENGLISH, "auto", None)


def test_names_that_answer_the_labels_join_them():
    own = named(1.0)
    with_names, without = taught(rows_of(own), labels(1), NAMES), taught(rows_of(own), labels(1))
    assert with_names.opinions[0].names is not None
    assert accuracy(with_names.reliability.teacher) > accuracy(without.reliability.teacher) + 0.05
    assert "were used as further labeled rows" in with_names.sentence()


@pytest.mark.parametrize(("per_class", "classes", "accuracy", "believed"), [
    (1, 4, 0.0, True), (1, 4, 0.25, True), (2, 4, 0.25, False), (2, 4, 0.5, True), (1, 2, 0.5, True),
    (10, 2, 0.5, False),
])  # fmt: skip
def test_fewer_than_two_labels_per_class_cannot_deny_that_names_mean_something(per_class, classes, accuracy, believed):
    assert means_something(accuracy, classes, per_class * classes) is believed


def test_names_that_mislead_are_left_out_and_it_is_said():
    teaching = taught(rows_of(named(0.5, swapped=True)), labels(5), NAMES)
    assert teaching.opinions[0].names is None
    assert "were not used" in teaching.sentence()
    plain = taught(rows_of(named(0.5, swapped=True)), labels(5))
    np.testing.assert_array_equal(teaching.reliability.teacher, plain.reliability.teacher)


def test_names_are_in_no_figure_of_the_halves():
    own = named(1.0)
    assert taught(rows_of(own), labels(1), NAMES).reliability.linear is None  # single labels can't be split
    assert taught(rows_of(own), labels(2), NAMES).reliability.linear is not None


def test_a_view_that_knows_no_words_takes_no_names():
    teaching = taught(rows_of(view("ngram", 0.5, 0)), labels(2), NAMES)
    assert teaching.opinions[0].names is None
    assert teaching.sentence() == ""


@pytest.mark.parametrize(
    ("names", "meant"),
    [
        (["Sports", "World"], True),
        (["card_arrival", "top-up"], True),
        (["财经", "体育"], True),
        (["0", "1"], False),
        (["LABEL_0", "LABEL_1"], False),
        (["c12", "c13"], False),
        (["class 1", "class 2"], False),
        (["1.0", "-2"], False),
        (["Sports", "7"], False),
    ],
)
def test_numbers_and_codes_are_no_names(names, meant):
    assert are_names(names) is meant
    assert (class_names(names, NEUTRAL, "auto", None) is not None) is meant
    assert class_names(names, NEUTRAL, "no", None) is None
    assert class_names(names, NEUTRAL, "yes", None) is not None


def test_labels_are_written_as_words():
    assert [as_words(name) for name in ("card_arrival", "cardArrival", "NUM:dist", "Sci/Tech", "top-up")] == [
        "card arrival", "card Arrival", "NUM dist", "Sci/Tech", "top up",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("texts", "templates"),
    [
        (["the parcel is late", "where is my card"], ENGLISH),
        (["我的包裹在哪里", "卡片没有到"], CHINESE),
        (["wo ist mein Paket", "ou est mon colis"], NEUTRAL),
        ([], NEUTRAL),
    ],
)
def test_templates_are_in_the_language_of_the_texts(texts, templates):
    assert templates_for(texts) is templates


def test_descriptions_stand_for_the_names(tmp_path):
    file = tmp_path / "descriptions.csv"
    file.write_text(
        "label,text\na1,parcels and letters that are late\na1,the postman\na2,cards and accounts\n", "utf-8"
    )
    names = class_names(["a1", "a2"], ENGLISH, "auto", file)
    assert names is not None
    assert names.sentences == ["parcels and letters that are late", "the postman", "cards and accounts"]
    assert names.labels.tolist() == [0, 0, 1]
    file.write_text("label,text\na1,late parcels\nb9,something else\n", "utf-8")
    with pytest.raises(DataError, match="'b9' is no class"):
        class_names(["a1", "a2"], ENGLISH, "auto", file)


def test_views_of_full_weight_have_full_weight_together_whatever_rounding_does():
    generator, full = np.random.default_rng(0), np.ones(3)
    shares = [shares_of(generator.random(3)) for _ in range(1000)]
    assert any(each @ full > 1.0 for each in shares)
    for each in shares:
        weight = mean_weight(each, [1.0, 1.0, 1.0])
        assert weight == pytest.approx(1.0)
        GameConfig(unlabeled_weight=weight)  # raises where it is out of range
