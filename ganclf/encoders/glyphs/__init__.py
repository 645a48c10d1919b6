"""Texts read as sequences of pictures: a network sees each glyph, another reads the sequence."""

from ganclf.encoders.glyphs.encoder import GlyphEncoder

__all__ = ["GlyphEncoder"]
