"""Strengths of the lots of a colorant set, each learning a new version."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLE = "lot_strengths"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("content_sha256", sa.String(64), nullable=False),
        sa.Column("colorant_set", sa.Integer(), nullable=False),
        sa.Column("lot", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("arrays", sa.LargeBinary(), nullable=False),
        sa.Column("inputs", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.String(32), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_lot_strengths"),
        sa.ForeignKeyConstraint(["colorant_set"], ["colorant_sets.id"], name="fk_lot_strengths_colorant_set"),
        sa.UniqueConstraint("colorant_set", "lot", "version", name="uq_lot_strengths_colorant_set_lot_version"),
    )
    if op.get_bind().dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {TABLE}_no_{change.lower()} BEFORE {change} ON {TABLE} "
                "BEGIN SELECT RAISE(ABORT, 'records are written once: a change is a new record'); END"
            )


def downgrade() -> None:
    op.drop_table(TABLE)
