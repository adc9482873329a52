"""Streams of days with faults of known start, and rules that judge them."""
