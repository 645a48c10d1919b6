"""Pictures of one kind become pictures of another, learned without pairs."""
