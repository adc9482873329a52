"""The sides of `benchmarks.serving`, each a server of its own, and the load they get."""
