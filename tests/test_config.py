"""Choices are checked as soon as they are made."""

from dataclasses import FrozenInstanceError, fields

import numpy as np
import pytest

from ganclf.config import DataConfig, EncoderConfig, GameConfig, RunConfig
from ganclf.errors import ConfigError

KINDS = (DataConfig, EncoderConfig, GameConfig, RunConfig)
RANGED = [(kind, each) for kind in KINDS for each in fields(kind) if each.metadata["low"] is not None]
CHOSEN = [(kind, each) for kind in KINDS for each in fields(kind) if each.metadata["choices"]]


def named(pair) -> str:
    return pair[1].name


@pytest.mark.parametrize("kind", KINDS)
def test_defaults_are_allowed(kind):
    assert kind() == kind()


def test_every_field_tells_its_meaning():
    assert all(each.metadata["meaning"] for kind in KINDS for each in fields(kind))


@pytest.mark.parametrize("pair", RANGED, ids=named)
def test_both_ends_of_a_range_are_allowed_and_what_lies_beyond_is_not(pair):
    kind, each = pair
    option = "--" + each.name.replace("_", "-")
    ends = [(each.metadata["low"], -1), (each.metadata["high"], 1)]
    for end, outwards in ends if each.metadata["high"] is not None else ends[:1]:
        assert getattr(kind(**{each.name: end}), each.name) == end
        with pytest.raises(ConfigError, match=f"^{option}: {end + outwards} .* is out of range; give a number "):
            kind(**{each.name: end + outwards})


@pytest.mark.parametrize("pair", RANGED, ids=named)
@pytest.mark.parametrize("value", [float("nan"), "12", True, [1]], ids=repr)
def test_what_is_no_number_is_refused(pair, value):
    kind, each = pair
    with pytest.raises(ConfigError, match="--" + each.name.replace("_", "-")):
        kind(**{each.name: value})


@pytest.mark.parametrize("pair", CHOSEN, ids=named)
def test_an_unknown_choice_is_refused_and_the_choices_are_named(pair):
    kind, each = pair
    with pytest.raises(ConfigError, match=f"'nonsense' is no choice; choose from .*{each.metadata['choices'][-1]}"):
        kind(**{each.name: "nonsense"})


def test_a_message_has_the_option_the_value_and_the_remedy():
    with pytest.raises(ConfigError) as caught:
        GameConfig(ramp_share=1.5)
    assert str(caught.value) == (
        "--ramp-share: 1.5 (part of the steps in which unlabelled terms rise to full weight) is out of range; give a "
        "number from 0.001 to 1."
    )


def test_a_message_about_an_open_range_names_its_end():
    with pytest.raises(ConfigError, match=r"--labels-per-class: 0 .* give a number 1 or more\."):
        DataConfig(labels_per_class=0)


@pytest.mark.parametrize("number", [np.int64(7), np.int32(7), np.uint8(7)])
def test_numbers_of_numpy_are_numbers(number):
    assert GameConfig(steps=number).steps == 7


def test_a_part_of_a_step_is_refused():
    with pytest.raises(ConfigError, match="--steps"):
        GameConfig(steps=10.5)


@pytest.mark.parametrize("name", ["steps", "width", "game"])
def test_none_is_refused_where_something_is_needed(name):
    with pytest.raises(ConfigError, match=f"--{name}"):
        GameConfig(**{name: None})


def test_infinity_is_refused():
    with pytest.raises(ConfigError, match="--entropy-weight"):
        GameConfig(entropy_weight=float("inf"))


def test_a_configuration_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        GameConfig().steps = 3
