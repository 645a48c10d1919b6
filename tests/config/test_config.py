"""Choices are checked as soon as they are made."""

import re
from dataclasses import FrozenInstanceError, asdict, fields

import numpy as np
import pytest

from ganclf.config import ALIASES, DataConfig, EncoderConfig, GameConfig, RunConfig, current_names, former_names
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
    with pytest.raises(
        ConfigError, match=f"'nonsense' is not a choice; choose from .*{re.escape(each.metadata['choices'][-1])}"
    ):
        kind(**{each.name: "nonsense"})


def test_a_message_has_the_option_the_value_and_the_remedy():
    with pytest.raises(ConfigError) as caught:
        GameConfig(rampup_fraction=1.5)
    assert str(caught.value) == (
        "--rampup-fraction: 1.5 (part of training over which the weight of the unlabeled losses ramps up) is out of "
        "range; give a number from 0.001 to 1."
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


def test_a_former_name_leads_to_a_field_and_none_is_a_field_itself():
    names = {each.name for kind in KINDS for each in fields(kind)}
    assert set(ALIASES.values()) <= names
    assert not set(ALIASES) & names
    assert ALIASES["guide_weight"] == "teacher_weight"


def test_former_names_and_values_are_replaced_and_others_are_kept():
    settings = {"views": "own", "steps": 3, "guide_weight": 0.0, "unheard_of": [1]}
    assert current_names(settings) == {"pooling": "preset", "steps": 3, "teacher_weight": 0.0, "unheard_of": [1]}
    assert former_names(current_names(settings)) == settings


def test_a_hash_of_settings_sees_the_names_that_it_always_saw():
    former = former_names(asdict(GameConfig()))
    assert {"guide_weight", "trust", "labelled_batch_size", "mixing_weight", "ramp_share", "confidence"} <= set(former)
    assert former_names(asdict(EncoderConfig(encoder="pretrained", preset="x", pooling="preset")))["views"] == "own"


def test_encoders_to_fuse_need_the_fused_encoder():
    with pytest.raises(ConfigError, match=r"--fuse ngram,glyph: .* only with --encoder fused"):
        EncoderConfig(fuse="ngram,glyph")
