"""Pictures in the graph: bytes become pixels, the same in training and when a server is asked."""
