"""What labels and unlabeled rows give the game: teacher, cross-fitting, reliability, label shift, stacking."""
