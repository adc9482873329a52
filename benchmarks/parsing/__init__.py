"""The two Dag folders that `benchmarks.parse` compares, and the process that reads one of them."""
