"""Pictures become other pictures: larger ones, or ones of another kind."""
