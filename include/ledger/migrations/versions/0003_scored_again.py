"""A file of predictions can be the newest again: after a rollback its version scores what it had scored before."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("predictions") as table:
        table.drop_constraint("one_record_per_prediction_file", type_="unique")
        table.create_index("predictions_of_a_partition", ["model", "key"])
