"""A year of weekly challengers, and how policies judge them."""
