"""A throw-away PostgreSQL cluster for the records, and empty databases of both kinds."""

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from review.records.database import Database
from tests.postgres import fresh_database, programs, throwaway_cluster

_numbers = itertools.count()


@pytest.fixture(scope="session")
def cluster() -> Iterator[URL]:
    if programs() is None:
        pytest.skip("PostgreSQL is not installed")
    with throwaway_cluster() as address:
        yield address


@pytest.fixture
def postgres_url(cluster: URL) -> Iterator[str]:
    """The address of an empty PostgreSQL database."""
    with fresh_database(cluster, f"records_{os.getpid()}_{next(_numbers)}", like="template0") as address:
        yield address.render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database, on each that the product supports."""
    sqlite = request.param == "sqlite"
    made = Database(
        f"sqlite:///{tmp_path / 'new.sqlite'}" if sqlite else request.getfixturevalue("postgres_url")
    )
    yield made
    made.close()
