"""Partitions to judge, and the ways of judging them that are compared: each module has `prepared(file, folder)`."""
