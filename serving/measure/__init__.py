"""Measurements of the local server: python -m serving.measure load|hot-swap|memory|fuzz|crash-recovery|start."""
