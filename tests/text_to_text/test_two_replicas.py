"""Two replicas train the players of all text tasks as one does."""

from __future__ import annotations

import json

TRAIN = """
import json

import keras
import numpy as np
import tensorflow as tf

processor = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * 2)

from ganclf.config.devices import choose_strategy
from ganclf.encoders.tokens import END, FIRST_WORD
from ganclf.text_generation import batches, game, networks, pairs
from ganclf.text_to_text.batches import Columns
from ganclf.text_to_text.batches import game_batches as pair_batches
from ganclf.text_to_text.generator import Generator
from ganclf.text_to_text.replies.discriminator import PairDiscriminator
from ganclf.text_to_text.replies.game import make_game
from ganclf.text_to_text.style import game as style
from ganclf.text_to_text.style.networks import StyleDiscriminator, StyleGenerator

random, size = np.random.default_rng(0), FIRST_WORD + 5
rows = lambda: [np.append(random.integers(FIRST_WORD, size, length), END).astype(np.int32) for length in range(8)]
texts, samples = (batches.Corpus.of(rows(), np.arange(8) % 2) for _ in range(2))
placed_texts, placed_samples = (
    batches.Corpus.of(list(random.integers(FIRST_WORD, size, (8, 4)).astype(np.int32)), np.zeros(8)) for _ in range(2)
)
columns = Columns(
    {name: rows() for name in ("source", "reply", "sample")}
    | {f"{name}_ngrams": [random.integers(1, 9, 3).astype(np.int32)] * 8 for name in ("text", "reply", "sample")},
    {"reply_number": np.array([0, 0, 1, 2, 3, 4, 5, 6], np.int32), "weight": random.random(8).astype(np.float32)},
)


def text_game():
    makers = {
        "discriminator": lambda: networks.Discriminator(size, 2, 4, 4, 3, 0.3, 0.2, 1),
        "generator": lambda: networks.Generator(size, 2, 4, 4, 0.3, 0),
    }
    players, averages = ({name: make() for name, make in makers.items()} for _ in range(2))
    return game.make_game(players, averages, dict.fromkeys(makers, 0.02), decay=0.5, seed=3, tokens_per_row=4.0)


def ties_game():
    tied = lambda: pairs.Pairs(size, np.arange(size) == END, np.arange(4, dtype=np.int32), 0.3, 1)
    return game.make_game({"pairs": tied()}, {"pairs": tied()}, {"pairs": 0.02}, decay=0.5, seed=3, tokens_per_row=4.0)


def pair_game():
    players = {
        "discriminator": PairDiscriminator(np.ones(9, np.float32), np.arange(9) < 5, 4, 0.3, 0.2, 1),
        "generator": Generator(size, 4, 4, 0.3, 0),
    }
    rates = {"discriminator": 0.02, "generator": 0.02, "discriminator_table": 0.1}
    return make_game(players, Generator(size, 4, 4, 0.3, 0), rates, decay=0.5, seed=3, tokens_per_reply=4.0)


restyled = Columns(
    {name: rows() for name in ("source", "reply", "generated")},
    {"style": np.arange(8, dtype=np.int32) % 2, "target": 1 - np.arange(8, dtype=np.int32) % 2},
)


def style_game():
    generator = lambda: StyleGenerator(size, 2, 4, 4, 0.3, 0)
    players = {"discriminator": StyleDiscriminator(size, 2, 4, 3, 0.3, 1), "generator": generator()}
    return style.make_game(players, generator(), dict.fromkeys(players, 0.02), decay=0.5, seed=3, tokens_per_text=4.0,
                           adversarial_weight=0.5)


TASKS = {
    "texts": (text_game, lambda context, first: batches.game_batches(
        texts, samples, epochs=2, batch_size=4, seed=0, first_step=first, context=context)),
    "ties": (ties_game, lambda context, first: batches.game_batches(
        placed_texts, placed_samples, epochs=2, batch_size=4, seed=0, first_step=first, context=context)),
    "styles": (style_game, lambda context, first: pair_batches(
        restyled, epochs=2, batch_size=8, seed=0, sort_by="reply", first_step=first - 1, context=context)),
    "pairs": (pair_game, lambda context, first: pair_batches(
        columns, epochs=2, batch_size=4, seed=0, sort_by="reply", first_step=first, context=context)),
}


def train(task, strategy):
    # two steps, eagerly: to trace them takes longer
    make, batches = TASKS[task]
    with strategy.scope():
        played = make()
    iterator = iter(strategy.distribute_datasets_from_function(lambda context: batches(context, 1)))
    for _ in range(2):
        strategy.run(played.train_step, args=(next(iterator),))
    return [keras.ops.convert_to_numpy(weight) for player in played.networks.values() for weight in player.weights]


found = {}
for task in TASKS:
    one, two = (train(task, strategy) for strategy in (tf.distribute.get_strategy(), choose_strategy()))
    found[task] = max(float(np.abs(first - second).max()) for first, second in zip(one, two, strict=True))
print(json.dumps([choose_strategy().num_replicas_in_sync, found]))
"""


def test_two_replicas_train_the_players_as_one_does(start):
    said, errors = start("-c", TRAIN).communicate()
    assert said, errors[-2000:]
    replicas, found = json.loads(said.splitlines()[-1])
    assert replicas == 2
    assert max(found.values()) < 1e-4, found
