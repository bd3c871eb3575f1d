"""The database: one engine, one way to read, one way to write."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url

CACHE_KIB = 16_384


class Database:
    """One engine. A rollback journal with full sync keeps every acknowledged commit on SQLite through a power cut."""

    def __init__(self, url: str) -> None:
        self.url = url
        parsed = make_url(url)
        self.sqlite = parsed.get_backend_name() == "sqlite"
        if parsed.get_backend_name() == "postgresql" and "+" not in parsed.drivername:
            parsed = parsed.set(drivername="postgresql+psycopg")
        options: dict[str, Any] = (
            {"connect_args": {"timeout": 30}} if self.sqlite else {"pool_pre_ping": True}
        )
        self.engine: Engine = create_engine(parsed, **options)
        if self.sqlite:
            event.listen(self.engine, "connect", _prepare)
            event.listen(self.engine, "begin", _begin)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A short read transaction; bounded, because a reader holds up writers on a rollback journal."""
        with self.engine.connect().execution_options(writes=False) as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """The write transaction: all of it or none."""
        with self.engine.connect().execution_options(writes=True) as connection, connection.begin():
            yield connection

    @contextmanager
    def unlocked(self) -> Iterator[Connection]:
        """A connection without a transaction, for long reads in pages: on a rollback journal a reader that holds
        its place keeps writers out."""
        options = {"writes": None} if self.sqlite else {"isolation_level": "AUTOCOMMIT"}
        with self.engine.connect().execution_options(**options) as connection:
            yield connection

    def close(self) -> None:
        self.engine.dispose()


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=TRUNCATE",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=30000",
        "trusted_schema=OFF",
        "recursive_triggers=ON",
        f"cache_size=-{CACHE_KIB}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", True)
    if writes is None:
        return
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
