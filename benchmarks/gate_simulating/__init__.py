"""Worlds in which the truth is known, and the rules that judge challengers in them."""
