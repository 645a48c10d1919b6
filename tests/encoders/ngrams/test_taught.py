"""N-grams taught by sentence encoders: the served graph, what each row is taught with, and what is refused."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
import tensorflow as tf
from weather import LABELS, TEXTS

from ganclf import GANClassifier
from ganclf.config import EncoderConfig
from ganclf.data.vectors import read_vectors
from ganclf.encoders import FusedEncoder, TaughtNgramEncoder
from ganclf.encoders.ngrams.taught import fit_ridge
from ganclf.errors import ConfigError, DataError, EncoderError
from ganclf.export.published import PublishedModel
from ganclf.train import main

SIZE, HIDDEN = 8, 16  # numbers of the n-grams, and of the tiny transformer


@pytest.fixture
def vectors() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(len(TEXTS), 3)).astype(np.float32)


@pytest.fixture
def file(tmp_path, vectors):
    np.save(tmp_path / "vectors.npy", vectors)
    return tmp_path / "vectors.npy"


@pytest.fixture(scope="module")
def config(tiny_bert) -> EncoderConfig:
    return EncoderConfig(size=SIZE, teacher=(str(tiny_bert),), max_tokens=16)


@pytest.fixture(scope="module")
def encoder(config) -> TaughtNgramEncoder:
    return TaughtNgramEncoder(config, seed=1).fit(TEXTS)


def test_features_are_the_ngrams_and_what_the_teacher_made_of_them(encoder):
    features = encoder.transform(TEXTS)
    assert features.shape == (len(TEXTS), SIZE + HIDDEN)
    assert features.dtype == np.float32
    np.testing.assert_allclose(features[:, :SIZE] * np.sqrt(2), encoder.ngrams.transform(TEXTS), atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(features[:, SIZE:], axis=1), 1 / np.sqrt(2), atol=1e-5)


def test_the_served_graph_gives_the_features_of_training_in_any_batch(encoder):
    texts = [*TEXTS, "", "жжж", "unknown words"]
    features = encoder.transform(texts)
    assert np.isfinite(features).all()
    for text, row in zip(texts, features, strict=True):
        np.testing.assert_allclose(encoder.encode(tf.constant([text]))[0], row, atol=1e-5)


def test_a_seed_repeats(config, encoder):
    again = TaughtNgramEncoder(config, seed=1).fit(TEXTS)
    np.testing.assert_array_equal(again.transform(TEXTS), encoder.transform(TEXTS))


def test_ridge_regression_halves_a_linear_map_of_numbers_of_equal_variance():
    generator = np.random.default_rng(0)
    X, weights = generator.normal(size=(20_000, 3)), generator.normal(size=(3, 2))
    found, shift = fit_ridge(X, X @ weights + 5.0)
    np.testing.assert_allclose(found, weights / 2, atol=0.02)
    np.testing.assert_allclose(shift, 5.0, atol=0.02)


def test_views_are_the_ngrams_the_taught_vectors_and_the_teachers_own(encoder):
    ngram, taught, teacher = encoder.views(encoder.transform(TEXTS))
    assert [ngram.features.shape[1], taught.features.shape[1], teacher.features.shape[1]] == [SIZE, HIDDEN, HIDDEN]
    assert ngram.encode is None
    assert taught.encode is teacher.encode  # names of classes
    np.testing.assert_allclose(teacher.encode(TEXTS[2:4]), teacher.features[2:4], atol=1e-5)


def test_a_teacher_that_reads_a_part_teaches_all(tiny_bert):
    texts = [f"{text} {number}" for number in range(4) for text in TEXTS]
    config = EncoderConfig(size=SIZE, teacher=(str(tiny_bert),), teacher_texts=16, max_tokens=16)
    encoder = TaughtNgramEncoder(config).fit(texts)
    features = encoder.transform(texts)
    assert features.shape == (28, SIZE + HIDDEN)
    assert len(encoder.views(features)) == 2  # the teacher's own vectors are of 16 texts only


def test_no_teacher_is_in_the_published_model(gameless, config, tmp_path):
    classifier = GANClassifier(**gameless | {"size": SIZE}, teacher=config.teacher, max_tokens=16).fit(TEXTS, LABELS)
    version = classifier.save(tmp_path / "taught")
    probabilities, _ = PublishedModel(version).answers([*TEXTS, ""])
    np.testing.assert_allclose(probabilities, classifier.predict_proba([*TEXTS, ""]), atol=1e-5)
    variables = tf.train.list_variables(str(version / "variables" / "variables"))
    served = {name.split("/.ATTR")[0]: shape for name, shape in variables if name.startswith("encoder/")}
    assert served.pop("encoder/maps/0") == [SIZE, HIDDEN]
    assert served.pop("encoder/shifts/0") == [HIDDEN]
    assert set(served) == {"encoder/ngrams/index", "encoder/ngrams/projection"}


def test_they_stand_beside_another_encoder_and_keep_their_views(tiny_bert, file, vectors):
    parts = {"encoder": "fused", "preset": str(tiny_bert), "pooling": "preset", "max_tokens": 16}
    config = EncoderConfig(**parts, size=SIZE, teacher_vectors=file)
    encoder = FusedEncoder(config).fit(TEXTS)
    features = encoder.transform(TEXTS)
    assert features.shape == (len(TEXTS), SIZE + 3 + HIDDEN)
    np.testing.assert_allclose(encoder.encode(tf.constant(TEXTS)), features, atol=1e-5)
    views = encoder.views(features)
    assert [view.name for view in views] == ["ngram", "ngram taught by vectors", "vectors", "pretrained"]
    assert [view.features.shape[1] for view in views] == [SIZE, 3, 3, HIDDEN]
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    np.testing.assert_allclose(views[2].features, unit, atol=1e-6)


def test_vectors_are_read_from_either_form_of_parquet(tmp_path, vectors):
    pa.parquet.write_table(pa.table({"vector": list(vectors)}), tmp_path / "lists.parquet")
    pa.parquet.write_table(pa.table({f"d{i}": vectors[:, i] for i in range(3)}), tmp_path / "numbers.parquet")
    for name in ("lists", "numbers"):
        np.testing.assert_array_equal(read_vectors(tmp_path / f"{name}.parquet"), vectors)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.zeros((7, 0), np.float32), "shape \\[7, 0\\]"),
        (np.zeros(7), "shape \\[7\\]"),
        (np.array([["a"]] * 7), "not numbers"),
        (np.array([[1.0], [np.nan], [np.inf]]), "row 2 holds.*2 rows in all"),
        (np.array([[None]], object), "can't be read"),
    ],
)
def test_what_are_no_vectors_is_refused(tmp_path, values, message):
    np.save(tmp_path / "wrong.npy", values)
    with pytest.raises(DataError, match=message):
        read_vectors(tmp_path / "wrong.npy")


def test_files_that_are_missing_broken_or_of_another_kind_are_refused(tmp_path):
    (tmp_path / "broken.npy").write_bytes(b"text")
    (tmp_path / "broken.parquet").write_bytes(b"text")
    ragged = pa.table({"vector": [[1.0, 2.0], [3.0]]})
    pa.parquet.write_table(ragged, tmp_path / "ragged.parquet")
    for name in ("missing.npy", "broken.npy", "broken.parquet", "ragged.parquet"):
        with pytest.raises(DataError, match="can't be read"):
            read_vectors(tmp_path / name)
    with pytest.raises(DataError, match=r"\.npy or \.parquet"):
        read_vectors(tmp_path / "vectors.csv")


def test_the_estimator_wants_a_vector_per_text(gameless, file):
    classifier = GANClassifier(**gameless, teacher_vectors=file).fit(TEXTS, LABELS)
    assert classifier.encoder_.transform(TEXTS).shape == (len(TEXTS), gameless["size"] + 3)
    with pytest.raises(DataError, match=r"7 vectors for 6 rows.*read_rows"):
        GANClassifier(**gameless, teacher_vectors=file).fit(TEXTS[:6], LABELS[:6])


def test_teachers_teach_ngrams_only(tiny_bert):
    with pytest.raises(ConfigError, match="--encoder ngram"):
        EncoderConfig(encoder="pretrained", preset=str(tiny_bert), teacher=(str(tiny_bert),))
    with pytest.raises(ConfigError, match="once"):
        EncoderConfig(teacher=("use", "use"))


def test_a_teacher_that_can_not_be_read_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"--teacher .*nothing"):
        TaughtNgramEncoder(EncoderConfig(teacher=(str(tmp_path / "nothing"),))).fit(TEXTS)


def test_one_teacher_from_python_needs_no_tuple():
    assert EncoderConfig(teacher="use").teacher == ("use",)
    assert not EncoderConfig().has_teachers


def test_it_has_to_be_fitted_first(config):
    with pytest.raises(EncoderError, match="call fit"):
        TaughtNgramEncoder(config).transform(["text"])


def test_the_command_gives_each_row_its_own_vector(tmp_path, monkeypatch, capsys):
    """Blank rows, copies of labeled texts and test texts are left out; a row's vector says which row it is."""
    rows = [f"{text},{label or ''}" for text, label in zip(TEXTS, LABELS, strict=True)]
    copies = [f"{TEXTS[0]},", f"{TEXTS[5]},"]  # of a labeled text; of an unlabeled one, which stays
    (tmp_path / "train.csv").write_text("\n".join(["text,label", rows[0], ",", *rows[1:], "", *copies]), "utf-8")
    more = ["fine rain", TEXTS[1], "rain in the test", "nice day"]
    (tmp_path / "more.csv").write_text("\n".join(["text", *more]), "utf-8")
    (tmp_path / "test.csv").write_text("text,label\nrain in the test,rain\nfine fine,sun\n", "utf-8")
    read = [*TEXTS, TEXTS[0], TEXTS[5], *more]  # 13 rows
    np.save(tmp_path / "vectors.npy", np.eye(len(read)))
    seen = {}
    monkeypatch.setattr(
        "ganclf.encoders.ngrams.taught.fit_ridge",
        lambda features, targets: seen.setdefault("targets", targets) is None or fit_ridge(features, targets),
    )
    files = ("--data", "train.csv", "--unlabeled", "more.csv", "--test", "test.csv", "--teacher-vectors", "vectors.npy")
    words = [word if word.startswith("--") else str(tmp_path / word) for word in files]
    short = ["--steps", "2", "--calibration", "none", "--compare", "none", "--output", str(tmp_path / "model")]
    assert main([*words, *short]) == 0
    assert seen["targets"].argmax(axis=1).tolist() == [0, 1, 2, 3, 4, 5, 6, 8, 9, 12]
    np.save(tmp_path / "vectors.npy", np.eye(len(read) + 1))
    assert main([*words, *short]) == 2
    assert "14 vectors for 13 rows" in " ".join(capsys.readouterr().err.split())


def test_a_teacher_reads_the_prefix_and_suggestions_need_none(tiny_bert):
    plain, prefixed = (
        TaughtNgramEncoder(
            EncoderConfig(size=SIZE, teacher=(str(tiny_bert),), max_tokens=16, prefix=prefix), seed=1
        ).fit(TEXTS)
        for prefix in (None, "query: ")
    )
    assert np.abs(plain.transform(TEXTS) - prefixed.transform(TEXTS)).max() > 1e-3


def test_missing_lists_are_named(tmp_path):
    path = tmp_path / "vectors.parquet"
    pa.parquet.write_table(pa.table({"vector": [[1.0, 2.0], None, [3.0, 4.0]]}), path)
    with pytest.raises(DataError, match="differ in length, or some are missing"):
        read_vectors(path)
