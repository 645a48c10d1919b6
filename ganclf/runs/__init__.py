"""What the runs of several tasks have in common at their end."""
