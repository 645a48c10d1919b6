"""Replies, translations, and whatever else pairs of texts show."""
