"""A job is done by one worker at a time, on both databases."""

from datetime import UTC, datetime, timedelta

from review.records import jobs, schema
from review.records.database import Database

NOW = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)


def owe(database: Database, *, case_id: str | None = None, at: datetime = NOW, **payload: object) -> str:
    with database.writing() as conn:
        return jobs.owe(conn, "dossier", payload, case_id, now=at)


def test_the_oldest_waits_least_and_nobody_gets_it_twice(database: Database) -> None:
    schema.upgrade(database)
    second = owe(database, at=NOW + timedelta(seconds=1), n=2)
    first = owe(database, n=1)
    taken = []
    for owner in ("a", "b", "c"):
        with database.writing() as conn:
            job = jobs.claim(conn, owner, now=NOW)
        taken.append(job.id if job else None)
    assert taken == [first, second, None]


def test_what_is_owed_in_a_transaction_that_fails_is_not_owed(database: Database) -> None:
    schema.upgrade(database)
    try:
        with database.writing() as conn:
            jobs.owe(conn, "dossier", {}, now=NOW)
            raise KeyError
    except KeyError:
        pass
    with database.writing() as conn:
        assert jobs.claim(conn, "a", now=NOW) is None


def test_a_lease_that_ended_passes_on_and_the_late_owner_is_fenced(database: Database) -> None:
    schema.upgrade(database)
    id = owe(database, n=1)
    with database.writing() as conn:
        first = jobs.claim(conn, "first", now=NOW)
    later = NOW + jobs.LEASE + timedelta(seconds=1)
    with database.writing() as conn:
        second = jobs.claim(conn, "second", now=later)
    assert first is not None and second is not None and first.id == second.id == id
    with database.writing() as conn:
        assert not jobs.finish(conn, first, {"by": "first"})
        assert jobs.finish(conn, second, {"by": "second"})
        assert jobs.claim(conn, "third", now=later + jobs.LEASE * 2) is None
    with database.reading() as conn:
        found = jobs.get(conn, id)
    assert found is not None and found.result == {"by": "second"} and found.state == jobs.DONE


def test_the_same_wish_twice_is_one_job_until_it_ends(database: Database) -> None:
    schema.upgrade(database)
    id = owe(database, case_id="c1", edition="LAB")
    with database.writing() as conn:
        mine = jobs.claim(conn, "a", now=NOW)
    assert mine is not None and owe(database, case_id="c1", edition="LAB") == id
    assert owe(database, case_id="c2", edition="LAB") != id
    with database.writing() as conn:
        jobs.finish(conn, mine, {})
    assert owe(database, case_id="c1", edition="LAB") != id
