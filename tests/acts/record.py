"""A case in its house, and what the record says of it."""

from typing import Any

import pytest
from sqlalchemy import select

from review.acts.office import Office
from review.acts.perform import run_due
from review.audit.tables import event
from review.casefile import gather
from review.casefile.shape import Entry
from review.demo.play import Play
from review.records import store, verification
from review.records.tables import outbox
from review.rules.facts import Facts
from review.rules.refusals import Refused
from review.rules.vocabulary import Act, State
from tests.builders import World


class House:
    """One case in a house of its own."""

    def __init__(self, world: World, play: Play) -> None:
        self.world = world
        self.play = play

    @property
    def office(self) -> Office:
        return self.world.office

    @property
    def state(self) -> State:
        return self.play.case.state

    @property
    def facts(self) -> Facts:
        return self.play.facts()

    def do(self, user: str, act: Act, given: Any = None, **more: Any) -> Any:
        return self.play.do(user, act, given, **more)

    def refused(self, user: str, act: Act, given: Any = None, **more: Any) -> list[str]:
        """The codes with which an act is refused; the record's rows stay as they were."""
        before = self.rows()
        with pytest.raises(Refused) as caught:
            self.play.do(user, act, given, **more)
        assert self.rows() == before
        return [refusal.code for refusal in caught.value.refusals]

    def rows(self) -> list[tuple[str, str, str]]:
        """Every regulated record as it is stored."""
        with self.office.database.reading() as conn:
            return sorted((kind, id, body) for kind, id, _, body, _ in store.rows(conn))

    def entries(self) -> tuple[Entry, ...]:
        with self.office.database.reading() as conn:
            return gather.entries(conn, self.play.case_id)

    def told(self, act: Act) -> set[str]:
        """User ids of those to whom a message about an act was queued."""
        names = {id: user for user, id in self.world.people.items()}
        with self.office.database.reading() as conn:
            joined = select(outbox.c.person_id).join(event, event.c.index == outbox.c.event)
            found = conn.execute(joined.where(event.c.act == act.value)).scalars()
            return {names[person] for person in found}

    def days_later(self, days: float) -> int:
        """Let days pass without a worker, then let it look once; how much it did."""
        self.world.days_later(days)
        return run_due(self.office)

    def verify(self) -> None:
        office = self.office
        found = verification.run(office.database, office.files, office.key.public_key(), office.origin)
        assert found.findings == ()
