"""Writing, checking and reading the SavedModels that TF Serving serves."""
