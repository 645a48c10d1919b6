"""Perturbed texts: the kinds, their rates, and Traditional Chinese."""

import sys

import pytest

from ganclf.errors import ConfigError
from ganclf.evaluation.perturbations import KINDS, Perturbations, perturbed, to_traditional

TEXTS = ["体验创新的游戏", "where is my parcel"]


def test_nothing_is_perturbed_by_default():
    assert not list(perturbed(TEXTS, Perturbations(), 0))


def test_every_kind_comes_once_with_its_name_and_rate():
    pytest.importorskip("noto_cjk_sans_otc", reason="needs the extra `glyph`")
    how = Perturbations(typos=0.4, homoglyphs=0.5)
    found = dict(perturbed(TEXTS, how, 0))
    assert list(found) == ["replaced", "dropped", "swapped", "homoglyph", "leet"]
    assert set(found) < set(KINDS)
    assert [how.rate(kind) for kind in found] == [0.4, 0.4, 0.4, 0.5, 0.5]
    assert all(texts != TEXTS for texts in found.values())


def test_simplified_chinese_becomes_traditional_and_the_rest_stays():
    pytest.importorskip("opencc", reason="needs the extra `traditional`")
    assert dict(perturbed(TEXTS, Perturbations(script="traditional"), 0)) == {
        "traditional": ["體驗創新的遊戲", "where is my parcel"]
    }


def test_without_opencc_the_error_names_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "opencc", None)
    with pytest.raises(ConfigError, match=r"ganclf\[traditional\]"):
        to_traditional(TEXTS)
    with pytest.raises(ConfigError, match="--script traditional"):
        Perturbations(script="traditional").check()
