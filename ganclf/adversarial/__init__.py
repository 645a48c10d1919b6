"""The adversarial core: losses, noise, averaging and the model whose step trains all networks. It has no text in it."""
