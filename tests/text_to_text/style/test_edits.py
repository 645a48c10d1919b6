"""Counted edits: what they change, what they cost, and what they leave whole."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from tiny_styles import THINGS, texts

from ganclf.encoders.tokens import Tokenizer, padded, unpadded
from ganclf.text_to_text.style.edits import Editor, Width, glued_ids

WIDTH = Width(12, (6, 6, 6, 6), 3)
ROWS = texts()


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.fit([text for text, _ in ROWS], 200)


@pytest.fixture(scope="module")
def editor(tokenizer) -> Editor:
    ids = tokenizer.encode_all([text for text, _ in ROWS], 16)
    styles = np.array([label == "bad" for _, label in ROWS], np.int32)
    return Editor.fit(ids, styles, 2, tokenizer, max_ngrams=10_000, seed=0)


@pytest.fixture(scope="module")
def edit(editor):
    return tf.function(
        lambda tokens, target: editor.edit(tokens, target, WIDTH),
        input_signature=[tf.TensorSpec([None, None], tf.int32), tf.TensorSpec([None], tf.int32)],
    )


def encode(tokenizer: Tokenizer, *rows: str) -> tf.Tensor:
    return tf.constant(padded(tokenizer.encode_all(list(rows), 16)))


def test_the_style_is_turned_and_the_thing_stays(tokenizer, editor, edit):
    sources = [f"the {thing} was great here . 3" for thing in THINGS]
    found = edit(encode(tokenizer, *sources), tf.ones([len(sources)], tf.int32))
    best = [text.decode() for text in tokenizer.decode(found.tokens[:, 0]).numpy()]
    assert all(thing in text for thing, text in zip(THINGS, best, strict=True))
    assert all("great" not in text for text in best)
    assert editor.ngrams.logits(found.tokens[:, 0]).numpy().argmax(axis=1).tolist() == [1] * len(sources)


def test_the_sums_of_an_edit_are_those_of_the_whole_text(tokenizer, editor, edit):
    source = encode(tokenizer, "the soup was really nice on monday . 7", "the room was lovely at noon . 1")
    found = edit(source, tf.ones([2], tf.int32))
    flat = tf.reshape(found.tokens, [-1, found.tokens.shape[2]])
    style = tf.nn.log_softmax(editor.ngrams.logits(flat))[:, 1]
    np.testing.assert_allclose(tf.reshape(found.styles, [-1]), style, atol=1e-4)
    fluency = tf.reshape(editor.mean_log_probs(flat), [2, -1]) - editor.mean_log_probs(source)[:, tf.newaxis]
    rest = found.scores - editor.prices.style * found.styles - editor.prices.fluency * fluency
    assert np.all(rest.numpy() <= 1e-4)  # the price of content is all that is left


def test_short_and_unknown_texts_have_no_edit_that_empties_them(tokenizer, edit):
    found = edit(encode(tokenizer, "great", "", "xyzzy qwerty"), tf.ones([3], tf.int32))
    possible = found.scores.numpy() > -1e8
    for row in (0, 2):
        kept = [len(ids) for ids, good in zip(unpadded(found.tokens[row].numpy()), possible[row], strict=True) if good]
        assert min(kept, default=2) >= 2  # a token and END


@pytest.mark.parametrize("text", ["", "?", "great", "great .", "it was great ."])
def test_a_text_shorter_than_a_phrase_can_be_edited(tokenizer, edit, text):
    found = edit(encode(tokenizer, text), tf.constant([1]))
    assert found.tokens.shape[1] == WIDTH.edits


def test_two_edits_are_offered_beside_one(tokenizer, editor, edit):
    source, target = encode(tokenizer, "the soup was great and lovely here ."), tf.constant([1])
    once, both = edit(source, target), editor.edit_twice(source, target, WIDTH, 2)
    assert both.tokens.shape[1] == 3 + 2 * 3
    width = once.tokens.shape[2]
    np.testing.assert_array_equal(both.tokens[:, :3, :width], once.tokens)
    written = [text.decode() for text in tokenizer.decode(both.tokens[0]).numpy()]
    assert len(set(written[3:]) - set(written[:3])) >= 3


def test_words_with_an_apostrophe_are_not_cut():
    tokenizer = Tokenizer.fit(["we don't go . it's ours ."] * 3, 50)
    names = [tokenizer.words[place] for place in np.flatnonzero(glued_ids(tokenizer).numpy()[-len(tokenizer.words) :])]
    assert set(names) >= {"'", "t", "s"}
    assert not {" .", " we"} & set(names)
