"""Another style for a text, learned without pairs: texts and their labels are enough."""
