"""One restricted case and its two editions, printed once for all tests of the dossier."""

from collections.abc import Iterator
from io import BytesIO
from typing import NamedTuple

import pytest
from pypdf import PdfReader

from review import dossier
from review.demo.play import Play
from review.rules.vocabulary import Audience
from tests.builders import World, found_world
from tests.dossier.story import restricted


class Printed(NamedTuple):
    """A dossier with its text as a reader copies it, line breaks made spaces."""

    built: "dossier.Built"
    text: str


def text_of(pdf: bytes) -> str:
    pages = PdfReader(BytesIO(pdf)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Play]]:
    world = found_world(tmp_path_factory.mktemp("dossier"))
    yield world, restricted(world)
    world.office.database.close()


@pytest.fixture(scope="session")
def full(told: tuple[World, Play]) -> Printed:
    world, play = told
    built = dossier.build(world.office, play.case_id, Audience.INTERNAL_FULL)
    return Printed(built, text_of(built.pdf))


@pytest.fixture(scope="session")
def for_lab(told: tuple[World, Play]) -> Printed:
    world, play = told
    built = dossier.build(world.office, play.case_id, Audience.LAB)
    return Printed(built, text_of(built.pdf))
