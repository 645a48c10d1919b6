"""The adversarial core: knows nothing of text. Losses, noise, averaging and the model whose step is a round."""
