"""The games of classification, one file per game."""
