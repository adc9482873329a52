"""A served model that changes while clients ask it: what `rollback` and `swap_under_load` share."""
