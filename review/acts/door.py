"""What an act's own function works with: the facts, and ways to change records, clocks and debts.

A function only says what changes; nothing reaches the database before all of it is known.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, select

from review.acts.office import Office
from review.records import store
from review.records.tables import number
from review.rules.clock import ClockEvent, ClockKind
from review.rules.entities import Case, Entity, OwedDocument, ReviewCycle, Signature
from review.rules.facts import Facts
from review.rules.vocabulary import Act, DocumentKind, Role
from review.rules.workflow import Row

E = TypeVar("E", bound=Entity)
Function = Callable[["Door", Any], None]
FUNCTIONS: dict[Act, Function] = {}

AUDIENCES: dict[DocumentKind, str] = {
    DocumentKind.DOC_CDTL: "AGENCY",
    DocumentKind.DOC_RETURN: "AGENCY",
}


def act(*names: Act) -> Callable[[Function], Function]:
    """Register the function that carries out an act."""

    def register(function: Function) -> Function:
        for name in names:
            assert name not in FUNCTIONS, name
            FUNCTIONS[name] = function
        return function

    return register


class Door:
    """One act in progress, inside its transaction."""

    def __init__(
        self, office: Office, conn: Connection, f: Facts, row: Row, signature: Signature | None
    ) -> None:
        self.office = office
        self.conn = conn
        self.f = f
        self.row = row
        self.signature = signature
        self.documents = row.documents
        self.case: Case | None = f.case
        self.cycle: ReviewCycle | None = f.cycle
        self.reason = ""
        self.relied_on: list[str] = []
        self.told: list[tuple[str, str]] = []
        self.result: str = ""
        self._pending: dict[tuple[str, str], tuple[Entity | None, Entity]] = {}

    @property
    def now(self) -> datetime:
        return self.f.now

    @property
    def today(self) -> date:
        return self.f.today

    def new_id(self) -> str:
        return self.office.ids()

    def put(self, entity: E) -> E:
        """Write a record, new or changed; its state before the act is found by itself."""
        place = (entity.kind, entity.id)
        before = (
            self._pending[place][0]
            if place in self._pending
            else store.get(self.conn, type(entity), entity.id)
        )
        self._pending[place] = (before, entity)
        return entity

    def change(self, entity: E, **values: Any) -> E:
        """Write a record with some values replaced."""
        return self.put(msgspec.structs.replace(entity, **values))

    def update_case(self, **values: Any) -> None:
        assert self.case is not None
        self.case = msgspec.structs.replace(self.case, **values)

    def update_cycle(self, **values: Any) -> ReviewCycle:
        assert self.cycle is not None
        self.cycle = self.change(self.cycle, **values)
        return self.cycle

    def turn_clock(
        self, kind: ClockKind, *, reason: str = "", hold: str = "", on: date | None = None
    ) -> None:
        """Add one dated fact to the clock of the running cycle."""
        assert self.cycle is not None
        fact = ClockEvent(kind=kind, on=on or self.today, at=self.now, reason=reason, hold=hold)
        self.update_cycle(clock=(*self.cycle.clock, fact))

    def end_clock(self) -> None:
        """End the clock of the running cycle, if it runs."""
        if self.cycle is None or not self.cycle.clock:
            return
        if self.cycle.clock[-1].kind is not ClockKind.END:
            self.turn_clock(ClockKind.END)

    def owe(self, document: DocumentKind) -> None:
        """Note a document that this row of the procedure owes."""
        assert self.case is not None
        self.put(
            OwedDocument(
                id=self.new_id(),
                case_id=self.case.id,
                document=document,
                audience=AUDIENCES.get(document, "LAB"),
                title=document.label,
                owed_at=self.now,
            )
        )

    def next_number(self, series: str) -> int:
        """The next number of a series, without gaps: it is taken in the act's own transaction."""
        last = self.conn.execute(select(number.c.last).where(number.c.series == series)).scalar_one_or_none()
        if last is None:
            self.conn.execute(number.insert().values(series=series, last=1))
            return 1
        self.conn.execute(number.update().where(number.c.series == series).values(last=last + 1))
        return int(last) + 1

    def my_role(self) -> Role | None:
        """The role in which the actor acts here."""
        if self.f.actor.is_system:
            return Role.SYS
        if self.f.actor.is_lab:
            return self.f.actor.lab_role
        on_case = sorted(self.f.my_roles)
        return on_case[0] if on_case else next(iter(sorted(self.f.actor.roles)), None)

    def pending(self) -> list[tuple[Entity | None, Entity]]:
        """Records to write, each with its state before; unchanged ones are left out."""
        return [(before, after) for before, after in self._pending.values() if before != after]
