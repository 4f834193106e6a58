"""The audit log: who wrote what and when, each link sealed by the hash of the one before it.

What the chain shows: any change to a written record or link, any record written behind its back, any link removed
from its middle. What no chain kept in one file can show: that its end was cut off together with the records it named.
Whoever must exclude that notes the head (`ChainCheck.head_sha256`) somewhere else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, type_coerce
from sqlalchemy.types import NullType

from colorlab.store.columns import canonical_json, utc
from colorlab.store.schema import audit_log

FIRST = "0" * 64  # what the first link follows
GONE = "the record is gone"
CHANGED = "the record is not what was written"
UNNAMED = "the record stands in the lab, but no link names it"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One link: `action` on `record` by `by` at `at`."""

    link: int
    at: datetime
    by: str
    action: str
    record: str
    record_sha256: str
    sha256: str


@dataclass(frozen=True, slots=True)
class BrokenLink:
    """The first place where the log and the records disagree.

    Attributes
    ----------
    link : int
    record : str
    reason : str
    written_at, written_by : str or None
        When and by whom, as the link says; None where a record has no link. Of a link that was itself changed this is
        what stands there now.
    """

    link: int
    record: str
    reason: str
    written_at: str | None
    written_by: str | None

    def as_dict(self) -> dict[str, Any]:
        """The same as plain values."""
        return {
            "link": self.link,
            "record": self.record,
            "reason": self.reason,
            "written_at": self.written_at,
            "written_by": self.written_by,
        }

    def as_text(self) -> str:
        """Where, what, who and when, in one sentence."""
        who = "" if self.written_at is None else f", written by {self.written_by} at {self.written_at}"
        return f"audit chain broken at link {self.link}, record {self.record}{who}: {self.reason}"


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """Outcome of walking the chain from its first link to its head."""

    n_links: int
    head_sha256: str
    first_broken: BrokenLink | None


def append(connection: Connection, *, now: datetime, by: str, action: str, record: str, digest: str) -> None:
    """Add the link of a record to the end of the chain, in the transaction that writes the record."""
    newest = select(audit_log.c.link, audit_log.c.sha256).order_by(audit_log.c.link.desc()).limit(1)
    last = connection.execute(newest).one_or_none()
    entry: dict[str, Any] = {
        "link": 1 if last is None else last.link + 1,
        "at": utc(now),
        "by": by,
        "action": action,
        "record": record,
        "record_sha256": digest,
        "previous_sha256": FIRST if last is None else last.sha256,
    }
    connection.execute(insert(audit_log), {**entry, "sha256": _seal(entry)})


def history(connection: Connection, record: str | None = None, since: datetime | None = None) -> tuple[AuditEntry, ...]:
    """The log in order, the one link of a record, or what was written from a moment on."""
    query = select(audit_log).order_by(audit_log.c.link)
    if record is not None:
        query = query.where(audit_log.c.record == record)
    if since is not None:
        query = query.where(audit_log.c.at >= since)
    return tuple(
        AuditEntry(row.link, row.at, row.by, row.action, row.record, row.record_sha256, row.sha256)
        for row in connection.execute(query)
    )


def link_of_head(connection: Connection, sha256: str) -> int | None:
    """Number of the link that had this hash when it was the head; 0 for the head of an empty lab, None for no link."""
    if sha256 == FIRST:
        return 0
    found = connection.execute(select(audit_log.c.link).where(audit_log.c.sha256 == sha256)).scalars().first()
    return None if found is None else int(found)


def verify_chain(connection: Connection, records: Mapping[str, str]) -> ChainCheck:
    """Walk the chain and compare it with the records as they stand.

    Parameters
    ----------
    connection : Connection
        Of a reading transaction.
    records : mapping of str to str
        Digest of every record now (`records.digests` over all tables).

    Returns
    -------
    ChainCheck
        With the first broken link, if any: the link's number, the record it names and the reason.
    """
    previous, n_links, broken = FIRST, 0, None
    missing = dict(records)
    # The time as its stored text: a damaged one must be found here, not fail to be read.
    columns = (type_coerce(c, NullType()).label(c.name) if c is audit_log.c.at else c for c in audit_log.columns)
    for row in connection.execute(select(*columns).order_by(audit_log.c.link)).mappings():
        n_links += 1
        now = missing.pop(row["record"], None)
        reason = _fault(row, n_links, previous, now)
        if reason and broken is None:
            broken = BrokenLink(row["link"], row["record"], reason, str(row["at"]), str(row["by"]))
        previous = row["sha256"]
    if broken is None and missing:
        broken = BrokenLink(n_links + 1, min(missing), UNNAMED, None, None)
    return ChainCheck(n_links, previous, broken)


def _fault(row: RowMapping, expected_link: int, previous: str, record_now: str | None) -> str:
    if row["link"] != expected_link or row["previous_sha256"] != previous:
        return "the link does not follow the one before it"
    if row["sha256"] != _seal(row):
        return "the link is not what was written"
    if record_now is None:
        return GONE
    if record_now != row["record_sha256"]:
        return CHANGED
    return ""


def _seal(entry: Mapping[str, Any] | RowMapping) -> str:
    sealed = {name: entry[name] for name in ("link", "by", "action", "record", "record_sha256", "previous_sha256")}
    at = entry["at"]
    sealed["at"] = utc(at).isoformat(timespec="microseconds") if isinstance(at, datetime) else at
    return hashlib.sha256(canonical_json(sealed).encode()).hexdigest()
