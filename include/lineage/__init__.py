"""Lineage: what data versions stand on, what changed between them, and what nobody refers to any more."""
