"""Release: smoke test and promotion."""
