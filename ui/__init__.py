"""The page: a person types or uploads texts, the server answers, the page shows it."""
