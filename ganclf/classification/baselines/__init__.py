"""What the classifier is compared with: tuned linear models, self-training and label spreading."""
