"""The model card: what a version is, how it was judged and what it cannot do, for the person who answers for it."""
