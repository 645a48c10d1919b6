"""Text as images: an atlas of glyphs drawn from fonts, and texts rendered from it in TensorFlow ops."""

from ganclf.rendering.atlas import Atlas, load_atlas
from ganclf.rendering.render import Lookup, Renderer, page

__all__ = ["Atlas", "Lookup", "Renderer", "load_atlas", "page"]
