"""Brings a database to the schema of this version, and refuses one that is newer."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from review.records import bolts
from review.records.database import Database


class NewerSchema(RuntimeError):
    """The database was made by a newer version of this product."""


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def known() -> set[str]:
    """Every revision that this version knows."""
    return {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def current(connection: Connection) -> str | None:
    """The revision of a database; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(database: Database) -> str:
    """Run the revisions that are missing, in one transaction; return the revision reached.

    Raises NewerSchema, changing nothing, when the database holds a revision unknown here.
    """
    with database.writing() as connection:
        found = current(connection)
        if found is not None and found not in known():
            raise NewerSchema(
                f"The database has schema {found}, which is newer than this version knows. Install the newer version."
            )
        command.upgrade(_config(connection), "head")
        missing = bolts.present(connection)
        if missing:
            raise RuntimeError(f"The database did not keep these bolts: {', '.join(missing)}.")
        reached = current(connection)
    assert reached is not None
    return reached
