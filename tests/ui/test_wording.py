"""Both languages have every sentence, with the same numbers in it."""

from dataclasses import asdict
from string import Formatter

import pytest

from ui.language import language_of
from ui.text import CHINESE, ENGLISH, LANGUAGES, Wording


def placeholders(words: Wording) -> dict[str, set[str | None]]:
    """The names in braces, for each sentence."""
    sentences = {key: value for key, value in asdict(words).items() if isinstance(value, str)}
    return {key: {name for _, name, _, _ in Formatter().parse(value)} - {None} for key, value in sentences.items()}


def test_both_languages_have_the_same_keys_and_numbers():
    assert placeholders(ENGLISH) == placeholders(CHINESE)
    assert len(ENGLISH.examples) == len(CHINESE.examples)


@pytest.mark.parametrize("words", LANGUAGES.values(), ids=LANGUAGES)
def test_no_sentence_is_empty(words: Wording):
    assert all(asdict(words).values())
    assert all(words.examples)


@pytest.mark.parametrize(
    ("locale", "language"),
    [("zh-CN", "zh"), ("zh", "zh"), ("zh_TW", "zh"), ("en-GB", "en"), ("de-DE", "en"), ("", "en"), (None, "en")],
)
def test_the_language_follows_the_locale(locale: str | None, language: str):
    assert language_of(locale) == language
