"""The players: what they compute, and that they learn."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf
from tiny_pairs import pairs

from ganclf.adversarial.noise import Noise
from ganclf.encoders.tokens import END, FIRST_WORD, SPELL, SPELL_END, padded, unpadded
from ganclf.text_to_text.batches import order_of
from ganclf.text_to_text.decoding import Decoder
from ganclf.text_to_text.generator import Generator
from ganclf.text_to_text.replies.discriminator import SCALE_OF_OVERLAP, PairDiscriminator
from ganclf.text_to_text.replies.encoding import PairEncoding
from ganclf.text_to_text.replies.game import make_game
from ganclf.text_to_text.replies.neighbors import Neighbors
from ganclf.text_to_text.replies.ngrams import PairNgrams
from ganclf.text_to_text.replies.pairs import Pairs
from ganclf.text_to_text.replies.ranking import Ranker, recall
from ganclf.text_to_text.replies.row_adagrad import FIRST, RowAdagrad


@pytest.fixture(scope="module")
def encoding() -> PairEncoding:
    return PairEncoding.fit(Pairs(*(list(side) for side in zip(*pairs(), strict=True))), 200, 500, 16)


@pytest.fixture(scope="module")
def generator(encoding) -> Generator:
    return Generator(encoding.tokenizer.size, 8, 8, 0.0, 0)


def test_probabilities_of_the_next_token_sum_to_one_and_are_those_of_training(generator, encoding):
    memory = generator.read(encoding.source(tf.constant(["where is my red cat 5 ?", "where ?"])))
    reply = tf.constant(padded([np.array([FIRST_WORD, FIRST_WORD + 3, END]), np.array([FIRST_WORD + 1, END])]))
    whole = generator.log_probs(memory, reply).numpy()
    state, token = generator.writer.zero_state(2), tf.fill([2], 1)
    for place in range(3):
        log_probs, state = generator.step(memory, token, state)
        np.testing.assert_allclose(tf.reduce_sum(tf.exp(log_probs), axis=1), 1.0, atol=1e-5)
        token = reply[:, place]
        wanted = np.where(token == 0, 0.0, tf.gather(log_probs, token, batch_dims=1))
        np.testing.assert_allclose(whole[:, place], wanted, atol=1e-5)


def test_a_beam_of_all_tokens_finds_the_most_probable_reply(generator, encoding):
    memory = generator.read(encoding.source(tf.constant(["where is my cat ?"])))
    beams = Decoder(generator, 6).beams(memory, 5).numpy()[0]
    found = padded(unpadded(beams))
    means = [float(tf.reduce_sum(generator.log_probs(memory, row[np.newaxis]))) / (row != 0).sum() for row in found]
    assert means == sorted(means, reverse=True)
    assert len({row.tobytes() for row in beams}) == 5


def test_samples_are_well_formed_and_depend_on_their_own_numbers_alone(generator, encoding):
    decoder, random = Decoder(generator, 12), np.random.default_rng(0).random((4, 12)).astype(np.float32)
    source = encoding.source(tf.constant(["where is my cat ?"] * 4))
    together = decoder.sample(generator.read(source), tf.ones([4]), random).numpy()
    alone = decoder.sample(generator.read(source[2:3]), tf.ones([1]), random[2:3]).numpy()
    np.testing.assert_array_equal(together[2:3], alone)
    for row in unpadded(together):
        inside = False
        for token in row:
            assert (token in range(5, FIRST_WORD) or token == SPELL_END) == inside
            inside = token == SPELL or (inside and token != SPELL_END)


def test_shared_words_count_as_their_tfidf_cosine():
    texts = ["red cat", "red dog", "red cat", "blue dog", "blue cat", "red bird", "bird", "bird", "dog"]
    ngrams = PairNgrams.fit(texts, 100)
    network = PairDiscriminator(ngrams.idf, ngrams.is_word, 8, 0.0, 0.0, 0)
    ids = ngrams.encode(tf.constant(["red cat", "cat"])).to_tensor()
    first, second = network.sketches(ids).numpy()
    by_word = {name: np.log(9 / sum(name in text.split() for text in texts)) for name in ("red", "cat")}
    cosine = by_word["cat"] / np.hypot(by_word["red"], by_word["cat"])
    size = len(first) // 2
    assert first[:size] @ second[:size] == pytest.approx(SCALE_OF_OVERLAP * cosine, rel=0.01)


def test_scores_of_candidates_are_those_of_all_pairs(encoding):
    ngrams = encoding.ngrams
    network = PairDiscriminator(ngrams.idf, ngrams.is_word, 8, 0.3, 0.2, 0)
    texts = padded(ngrams.encode_all(["where is my red cat 5 ?", "where is my dog ?"]))
    replies = padded(ngrams.encode_all(["your red cat", "your dog", "number 5"]))
    train = Pairs(*(list(side) for side in zip(*pairs(), strict=True)))
    ranker = Ranker(network, Neighbors(network, ngrams, train), (4.0, 2.0))
    every = ranker.scores(texts, replies).numpy()
    by_text = ranker.candidate_scores(ranker.text_features(texts), np.concatenate([replies, replies]), 3).numpy()
    np.testing.assert_allclose(every, by_text, atol=1e-4)


def test_recall_counts_ties_by_half_and_copies_not_at_all():
    numbers = np.arange(100)
    perfect = recall(lambda group: np.eye(len(group)), numbers)
    assert (perfect.at_1, perfect.at_10, perfect.rows) == (1.0, 1.0, 100)
    assert recall(lambda group: np.zeros((len(group), len(group))), numbers).at_1 == 0.0
    assert recall(lambda group: np.zeros((len(group), len(group))), np.zeros(100)).at_1 == 1.0


def test_row_adagrad_changes_the_rows_of_the_batch_alone():
    table = keras.Variable(np.ones((4, 2), np.float32))
    optimizer = RowAdagrad(0.5)
    optimizer.build([table])
    gradient = tf.IndexedSlices(tf.constant([[1.0, 1.0], [2.0, 2.0]]), tf.constant([2, 2]), tf.constant([4, 2]))
    optimizer.apply([gradient], [table])
    expected = 1.0 - 0.5 * 3.0 / np.sqrt(9.0 + FIRST)
    np.testing.assert_allclose(table.numpy(), [[1, 1], [1, 1], [expected, expected], [1, 1]], rtol=1e-5)


def test_the_generator_learns_from_its_own_replies_by_their_weights(encoding, generator):
    discriminator = PairDiscriminator(encoding.ngrams.idf, encoding.ngrams.is_word, 8, 0.0, 0.0, 0)
    average = Generator(encoding.tokenizer.size, 8, 8, 0.0, 0)
    game = make_game(
        {"discriminator": discriminator, "generator": generator}, average,
        {"discriminator": 1e-3, "generator": 1e-3, "discriminator_table": 0.1}, decay=0.9, seed=0, tokens_per_reply=5.0,
    )  # fmt: skip
    columns = encoding.columns(Pairs(["where is my red cat 5 ?", "where ?"], ["your cat", "number 5"]))
    batch = {name: tf.constant(columns.dense(name)) for name in columns.ids} | dict(columns.numbers)
    real = game.generator_loss(batch, Noise(0, tf.constant(0)))
    batch["sample"], batch["sample_ngrams"] = batch["reply"], batch["reply_ngrams"]
    for weight in (0.0, 1.0, 3.0):
        batch["weight"] = tf.fill([2], weight)
        loss = game.generator_loss(batch, Noise(0, tf.constant(0)))
        assert float(loss) == pytest.approx(0.5 * (1.0 + weight) * float(real), rel=1e-4)
    alone = {name: values for name, values in batch.items() if name != "sample_ngrams"}
    with_copies, without = (game.discriminator_loss(each, Noise(0, tf.constant(0))) for each in (batch, alone))
    assert with_copies > without  # a sample that is the true reply can't be told from it


def test_every_row_comes_once_in_an_epoch():
    order = order_of(np.arange(100), 10, 0, 0, True)
    assert sorted(order.ravel().tolist()) == list(range(100))
    assert (order_of(np.arange(100), 10, 0, 0, True) == order).all()


def test_ngrams_are_of_folded_words_in_any_script():
    ngrams = PairNgrams.fit(["Where is it?", "WHERE was it?", "where?", "在哪里", "在这里", "在"], 1000)
    same = ngrams.encode(tf.constant(["Where", "where", "ＷＨＥＲＥ"])).to_list()
    assert same[0] == same[1] == same[2] != []
    assert ngrams.encode(tf.constant(["在", "", b"\xff\xfe"])).row_lengths().numpy().tolist()[1:] == [0, 0]
