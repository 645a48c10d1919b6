"""Text as images: an atlas of glyphs rendered from fonts, and texts rendered from it in TensorFlow ops."""
