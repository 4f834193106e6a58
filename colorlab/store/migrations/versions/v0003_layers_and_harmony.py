"""Tolerances of a finish, statements of instruments, verdicts on parts side by side, and the production line."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

COLUMNS = (
    ("measurements", "line"),
    ("verdicts", "line"),
    ("verdicts", "tolerances"),
)
TABLES = ("finish_tolerances", "instrument_statements", "harmony_verdicts")


def upgrade() -> None:
    for table, name in COLUMNS:
        op.add_column(table, sa.Column(name, sa.Text()))
    op.create_table(
        "finish_tolerances",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("content_sha256", sa.String(64), nullable=False),
        sa.Column("finish", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.String(32), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_finish_tolerances"),
        sa.CheckConstraint("media_type IN ('toml', 'json')", name=op.f("ck_finish_tolerances_media_type")),
        sa.UniqueConstraint("finish", "version", name="uq_finish_tolerances_finish_version"),
    )
    op.create_table(
        "instrument_statements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("content_sha256", sa.String(64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.String(32), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_instrument_statements"),
        sa.UniqueConstraint("name", "version", name="uq_instrument_statements_name_version"),
    )
    op.create_table(
        "harmony_verdicts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("colour", sa.Text()),
        sa.Column("supplier", sa.Text()),
        sa.Column("line", sa.Text()),
        sa.Column("inputs", sa.Text(), nullable=False),
        sa.Column("raw_sha256s", sa.Text(), nullable=False),
        sa.Column("tolerances", sa.Text(), nullable=False),
        sa.Column("software_version", sa.Text(), nullable=False),
        sa.Column("seed", sa.Integer()),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.String(32), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_harmony_verdicts"),
        sa.CheckConstraint("decision IN ('accept', 'reject', 'undecided')", name=op.f("ck_harmony_verdicts_decision")),
    )
    op.create_index("ix_harmony_verdicts_name", "harmony_verdicts", ["name"])
    if op.get_bind().dialect.name == "sqlite":
        for table in TABLES:
            for change in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                    "BEGIN SELECT RAISE(ABORT, 'records are written once: a change is a new record'); END"
                )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    for table, name in reversed(COLUMNS):
        op.drop_column(table, name)
