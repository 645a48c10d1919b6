import pytest

from benchmarks.variants import parse_variant
from ganclf.config import EncoderConfig, GameConfig
from ganclf.errors import ConfigError


def test_a_variant_is_named_by_its_settings_or_by_the_user():
    assert parse_variant("dropout=0").name == "dropout=0"
    named = parse_variant("no guide: guide-weight=0, steps=10")
    assert named.name == "no guide"
    _, game = named.change(EncoderConfig(), GameConfig())
    assert (game.teacher_weight, game.steps) == (0.0, 10)


def test_settings_of_the_encoder_are_variants_too():
    encoder, _ = parse_variant("size=32").change(EncoderConfig(), GameConfig())
    assert encoder.size == 32


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("dropout", "no value"),
        ("droput=0", "dropout"),
        ("dropout=much", "not a float"),
        ("seed=3", "--seeds"),
        ("game=off", "--methods"),
    ],
)
def test_a_mistake_is_said_with_its_remedy(word, says):
    with pytest.raises(ConfigError, match=says):
        parse_variant(word)


def test_a_value_out_of_range_is_refused():
    with pytest.raises(ConfigError, match="out of range"):
        parse_variant("dropout=7").change(EncoderConfig(), GameConfig())
