"""Asking a model server, and being one on a single machine."""
