"""The sides of the benchmark `training_set`."""
