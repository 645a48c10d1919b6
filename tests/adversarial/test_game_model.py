"""The core alone, with players of a single weight whose game can be reckoned by hand."""

import keras
import pytest

from ganclf.adversarial.model import AdversarialModel


class Number(keras.Model):
    """A player that is one number."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self.value = self.add_weight(shape=(), initializer=keras.initializers.Constant(value))
        self.built = True


class Duel(AdversarialModel):
    """First wants to be small, second wants the product to be small; the first one's step is 1, then the second's."""

    def __init__(self, decay: float = 0.3) -> None:
        first, second = Number(4.0), Number(5.0)
        super().__init__({"first": first, "second": second}, followed=first, average=Number(-1.0), decay=decay, seed=0)
        self.compile({name: keras.optimizers.SGD(1.0) for name in self.players})

    def first_loss(self, batch, noise):
        return batch["rate"] * self.players["first"].value

    def second_loss(self, batch, noise):
        return self.players["first"].value * self.players["second"].value


def value(player: keras.Model) -> float:
    return float(player.value)


def test_players_take_turns_and_each_sees_what_the_one_before_did():
    duel = Duel()
    logs = duel.train_step({"rate": 1.0})
    assert value(duel.players["first"]) == 4 - 1
    assert value(duel.players["second"]) == 5 - 3
    assert {name: float(loss) for name, loss in logs.items()} == {"first_loss": 4, "second_loss": 3 * 5}


def test_the_logs_are_means_until_they_are_reset():
    duel = Duel()
    duel.train_step({"rate": 1.0})
    assert float(duel.train_step({"rate": 1.0})["first_loss"]) == (4 + 3) / 2
    duel.reset_metrics()
    assert float(duel.train_step({"rate": 1.0})["first_loss"]) == 2


def test_the_average_starts_as_the_followed_player():
    assert value(Duel().average) == 4


@pytest.mark.parametrize("decay", [0.0, 0.3, 0.99])
def test_the_average_follows_with_a_decay_that_rises_to_the_chosen_one(decay):
    duel, expected = Duel(decay), 4.0
    for played in range(8):
        duel.train_step({"rate": 1.0})
        now = min(decay, played / (played + 10))
        expected = now * expected + (1 - now) * value(duel.players["first"])
        assert value(duel.average) == pytest.approx(expected, rel=1e-5)


def test_rounds_are_counted():
    duel = Duel()
    for _ in range(3):
        duel.train_step({"rate": 0.0})
    assert float(duel.round) == 3


def test_optimizers_are_built_before_the_first_round():
    assert all(optimizer.built for optimizer in Duel().turns.values())
