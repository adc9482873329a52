"""The sides of the benchmark `features`."""
