"""Rebuild: a version made again from its manifest, and compared with what was stored of it."""

from include.rebuild.comparison import Compared, Reproduction
from include.rebuild.reproduce import reproduce

__all__ = ["Compared", "Reproduction", "reproduce"]
