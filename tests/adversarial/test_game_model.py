"""The core alone, with networks of a single weight whose game can be computed by hand."""

import keras
import pytest

from ganclf.adversarial.model import AdversarialModel


class Number(keras.Model):
    """A network that is one number."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self.value = self.add_weight(shape=(), initializer=keras.initializers.Constant(value))
        self.built = True


class Duel(AdversarialModel):
    """The first minimizes itself times `rate`, then the second minimizes the product; both by steps of the gradient."""

    def __init__(self, decay: float = 0.3, **options) -> None:
        networks = {"first": Number(4.0), "second": Number(5.0)}
        losses = {"first": self.first_loss, "second": self.second_loss, "third": self.second_loss}
        super().__init__(
            networks,
            losses,
            ema_source=networks["first"],
            ema_network=Number(-1.0),
            ema_decay=decay,
            seed=0,
            **options,
        )
        self.compile({name: keras.optimizers.SGD(1.0) for name in self.networks})

    def first_loss(self, batch, noise):
        return batch["rate"] * self.networks["first"].value

    def second_loss(self, batch, noise):
        return self.networks["first"].value * self.networks["second"].value


def value(network: keras.Model) -> float:
    return float(network.value)


def test_networks_are_updated_in_turn_and_each_uses_what_the_one_before_did():
    duel = Duel()
    logs = duel.train_step({"rate": 1.0})
    assert value(duel.networks["first"]) == 4 - 1
    assert value(duel.networks["second"]) == 5 - 3
    assert {name: float(loss) for name, loss in logs.items()} == {"first_loss": 4, "second_loss": 3 * 5}


def test_a_network_can_be_updated_several_times_per_step():
    duel = Duel(updates_per_step={"first": 3})
    duel.train_step({"rate": 1.0})
    assert value(duel.networks["first"]) == 4 - 3
    assert value(duel.networks["second"]) == 5 - 1


def test_each_network_of_the_game_has_a_loss_and_no_other_has():
    assert list(Duel().loss_fns) == ["first", "second"]


def test_the_table_of_losses_adds_no_variables():
    duel = Duel()
    owned = [*duel.networks.values(), duel.ema_network]
    shared = {id(weight) for network in owned for weight in network.weights}
    assert [weight.name for weight in duel.weights if id(weight) not in shared] == ["step"]


def test_the_logs_are_means_until_they_are_reset():
    duel = Duel()
    duel.train_step({"rate": 1.0})
    assert float(duel.train_step({"rate": 1.0})["first_loss"]) == (4 + 3) / 2
    duel.reset_metrics()
    assert float(duel.train_step({"rate": 1.0})["first_loss"]) == 2


def test_the_average_starts_at_the_weights_it_follows():
    assert value(Duel().ema_network) == 4


@pytest.mark.parametrize("decay", [0.0, 0.3, 0.99])
def test_the_average_follows_with_a_decay_that_rises_to_the_chosen_one(decay):
    duel, expected = Duel(decay), 4.0
    for step in range(8):
        duel.train_step({"rate": 1.0})
        now = min(decay, step / (step + 10))
        expected = now * expected + (1 - now) * value(duel.networks["first"])
        assert value(duel.ema_network) == pytest.approx(expected, rel=1e-5)


def test_historical_averaging_adds_the_weighted_distance_from_the_mean():
    duel = Duel(historical_weight=0.5)
    duel.train_step({"rate": 1.0})  # first: 4 → 3, mean 3.5
    logs = duel.train_step({"rate": 1.0})
    assert float(logs["first_loss"]) == pytest.approx((4 + 3 + 0.5 * 0.25) / 2)
    assert value(duel.networks["first"]) == pytest.approx(3 - 1 - 0.5 * 2 * (3 - 3.5))


def test_steps_are_counted():
    duel = Duel()
    for _ in range(3):
        duel.train_step({"rate": 0.0})
    assert float(duel.step) == 3


def test_optimizers_are_built_before_the_first_step():
    assert all(optimizer.built for optimizer in Duel().optimizers.values())


def test_gradients_are_clipped_by_the_norm_that_a_group_is_given():
    duel = Duel(clip_norms={"first": 0.5})
    duel.train_step({"rate": 1.0})
    assert value(duel.networks["first"]) == 4 - 0.5
    assert value(duel.networks["second"]) == 5 - 3.5
