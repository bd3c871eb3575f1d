"""Fixtures that every room shares: a founded house, and cases taken to where a test needs them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.builders import World, found_world

settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")
"""The same cases in each run, so that a red run can be repeated."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A house with all personas on SQLite, with a scripted clock and cheap password hashes."""
    built = found_world(tmp_path)
    yield built
    built.office.database.close()


@pytest.fixture
def make_world(tmp_path: Path) -> Iterator[Callable[[], World]]:
    """As many houses as a test needs."""
    made: list[World] = []

    def make() -> World:
        made.append(found_world(tmp_path / f"house-{len(made)}"))
        return made[-1]

    yield make
    for built in made:
        built.office.database.close()
