"""Hashed n-grams of words and characters → features: tf-idf, latent semantic analysis and co-occurrence."""
