"""A year of daily profiles merged, and what the same costs from the rows."""
