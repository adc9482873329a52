"""Tests one may look at after every request: their errors hold over the whole time, whenever one stops."""
