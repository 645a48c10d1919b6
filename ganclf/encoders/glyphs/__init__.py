"""Texts as sequences of glyph images: a CNN embeds each glyph, a sequence network encodes the text."""

from ganclf.encoders.glyphs.encoder import GlyphEncoder

__all__ = ["GlyphEncoder"]
