"""Runs the migrations on the connection (and in the transaction) that `include.ledger.migrate` hands over."""

from alembic import context

from include.ledger.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
context.run_migrations()
