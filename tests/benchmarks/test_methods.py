import numpy as np
import pytest

from benchmarks.methods import choose_methods, game_methods, is_installed, method_names
from ganclf.config import GameConfig
from ganclf.errors import ConfigError


def test_every_game_of_the_configuration_is_a_method():
    choices = next(each for each in GameConfig.__dataclass_fields__.values() if each.name == "game").metadata["choices"]
    assert set(game_methods().values()) == set(choices)
    assert next(iter(game_methods())) == "game_off"


def test_game_stands_for_the_game_that_is_configured():
    assert choose_methods(["game", "game_off"], "k+1") == ["game_off", "game_k+1"]


def test_an_unknown_method_is_refused_with_the_list():
    with pytest.raises(ConfigError, match="label_spreading"):
        choose_methods(["spreading"], "k+1")


def test_a_method_whose_package_is_missing_is_left_out_or_refused(monkeypatch):
    monkeypatch.setattr("benchmarks.methods.find_spec", lambda package: None)
    assert choose_methods(None, "k+1") == [name for name in method_names() if name not in ("fasttext", "setfit")]
    with pytest.raises(ConfigError, match="pip install fasttext"):
        choose_methods(["fasttext"], "k+1")


def test_setfit_runs_where_it_is_asked_for_by_name():
    """It takes minutes, and a pretrained folder."""
    assert "setfit" not in choose_methods(None, "k+1")
    assert "setfit" in method_names()


def test_setfit_without_a_folder_is_refused(tmp_path):
    from benchmarks.setfit import predict_setfit

    for folder in (None, str(tmp_path / "nowhere")):
        with pytest.raises(ConfigError, match="folder of a sentence encoder"):
            predict_setfit(folder, ["a", "b"], np.array(["x", "y"]), ["a"], seed=0)


@pytest.mark.skipif(is_installed("setfit"), reason="setfit is installed")
def test_setfit_that_fails_is_quoted(tmp_path):
    from benchmarks.setfit import predict_setfit

    with pytest.raises(ConfigError, match=r"it failed .*No module named.*pip install setfit"):
        predict_setfit(str(tmp_path), ["a", "b"], np.array(["x", "y"]), ["a"], seed=0)


def test_setfit_that_takes_too_long_is_ended(tmp_path, monkeypatch):
    from benchmarks import setfit

    monkeypatch.setattr(setfit, "TIMEOUT", 0.001)
    with pytest.raises(ConfigError, match="not done in"):
        setfit.predict_setfit(str(tmp_path), ["a", "b"], np.array(["x", "y"]), ["a"], seed=0)


@pytest.mark.skipif(not is_installed("fasttext"), reason="fasttext is not installed")
def test_fasttext_learns_words_of_both_scripts_and_repeats_itself():
    from benchmarks.fasttext import predict_fasttext

    texts = ["apple rose", "苹果 red\nrose", "sea sky", "大海\0天空"] * 3
    labels = ["it is red", "it is red", "blue", "blue"] * 3
    asked = ["rose apple", "天空", ""]
    predicted, _ = predict_fasttext(texts, labels, asked, seed=3)
    assert predicted[:2].tolist() == ["it is red", "blue"]
    assert len(predicted) == 3
    assert np.array_equal(predict_fasttext(texts, labels, asked, seed=3)[0], predicted)


@pytest.mark.skipif(not is_installed("fasttext"), reason="fasttext is not installed")
def test_fasttext_that_overflows_is_trained_more_gently(monkeypatch):
    from benchmarks import fasttext

    train, rates = fasttext._train, []

    def overflow(lines, seed, rate):
        rates.append(rate)
        if rate > 0.3:
            raise RuntimeError("Encountered NaN.")
        return train(lines, seed, rate)

    monkeypatch.setattr(fasttext, "_train", overflow)
    _, settings = fasttext.predict_fasttext(["a b", "c d"], ["x", "y"], ["a"], seed=0)
    assert rates == [0.5, 0.25]
    assert settings["lr"] == 0.25
