import itertools
import os

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import create_engine

from tests.audit.docket import Docket, build, disposing, fill, sqlite_engine
from tests.postgres import fresh_database, programs, throwaway_cluster

_numbers = itertools.count()


@pytest.fixture(scope="session")
def cluster():
    if programs() is None:
        pytest.skip("PostgreSQL is not installed")
    with throwaway_cluster() as address, fresh_database(address, "built") as built:
        with disposing(create_engine(built)) as engine:
            build(engine)
        yield address


@pytest.fixture(
    params=["sqlite", "sqlite without foreign keys", pytest.param("postgresql", marks=pytest.mark.postgres)]
)
def engine(request, tmp_path):
    """An empty docket with its bolts, on each database that the product supports."""
    if request.param != "postgresql":
        keys = request.param == "sqlite"
        with disposing(sqlite_engine(f"sqlite:///{tmp_path / 'ledger.db'}", foreign_keys=keys)) as engine:
            build(engine)
            yield engine
        return
    name = f"audit_{os.getpid()}_{next(_numbers)}"
    with fresh_database(request.getfixturevalue("cluster"), name, like="built") as address:
        with disposing(create_engine(address)) as engine:
            yield engine


@pytest.fixture
def docket(engine) -> Docket:
    """The ten events of `fill`."""
    made = Docket(engine)
    fill(made)
    return made


@pytest.fixture(scope="session")
def key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(b"k" * 32)
