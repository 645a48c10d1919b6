"""Pretrained transformers: loaded from a preset, pooled, fine-tuned."""
