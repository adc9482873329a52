"""Evaluation: evidence of champion and challenger on the same rows."""
