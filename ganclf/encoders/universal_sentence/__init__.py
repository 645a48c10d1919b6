"""Google's multilingual Universal Sentence Encoder: files, network and encoder."""
