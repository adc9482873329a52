"""The board: what the ledger says of models and datasets, as pages to look at."""
