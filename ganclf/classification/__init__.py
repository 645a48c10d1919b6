"""Text classification, the first task: labels and unlabeled texts become a classifier."""
