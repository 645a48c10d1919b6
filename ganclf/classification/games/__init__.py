"""One file a task, each a game on the adversarial core."""
