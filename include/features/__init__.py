"""Features: the same code makes them for training, scoring and every check."""
