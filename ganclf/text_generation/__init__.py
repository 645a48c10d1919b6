"""A file of texts becomes a served model that writes new ones."""
