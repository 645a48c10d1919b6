"""Hashed word and character n-grams: tf-idf with a truncated SVD, and co-occurrence embeddings."""
