"""The page: a person types or uploads texts, the server predicts their labels, the page shows them."""
