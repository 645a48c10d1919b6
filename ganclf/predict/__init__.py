"""python -m ganclf.predict: text in, label out, from a published model or from a server."""

from ganclf.predict.command import main, parse

__all__ = ["main", "parse"]
