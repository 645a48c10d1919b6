"""python -m ganclf.predict: text in, label out, from a published model or from a server."""

from ganclf.predict.__main__ import main, parse

__all__ = ["main", "parse"]
