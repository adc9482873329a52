"""The demonstration: real flights, and a year that is replayed one day at a time."""
