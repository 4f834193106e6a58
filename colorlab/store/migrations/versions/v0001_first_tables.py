"""The first tables: raw files, measurements, colorants, recipes, verdicts, captures, the programme, the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


TABLES = (
    "audit_log",
    "captures",
    "colorant_sets",
    "colours",
    "programmes",
    "raw_files",
    "stage_events",
    "tolerances",
    "measurements",
    "recipes",
    "standards",
    "verdicts",
)


def upgrade() -> None:
    op.create_table(
        "audit_log",
        sa.Column("link", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("record_sha256", sa.String(64), nullable=False),
        sa.Column("previous_sha256", sa.String(64), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("link", name="pk_audit_log"),
        sa.UniqueConstraint("previous_sha256", name="uq_audit_log_previous_sha256"),
        sa.UniqueConstraint("record", name="uq_audit_log_record"),
    )
    op.create_table(
        "captures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("panel", sa.Text(), nullable=False),
        sa.Column("colour", sa.Text()),
        sa.Column("polishing_round", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.String(32), nullable=False),
        sa.Column("polishing_hours", sa.Float()),
        sa.Column("photo_sha256s", sa.Text(), nullable=False),
        sa.Column("software_version", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.String(32), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_captures"),
        sa.CheckConstraint(
            "outcome IN ('pass', 're_polish', 'fail', 're_shoot', 'not_judged')", name=op.f("ck_captures_outcome")
        ),
        sa.CheckConstraint("polishing_round >= 0", name=op.f("ck_captures_polishing_round")),
    )
    op.create_index("ix_captures_colour", "captures", ["colour"])
    op.create_index("ix_captures_panel", "captures", ["panel"])
    op.create_table(
        "colorant_sets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("content_sha256", sa.String(64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("arrays", sa.LargeBinary(), nullable=False),
        sa.Column("inputs", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.String(32), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_colorant_sets"),
        sa.UniqueConstraint("name", "version", name="uq_colorant_sets_name_version"),
    )
    op.create_table(
        "colours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("content_sha256", sa.String(64), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("names", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("finish", sa.Text(), nullable=False),
        sa.Column("suppliers", sa.Text(), nullable=False),
        sa.Column("slot", sa.Integer()),
        sa.Column("due", sa.String(10), nullable=False),
        sa.Column("recorded_at", sa.String(32), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_colours"),
        sa.UniqueConstraint("code", "version", name="uq_colours_code_version"),
    )
    op.create_table(
        "programmes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("content_sha256", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("start", sa.String(10), nullable=False),
        sa.Column("end", sa.String(10), nullable=False),
        sa.Column("slots", sa.Integer(), nullable=False),
        sa.Column("utc_offset_minutes", sa.Integer(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.String(32), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_programmes"),
        sa.UniqueConstraint("version", name="uq_programmes_version"),
    )
    op.create_table(
        "raw_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.String(32), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_raw_files"),
        sa.UniqueConstraint("sha256", name="uq_raw_files_sha256"),
    )
    op.create_table(
        "stage_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("colour", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("override_reason", sa.Text()),
        sa.Column("recorded_at", sa.String(32), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stage_events"),
    )
    op.create_index("ix_stage_events_colour", "stage_events", ["colour"])
    op.create_table(
        "tolerances",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("content_sha256", sa.String(64), nullable=False),
        sa.Column("colour", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.String(32), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tolerances"),
        sa.CheckConstraint("media_type IN ('toml', 'json')", name=op.f("ck_tolerances_media_type")),
        sa.UniqueConstraint("colour", "version", name="uq_tolerances_colour_version"),
    )
    op.create_table(
        "measurements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("content_sha256", sa.String(64), nullable=False),
        sa.Column("raw_sha256", sa.String(64)),
        sa.Column("file_name", sa.Text()),
        sa.Column("format", sa.Text()),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("colour", sa.Text()),
        sa.Column("supplier", sa.Text()),
        sa.Column("sample", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("standard", sa.Text()),
        sa.Column("start_nm", sa.Float(), nullable=False),
        sa.Column("stop_nm", sa.Float(), nullable=False),
        sa.Column("step_nm", sa.Float(), nullable=False),
        sa.Column("geometry", sa.Text(), nullable=False),
        sa.Column("n_angles", sa.Integer(), nullable=False),
        sa.Column("n_wavelengths", sa.Integer(), nullable=False),
        sa.Column("reflectance_factor", sa.LargeBinary(), nullable=False),
        sa.Column("n_readings", sa.Integer()),
        sa.Column("readings", sa.LargeBinary()),
        sa.Column("stated", sa.Text()),
        sa.Column("stated_values", sa.LargeBinary()),
        sa.Column("texture", sa.Text(), nullable=False),
        sa.Column("conditions", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.Text()),
        sa.Column("instrument", sa.Text()),
        sa.Column("recorded_at", sa.String(32), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_measurements"),
        sa.ForeignKeyConstraint(["raw_sha256"], ["raw_files.sha256"], name="fk_measurements_raw_sha256"),
        sa.UniqueConstraint("content_sha256", name="uq_measurements_content_sha256"),
    )
    op.create_index("ix_measurements_colour", "measurements", ["colour"])
    op.create_index("ix_measurements_raw_sha256", "measurements", ["raw_sha256"])
    op.create_index("ix_measurements_sample", "measurements", ["sample"])
    op.create_table(
        "recipes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("content_sha256", sa.String(64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("colour", sa.Text()),
        sa.Column("colorant_set", sa.Integer()),
        sa.Column("colorants", sa.Text(), nullable=False),
        sa.Column("mass_fractions", sa.LargeBinary(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.String(32), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_recipes"),
        sa.ForeignKeyConstraint(["colorant_set"], ["colorant_sets.id"], name="fk_recipes_colorant_set"),
        sa.UniqueConstraint("name", "version", name="uq_recipes_name_version"),
    )
    op.create_index("ix_recipes_colour", "recipes", ["colour"])
    op.create_table(
        "standards",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("colour", sa.Text(), nullable=False),
        sa.Column("measurement", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.String(32), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_standards"),
        sa.ForeignKeyConstraint(["measurement"], ["measurements.id"], name="fk_standards_measurement"),
    )
    op.create_index("ix_standards_colour", "standards", ["colour"])
    op.create_table(
        "verdicts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("colour", sa.Text()),
        sa.Column("supplier", sa.Text()),
        sa.Column("standard", sa.Integer()),
        sa.Column("sample", sa.Integer()),
        sa.Column("inputs", sa.Text(), nullable=False),
        sa.Column("raw_sha256s", sa.Text(), nullable=False),
        sa.Column("tolerance", sa.Integer()),
        sa.Column("software_version", sa.Text(), nullable=False),
        sa.Column("seed", sa.Integer()),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.String(32), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_verdicts"),
        sa.CheckConstraint("decision IN ('accept', 'reject', 'undecided')", name=op.f("ck_verdicts_decision")),
        sa.ForeignKeyConstraint(["sample"], ["measurements.id"], name="fk_verdicts_sample"),
        sa.ForeignKeyConstraint(["standard"], ["measurements.id"], name="fk_verdicts_standard"),
        sa.ForeignKeyConstraint(["tolerance"], ["tolerances.id"], name="fk_verdicts_tolerance"),
    )
    op.create_index("ix_verdicts_colour", "verdicts", ["colour"])
    op.create_index("ix_verdicts_supplier", "verdicts", ["supplier"])
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
