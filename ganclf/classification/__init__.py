"""Text classification, the first task: labels and unlabeled texts become a classifier."""

from ganclf.config.devices import require_tensorflow_backend

require_tensorflow_backend()  # before Keras or TF-Text is imported, which fail with another one
