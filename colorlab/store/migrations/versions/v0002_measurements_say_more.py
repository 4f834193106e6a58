"""Measurements keep uneven wavelengths, a covariance, what was declared, and every stated colour."""

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


def downgrade() -> None:
    for name, _ in reversed(COLUMNS):
        op.drop_column("measurements", name)
