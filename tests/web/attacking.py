"""A case at a stage, with everybody's browsers, for those who try what they may not."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from review.audit.tables import event
from review.demo.play import Play
from review.records import verification
from review.rules.vocabulary import Act, State
from review.web import create_app, security
from tests.builders import World
from tests.stages import copy_of
from tests.web.agency_visits import Person

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Place:
    """A house in which one case stands at a stage."""

    def __init__(self, world: World, play: Play) -> None:
        self.world, self.play = world, play
        self.app: Flask = create_app(world.office)

    def visit(self, user: str) -> Person:
        return Person(self.world, self.app, user)

    def at(self, page: str = "") -> str:
        return f"/cases/{self.play.case_id}/{page}".rstrip("/")

    def csrf(self, visitor: Person) -> str:
        found = TOKEN.search(visitor.open("/account").text)
        assert found is not None
        return found.group(1)

    def entries(self, act: Act) -> int:
        """How often an act was done in this house."""
        with self.world.office.database.reading() as conn:
            query = select(func.count()).select_from(event).where(event.c.act == act.value)
            return int(conn.execute(query).scalar_one())

    def days(self, days: float) -> None:
        self.world.days_later(days)

    def verified(self) -> bool:
        """Whether the whole record holds, with its replay."""
        office = self.world.office
        found = verification.run(office.database, office.files, office.key.public_key(), office.origin)
        return not found.findings


@contextmanager
def placed(stage: str | State, data: Path) -> Iterator[Place]:
    """A house of its own in a folder, closed at the end."""
    place = Place(*copy_of(stage, data))
    yield place
    place.world.office.database.close()


def cookie_of(client: Any) -> str:
    return str(client.get_cookie(security.session_cookie(False)).value)


def upload(place: Place, visitor: Person, name: str, content: bytes) -> TestResponse:
    """Attach one file as the page without script does."""
    data = {"csrf_token": place.csrf(visitor), "file": (BytesIO(content), name)}
    return visitor.client.post(place.at("filing/evidence/files"), data=data)
