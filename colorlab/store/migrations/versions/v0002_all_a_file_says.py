"""All a file says: uneven wavelengths, covariance, declarations, every stated colour, records without a spectrum."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

COLUMNS = (
    ("nodes_nm", sa.LargeBinary()),
    ("covariance", sa.LargeBinary()),
    ("declared", sa.Text()),
    ("more_stated", sa.Text()),
    ("more_stated_values", sa.LargeBinary()),
)


def upgrade() -> None:
    for name, kind in COLUMNS:
        op.add_column("measurements", sa.Column(name, kind))
    op.create_table(
        "file_records",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("content_sha256", sa.String(64), nullable=False),
        sa.Column("raw_sha256", sa.String(64), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("colour", sa.Text()),
        sa.Column("supplier", sa.Text()),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.String(32), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_file_records"),
        sa.CheckConstraint("kind IN ('colour', 'spectrum', 'recipe', 'attachment')", name=op.f("ck_file_records_kind")),
        sa.ForeignKeyConstraint(["raw_sha256"], ["raw_files.sha256"], name="fk_file_records_raw_sha256"),
        sa.UniqueConstraint("content_sha256", name="uq_file_records_content_sha256"),
    )
    op.create_index("ix_file_records_raw_sha256", "file_records", ["raw_sha256"])
    op.create_index("ix_file_records_title", "file_records", ["title"])
    if op.get_bind().dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER file_records_no_{change.lower()} BEFORE {change} ON file_records "
                "BEGIN SELECT RAISE(ABORT, 'records are written once: a change is a new record'); END"
            )


def downgrade() -> None:
    op.drop_table("file_records")
    for name, _ in reversed(COLUMNS):
        op.drop_column("measurements", name)
