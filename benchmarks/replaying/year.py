"""The year of flights as a lake and a ledger would hold it, had each day come in its night."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from include.demo.flights import day, days, load_flights
from include.demo.landing import parquet
from include.lake import Store, content_hash, layout, profile_table
from include.ledger import Ledger, PartitionRecord, migrate
from include.spec import ContractSpec

ADMITTED = time(4)  # of the next morning


def admit_year(contract: ContractSpec, folder: Path) -> tuple[Store, Ledger]:
    """Every day of 2013 as admission leaves it: file, profile and the ledger's row."""
    address = f"sqlite:///{folder / 'ledger.db'}"
    migrate(address)
    ledger, store = Ledger.open(address), Store.open(str(folder / "lake"))
    flights = load_flights(folder)
    for key in days(flights):
        rows = day(flights, key)
        digest = content_hash(rows)
        path = layout.admitted(contract.dataset, key, digest)
        store.write_bytes(path, parquet(rows))
        store.write_bytes(layout.profile(path), profile_table(rows, contract).to_json())
        morning = date.fromisoformat(key) + timedelta(days=1)
        ledger.record_partition(
            PartitionRecord(
                dataset=contract.dataset, key=key, fingerprint=digest[:16], status="admitted", content_hash=digest,
                rows=rows.num_rows, path=path, recorded_at=datetime.combine(morning, ADMITTED, UTC),
            )
        )  # fmt: skip
    return store, ledger
