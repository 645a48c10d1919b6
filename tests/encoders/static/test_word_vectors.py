"""Tables of word vectors: their files, the words of a text, and the weights of the pool."""

import gzip

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from ganclf import GANClassifier
from ganclf.config import EncoderConfig
from ganclf.encoders import StaticEncoder
from ganclf.encoders.ngrams.cooccurrence import SIF_SMOOTHING
from ganclf.encoders.static.word_files import read_words
from ganclf.errors import ConfigError

TABLE = ["the", "fox", "US", "us", "café", "我", ",", "new york", "fox"]
VECTORS = np.eye(len(TABLE), dtype=np.float32)


def lines(separator=" ", words=TABLE):
    return "\n".join(separator.join([word, *map(str, row)]) for word, row in zip(words, VECTORS.tolist(), strict=True))


def as_text(path):
    path.write_text(lines(), encoding="utf-8")


def as_word2vec(path):
    path.write_text(f"{len(TABLE)} {VECTORS.shape[1]}\n{lines()}\n", encoding="utf-8")


def as_gzip(path):
    path.write_bytes(gzip.compress(lines("\t").encode()))


def as_npz(path):
    np.savez(path, words=np.array(TABLE), vectors=VECTORS)


def as_lists(path):
    pd.DataFrame({"word": TABLE, "vector": VECTORS.tolist()}).to_parquet(path)


def as_columns(path):
    pd.DataFrame({"word": TABLE} | {str(number): VECTORS[:, number] for number in range(len(TABLE))}).to_parquet(path)


def as_package(path):
    (path / "package" / "data").mkdir(parents=True)
    np.save(path / "package" / "data" / "vectors.npy", VECTORS)
    pd.DataFrame({"index": TABLE}).to_parquet(path / "package" / "data" / "index.parquet")


@pytest.mark.parametrize(
    ("write", "name"),
    [
        (as_text, "v.txt"), (as_word2vec, "v.vec"), (as_gzip, "v.txt.gz"), (as_npz, "v.npz"), (as_lists, "v.parquet"),
        (as_columns, "w.parquet"), (as_package, "wheel"),
    ],
)  # fmt: skip
def test_every_form_gives_the_same_words_and_vectors(tmp_path, write, name):
    write(tmp_path / name)
    words, vectors = read_words(tmp_path / name)
    assert words == TABLE
    np.testing.assert_array_equal(vectors, VECTORS)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a 1 2 3\nb 1 2 3\nc 1 2\n", "line 3 has 2 numbers, others have 3"),
        ("just words\nand more\n", "not a word and numbers"),
        ("", "not a word and numbers"),
        ("a 1 2\nb 1 nan\n", "'b' holds a value"),
    ],
)
def test_other_texts_are_refused(tmp_path, content, message):
    (tmp_path / "v.txt").write_text(content)
    with pytest.raises(ConfigError, match=message):
        read_words(tmp_path / "v.txt")


def test_a_missing_table_and_a_folder_without_one_are_refused(tmp_path):
    with pytest.raises(ConfigError, match="no such file"):
        read_words(tmp_path / "v.txt")
    with pytest.raises(ConfigError, match=r"one \.npy and one \.parquet"):
        read_words(tmp_path)


@pytest.fixture
def table(tmp_path):
    as_text(tmp_path / "v.txt")
    return tmp_path / "v.txt"


def encoder(path, texts=(), **more):
    return StaticEncoder(EncoderConfig(encoder="static", preset=str(path), **more)).fit(list(texts))


def test_a_word_is_read_as_it_stands_or_else_in_lower_case(table):
    made = encoder(table)
    words = ["The", "US", "Us", "CAFE\u0301", "我", "退", ","]
    found = [np.flatnonzero(row).tolist() for row in made.transform(words)]
    kept = ["the", "fox", "US", "us", "café", "我"]  # words of letters, each once
    assert [[kept[column] if column < 6 else None for column in columns] for columns in found] == [
        ["the"], ["US"], ["us"], ["café"], ["我"], [], [],
    ]  # fmt: skip
    assert np.flatnonzero(made.transform(["the 我fox!"])[0]).tolist() == [0, 1, 5]


def test_frequent_words_of_the_pool_count_less_and_the_shared_direction_is_removed(table):
    texts = ["the fox", "the us", "the café", "the fox us"] * 5
    made = encoder(table, texts)
    frequency = np.array([1.0, 0.5, 0.0, 0.5, 0.25, 0.0])
    weighted = VECTORS[:6] * (SIF_SMOOTHING / (SIF_SMOOTHING + frequency))[:, None]
    sums = np.array([weighted[[0, 1]].sum(0), weighted[[0, 3]].sum(0), weighted[[0, 4]].sum(0),
                     weighted[[0, 1, 3]].sum(0)] * 5)  # fmt: skip
    shared = np.linalg.svd(sums)[2][0]
    expected = weighted[0] + weighted[1]
    expected -= expected @ shared * shared
    np.testing.assert_allclose(
        made.transform(["the fox"])[0], expected / np.linalg.norm(expected), atol=5e-3
    )  # float16 in the graph


def test_a_published_model_answers_as_the_classifier(table, tmp_path):
    texts = ["the fox", "us 我"] * 6
    classifier = GANClassifier(encoder="static", preset=str(table), steps=8, game="off")
    classifier.fit(texts, ["a", "b"] * 6).save(tmp_path / "model")
    loaded = GANClassifier.load(tmp_path / "model")
    np.testing.assert_allclose(loaded.predict_proba(texts), classifier.predict_proba(texts), atol=1e-5)


def test_bytes_that_are_no_text_and_scalars_do_no_harm(table):
    made = encoder(table)
    assert np.flatnonzero(made.encode(tf.constant([b"fox \xff\xfe"])).numpy()[0]).tolist() == [1]
    with pytest.raises(tf.errors.InvalidArgumentError, match="Shape"):
        made.encode(tf.constant("fox"))


def test_a_table_without_words_is_refused(tmp_path):
    (tmp_path / "v.txt").write_text(", 1 2\n! 1 2\n")
    with pytest.raises(ConfigError, match="no word of letters"):
        encoder(tmp_path / "v.txt")


@pytest.mark.parametrize("blank", ["\u0085", "\u2028", "\u00a0"])
@pytest.mark.parametrize("separator", [" ", "\t"])
def test_a_blank_may_be_a_word(tmp_path, blank, separator):
    words = [*TABLE[:3], blank, *TABLE[4:]]
    path = tmp_path / "table.txt"
    path.write_text(lines(separator, words) + "\n", encoding="utf-8", newline="\n")
    found, vectors = read_words(path)
    assert found == words
    np.testing.assert_array_equal(vectors, VECTORS)
