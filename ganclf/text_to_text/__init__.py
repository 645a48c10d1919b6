"""Texts from texts: replies, translations, and whatever else pairs of texts show."""
