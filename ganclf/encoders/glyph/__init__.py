"""Texts read as sequences of pictures: a network sees each glyph, another reads the sequence."""

from ganclf.encoders.glyph.encoder import GlyphEncoder

__all__ = ["GlyphEncoder"]
