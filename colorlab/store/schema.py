"""The tables of a lab. Every row is written once: a change is a new version, a correction is a new record.

One row is one record, so that one digest covers it. Later migrations may add tables and nullable columns; they never
change what a row already says.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Float, ForeignKey, Index, Integer, MetaData, String, Table, Text
from sqlalchemy import UniqueConstraint as Unique

from colorlab.store.columns import Day, Document, RecordNumber, Spectra, UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _record(prefix: str) -> Column[str]:
    return Column("id", RecordNumber(prefix), primary_key=True)


def _written() -> tuple[Column[object], Column[str]]:
    return Column("recorded_at", UtcDateTime, nullable=False), Column("recorded_by", Text, nullable=False)


def _raw_file() -> Column[str]:
    return Column("raw_sha256", String(64), ForeignKey("raw_files.sha256"))


def _content() -> Column[str]:
    return Column("content_sha256", String(64), nullable=False)


raw_files = Table(
    "raw_files",
    metadata,
    _record("F"),
    Column("sha256", String(64), nullable=False),
    Column("file_name", Text, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    *_written(),
    Unique("sha256"),
)

measurements = Table(
    "measurements",
    metadata,
    _record("M"),
    _content(),
    _raw_file(),
    Column("file_name", Text),
    Column("format", Text),
    Column("position", Integer, nullable=False),  # place within its file, from 0
    Column("colour", Text),
    Column("supplier", Text),
    Column("sample", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("standard", Text),
    Column("start_nm", Float, nullable=False),
    Column("stop_nm", Float, nullable=False),
    Column("step_nm", Float, nullable=False),
    Column("geometry", Document, nullable=False),
    Column("n_angles", Integer, nullable=False),
    Column("n_wavelengths", Integer, nullable=False),
    Column("reflectance_factor", Spectra, nullable=False),
    Column("n_readings", Integer),
    Column("readings", Spectra),
    Column("stated", Document),
    Column("stated_values", Spectra),
    Column("texture", Document, nullable=False),
    Column("conditions", Document, nullable=False),
    Column("taken_at", Text),  # as declared: files often give no time zone
    Column("instrument", Text),
    Column("nodes_nm", Spectra),  # of uneven wavelengths, whose step_nm is 0
    Column("covariance", Spectra),
    Column("declared", Document),
    Column("more_stated", Document),  # the stated colours after the first
    Column("more_stated_values", Spectra),
    Column("line", Text),  # production line the panel was painted on
    *_written(),
    Unique("content_sha256"),
    Index(None, "sample"),
    Index(None, "colour"),
    Index(None, "raw_sha256"),
)

file_records = Table(  # what a file says beside reflectance: colours, other spectra, recipes, documents
    "file_records",
    metadata,
    _record("N"),
    _content(),
    Column("raw_sha256", String(64), ForeignKey("raw_files.sha256"), nullable=False),
    Column("file_name", Text, nullable=False),
    Column("format", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("position", Integer, nullable=False),  # place within its kind in the file, from 0
    Column("colour", Text),
    Column("supplier", Text),
    Column("title", Text, nullable=False),  # name of the sample, light or recipe; kind of the document
    Column("document", Document, nullable=False),
    *_written(),
    CheckConstraint("kind IN ('colour', 'spectrum', 'recipe', 'attachment')", name="kind"),
    Unique("content_sha256"),
    Index(None, "raw_sha256"),
    Index(None, "title"),
)

standards = Table(  # the decision that a measurement is the standard of a colour
    "standards",
    metadata,
    _record("D"),
    Column("colour", Text, nullable=False),
    Column("measurement", RecordNumber("M"), ForeignKey("measurements.id"), nullable=False),
    *_written(),
    Index(None, "colour"),
)

colorant_sets = Table(
    "colorant_sets",
    metadata,
    _record("K"),
    _content(),
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("document", Document, nullable=False),
    Column("arrays", Spectra, nullable=False),
    Column("inputs", Document, nullable=False),  # ids of the measurements it was characterised from
    *_written(),
    Unique("name", "version"),
)

lot_strengths = Table(  # how the lots of a set's colorants act
    "lot_strengths",
    metadata,
    _record("B"),
    _content(),
    Column("colorant_set", RecordNumber("K"), ForeignKey("colorant_sets.id"), nullable=False),
    Column("lot", Text, nullable=False),  # what the lots are called by; empty for the ones in use
    Column("version", Integer, nullable=False),
    Column("document", Document, nullable=False),
    Column("arrays", Spectra, nullable=False),  # ln factors, then their covariance
    Column("inputs", Document, nullable=False),  # ids of the measurements it was learned from
    *_written(),
    Unique("colorant_set", "lot", "version"),
)

recipes = Table(
    "recipes",
    metadata,
    _record("R"),
    _content(),
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("colour", Text),
    Column("colorant_set", RecordNumber("K"), ForeignKey("colorant_sets.id")),
    Column("colorants", Document, nullable=False),
    Column("mass_fractions", Spectra, nullable=False),
    Column("document", Document, nullable=False),  # what the search or the person said about it
    *_written(),
    Unique("name", "version"),
    Index(None, "colour"),
)

tolerances = Table(
    "tolerances",
    metadata,
    _record("T"),
    _content(),
    Column("colour", Text, nullable=False),  # empty: the programme's default
    Column("version", Integer, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("document", Text, nullable=False),
    *_written(),
    Unique("colour", "version"),
    CheckConstraint("media_type IN ('toml', 'json')", "media_type"),
)

finish_tolerances = (
    Table(  # of every colour of one finish: beside `tolerances`, so that no finish can be taken for a code
        "finish_tolerances",
        metadata,
        _record("L"),
        _content(),
        Column("finish", Text, nullable=False),
        Column("version", Integer, nullable=False),
        Column("media_type", Text, nullable=False),
        Column("document", Text, nullable=False),
        *_written(),
        Unique("finish", "version"),
        CheckConstraint("media_type IN ('toml', 'json')", "media_type"),
    )
)

instrument_statements = Table(  # what is stated of an instrument: repeatability, calibration
    "instrument_statements",
    metadata,
    _record("I"),
    _content(),
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("document", Text, nullable=False),  # TOML
    *_written(),
    Unique("name", "version"),
)

verdicts = Table(
    "verdicts",
    metadata,
    _record("V"),
    Column("decision", Text, nullable=False),
    Column("colour", Text),
    Column("supplier", Text),
    Column("standard", RecordNumber("M"), ForeignKey("measurements.id")),
    Column("sample", RecordNumber("M"), ForeignKey("measurements.id")),
    Column("inputs", Document, nullable=False),
    Column("raw_sha256s", Document, nullable=False),
    Column("tolerance", RecordNumber("T"), ForeignKey("tolerances.id")),
    Column("software_version", Text, nullable=False),
    Column("seed", Integer),
    Column("document", Document, nullable=False),
    Column("line", Text),
    Column("tolerances", Document),  # ids of all layers applied, the general one first
    *_written(),
    CheckConstraint("decision IN ('accept', 'reject', 'undecided')", "decision"),
    Index(None, "colour"),
    Index(None, "supplier"),
)

harmony_verdicts = Table(  # on parts that are seen side by side
    "harmony_verdicts",
    metadata,
    _record("H"),
    Column("decision", Text, nullable=False),
    Column("name", Text, nullable=False),  # of the set of parts
    Column("colour", Text),
    Column("supplier", Text),
    Column("line", Text),
    Column("inputs", Document, nullable=False),  # ids of the measurements, one a part
    Column("raw_sha256s", Document, nullable=False),
    Column("tolerances", Document, nullable=False),
    Column("software_version", Text, nullable=False),
    Column("seed", Integer),
    Column("document", Document, nullable=False),
    *_written(),
    CheckConstraint("decision IN ('accept', 'reject', 'undecided')", "decision"),
    Index(None, "name"),
)

captures = Table(
    "captures",
    metadata,
    _record("P"),
    Column("panel", Text, nullable=False),
    Column("colour", Text),
    Column("polishing_round", Integer, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("taken_at", UtcDateTime, nullable=False),
    Column("polishing_hours", Float),
    Column("photo_sha256s", Document, nullable=False),
    Column("software_version", Text, nullable=False),
    Column("document", Document, nullable=False),
    *_written(),
    CheckConstraint("polishing_round >= 0", "polishing_round"),
    CheckConstraint("outcome IN ('pass', 're_polish', 'fail', 're_shoot', 'not_judged')", "outcome"),
    Index(None, "panel"),
    Index(None, "colour"),
)

programmes = Table(
    "programmes",
    metadata,
    _record("G"),
    _content(),
    Column("version", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("start", Day, nullable=False),
    Column("end", Day, nullable=False),
    Column("slots", Integer, nullable=False),
    Column("utc_offset_minutes", Integer, nullable=False),
    Column("remark", Text, nullable=False),
    *_written(),
    Unique("version"),
)

colours = Table(
    "colours",
    metadata,
    _record("C"),
    _content(),
    Column("code", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("names", Document, nullable=False),
    Column("family", Text, nullable=False),
    Column("finish", Text, nullable=False),
    Column("suppliers", Document, nullable=False),
    Column("slot", Integer),
    Column("due", Day, nullable=False),
    *_written(),
    Unique("code", "version"),
)

stage_events = Table(
    "stage_events",
    metadata,
    _record("S"),
    Column("colour", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by", Text, nullable=False),
    Column("evidence", Document, nullable=False),
    Column("override_reason", Text),
    *_written(),
    Index(None, "colour"),
)

audit_log = Table(
    "audit_log",
    metadata,
    Column("link", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("by", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("record", Text, nullable=False),
    Column("record_sha256", String(64), nullable=False),
    Column("previous_sha256", String(64), nullable=False),
    Column("sha256", String(64), nullable=False),
    Unique("record"),
    Unique("previous_sha256"),  # two links cannot follow the same one: the chain cannot fork
)

RECORDS: dict[str, Table] = {
    "F": raw_files,
    "M": measurements,
    "N": file_records,
    "D": standards,
    "K": colorant_sets,
    "B": lot_strengths,
    "R": recipes,
    "T": tolerances,
    "L": finish_tolerances,
    "I": instrument_statements,
    "V": verdicts,
    "H": harmony_verdicts,
    "P": captures,
    "G": programmes,
    "C": colours,
    "S": stage_events,
}
"""The table behind each letter of a record's name."""
