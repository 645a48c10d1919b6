"""Texts from texts: replies from pairs, another style without pairs; what both need is here."""
