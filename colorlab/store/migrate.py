"""Bringing the tables of a lab to the version this software writes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from colorlab.store.engine import READ_ONLY
from spectra.errors import NotALabError

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0004"
"""The revision this software reads and writes; the newest file in `migrations/versions`."""

MIGRATIONS = Path(__file__).parent / "migrations"


def revision(connection: Connection) -> str | None:
    """The revision the tables are at; None when there are none yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return None if found is None else str(found)


def bring_up_to_date(engine: Engine, folder: Path) -> None:
    """Upgrade older tables in one transaction.

    Raises
    ------
    NotALabError
        If the revision is one this software does not know: the lab was written by a newer version.
    """
    with engine.connect().execution_options(**{READ_ONLY: True}) as connection:
        if revision(connection) == HEAD:  # the usual case must not wait for a writer
            return
    with engine.begin() as connection:
        found = revision(connection)
        if found == HEAD:
            return  # another program was faster
        if found is not None and found not in known_revisions():
            raise NotALabError(
                f"{folder} was written by a newer version of colorlab (schema {found}; this one writes {HEAD}); "
                "install that version"
            )
        move_to(connection, "head")


def move_to(connection: Connection, target: str) -> None:
    """Upgrade or downgrade within the caller's transaction; `target` is a revision, `head` or `base`."""
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    if target == "head" or (target != "base" and target not in known_revisions(down_from=revision(connection))):
        command.upgrade(config, target)
    else:
        command.downgrade(config, target)


def known_revisions(down_from: str | None = "head") -> tuple[str, ...]:
    """Revisions from one down to the first."""
    from alembic.script import ScriptDirectory

    if down_from is None:
        return ()
    scripts = ScriptDirectory.from_config(_config())
    return tuple(script.revision for script in scripts.iterate_revisions(down_from, "base"))


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
