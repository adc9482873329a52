"""A first folder for a model, guessed from a sample of its data; every guess says what it stands on."""

from include.scaffold.folder import scaffold

__all__ = ["scaffold"]
