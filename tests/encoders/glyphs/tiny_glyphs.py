"""A glyph encoder of a few characters, which is fitted in a moment."""

from __future__ import annotations

from typing import Any

import pytest

from ganclf.config import EncoderConfig
from ganclf.rendering import atlas

CHARACTERS = "上涨股市场球队赢了比赛今日国王玉主考试学生明末未abcdefgaronyswiu ,"
TEXTS = ["股市今日上涨", "球队赢了比赛", "今日股市", "比赛球队 a", "学生考试", "明日考试", "", "good sunny day"] * 4
SETTINGS: dict[str, Any] = {"encoder": "glyph", "size": 8, "glyph_steps": 2, "max_glyphs": 12, "vocabulary_size": 500}


def render_few(patch: pytest.MonkeyPatch) -> None:
    """Make atlases of CHARACTERS only: a whole one takes seconds to render."""
    patch.setattr(atlas, "assigned_code_points", lambda: tuple(sorted(set(map(ord, CHARACTERS)))))


def config(**changes: Any) -> EncoderConfig:
    """Settings of the smallest encoder."""
    return EncoderConfig(**SETTINGS | changes)
