"""Small pictures become larger ones."""
