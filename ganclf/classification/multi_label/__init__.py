"""Several labels a text: what labels and unlabeled rows give the game, with a decision of its own for each class."""
