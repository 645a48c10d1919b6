"""Pretrained transformers: read from a folder, pooled, tuned."""
