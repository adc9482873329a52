"""A dataset of many partitions: what its lake and ledger are asked, and the same asked barely."""
