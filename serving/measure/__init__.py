"""Measurements of the local server, each a command: python -m serving.measure load|swap|memory|malformed|kill|start."""
