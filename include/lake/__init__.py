"""The lake: landed, admitted and quarantined partitions, predictions and evidence, in a local folder or in S3."""

from include.lake.hashing import content_hash
from include.lake.merging import merge
from include.lake.partitions import Landed, landed, landed_partition
from include.lake.profile import CategoryProfile, NumericProfile, Profile
from include.lake.profiling import profile_table
from include.lake.snapshot import Snapshot, SnapshotEntry
from include.lake.store import Entry, Store

__all__ = [
    "CategoryProfile",
    "Entry",
    "Landed",
    "NumericProfile",
    "Profile",
    "Snapshot",
    "SnapshotEntry",
    "Store",
    "content_hash",
    "landed",
    "landed_partition",
    "merge",
    "profile_table",
]
