"""Houses in which one case stands at a stage: copies, so that each test may do with its own what it likes."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from review.rules.vocabulary import State
from tests.acts.record import House
from tests.stages import copy_of

CaseAt = Callable[[str | State], House]


@pytest.fixture
def case_at(tmp_path: Path) -> Iterator[CaseAt]:
    made: list[House] = []

    def take(stage: str | State) -> House:
        world, play = copy_of(stage, tmp_path / f"house-{len(made)}")
        made.append(House(world, play))
        return made[-1]

    yield take
    for house in made:
        house.world.office.database.close()
