"""Pictures are learned from, and new ones are drawn."""
