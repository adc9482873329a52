"""The two sides of `benchmarks.orchestration`: a training as plain function calls, and the same as a Dag run."""
