"""Text as images: an atlas of glyphs rendered from fonts, and texts rendered from it in TensorFlow ops."""

from ganclf.rendering.atlas import Atlas, load_atlas
from ganclf.rendering.render import GlyphLookup, Renderer, tile

__all__ = ["Atlas", "GlyphLookup", "Renderer", "load_atlas", "tile"]
