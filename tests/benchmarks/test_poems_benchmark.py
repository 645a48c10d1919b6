"""Rhyme and form of poems; test_published_generator.py measures those of a model."""

import sys

import pytest

from benchmarks.poems import figures, form_of, lines_of, rhymes
from ganclf.errors import ConfigError

RHYMING = "红 豆 生 南 国 ， 春 来 发 几 枝 。 愿 君 多 采 撷 ， 此 物 最 相 思 。"
OTHER = "红豆生南国，春来发几枝。愿君多采撷，此物最相山。"


def test_lines_are_found_with_blanks_and_without():
    assert lines_of(RHYMING)[1] == "春来发几枝"
    assert form_of(RHYMING) == form_of(OTHER) == (5, 5, 5, 5)
    assert form_of("a line\nanother") == (5, 7)


def test_lines_two_and_four_rhyme_by_their_finals():
    pytest.importorskip("pypinyin", reason="needs the extra `poems`")
    assert rhymes(RHYMING)
    assert not rhymes(OTHER)
    assert not rhymes("红豆生南国，春来发几枝。愿君多采撷，此物最相枝。")  # the same character is no rhyme
    assert not rhymes("红豆生南国，春来发几枝。")
    found = figures([RHYMING, OTHER], (5, 5, 5, 5), [OTHER])
    assert (found["rhyme"], found["form"], found["copies"]) == (0.5, 1.0, 0.5)


def test_without_pypinyin_the_error_names_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pypinyin", None)
    with pytest.raises(ConfigError, match=r"ganclf\[poems\]"):
        rhymes(RHYMING)
