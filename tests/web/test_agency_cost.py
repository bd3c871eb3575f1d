"""Pages of the agency ask the database a fixed number of times, however much there is."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from sqlalchemy import event

from review.demo.play import MANAGER, TEAM
from review.rules.vocabulary import Role, State
from review.web import create_app
from tests.builders import World
from tests.web.agency_visits import Person

LEAD = TEAM[Role.LEAD]


@contextmanager
def counted(world: World) -> Iterator[list[str]]:
    """The statements sent to the database meanwhile, those of transactions left out."""
    sent: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.upper().startswith(
            ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "PRAGMA", "RELEASE")
        ):
            sent.append(statement)

    engine = world.office.database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_the_list_takes_at_most_six_statements_and_shows_fifty_of_many(world: World) -> None:
    play = world.screening()
    manager = Person(world, create_app(world.office), MANAGER)
    with counted(world) as few:
        manager.open("/cases")
    _more_rows(world, play.case_id, 120)
    with counted(world) as many:
        page = manager.open("/cases")
    assert len(few) == len(many) <= 6, many
    assert page.text.count("<tr>") + page.text.count('<tr class=""') <= 52
    older = page.text.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert manager.open(older).status_code == 200


def test_a_case_takes_at_most_ten_statements_however_far_it_is(world: World) -> None:
    app = create_app(world.office)
    early, late = world.screening(), world.in_state(State.DECISION_PENDING)
    lead = Person(world, app, LEAD)
    for tab in ("now", "filing", "evidence", "review", "questions", "decision", "record", "screening"):
        with counted(world) as few:
            lead.open(f"/cases/{early.case_id}/{tab}")
        with counted(world) as many:
            assert lead.open(f"/cases/{late.case_id}/{tab}").status_code == 200
        assert len(few) <= 10, (tab, few)
        assert len(many) <= 10, (tab, many)


def test_an_empty_list_helps(world: World) -> None:
    lead = Person(world, create_app(world.office), LEAD)
    assert "No case yet" in lead.open("/cases").text
    assert "nothing needs you" in lead.open("/desk").text
    assert "No case fits" in lead.open("/cases?q=nowhere").text


def _more_rows(world: World, like: str, count: int) -> None:
    """Rows of the list only, past the door: what a list shows of a docket that has grown."""
    path = world.office.database.engine.url.database
    assert path is not None
    with closing(sqlite3.connect(path)) as conn:
        for table, key in (("cases", "id"), ("case_index", "case_id")):
            named = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?"
            for (name,) in conn.execute(named, (table,)).fetchall():
                conn.execute(f'DROP TRIGGER "{name}"')
            found = conn.execute(f"SELECT * FROM {table} WHERE {key} = ?", (like,))
            columns = [column[0] for column in found.description]
            row = dict(zip(columns, found.fetchone(), strict=True))
            for n in range(count):
                own = {**row, key: f"{n:032x}"}
                if table == "cases":
                    own.update(number=f"FMR-2026-9{n:03d}", tag=f"{n:032x}")
                marks = ", ".join("?" for _ in own)
                conn.execute(f"INSERT INTO {table} VALUES ({marks})", list(own.values()))
        conn.commit()
