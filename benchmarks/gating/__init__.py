"""A million held-out rows, and the numbers the gates decide by: as Perennial makes them and as a script would."""
