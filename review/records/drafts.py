"""Drafts of a filing, section by section, as typed: right or wrong, nothing is lost and nothing overwritten.

Every saved section carries a version. Who saves names the version that the page showed; when another person saved
meanwhile nothing is written and the caller gets the section as it now stands.
"""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, select, update
from sqlalchemy.exc import IntegrityError

from review.audit import canonical
from review.records.tables import draft

Answers = dict[str, Any]


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """One section as it was last saved. Version 0: nobody has saved it yet. `owner` is a person's id or empty."""

    instrument: str
    section: str
    answers: Answers = {}
    version: int = 0
    saved_at: datetime | None = None
    saved_by: str = ""
    owner: str = ""


class Stale(Exception):
    """Somebody else saved the section since the page was opened; `stored` is what stands now."""

    def __init__(self, stored: Draft) -> None:
        super().__init__("The section was saved by somebody else.")
        self.stored = stored


def of_case(conn: Connection, case_id: str) -> dict[tuple[str, str], Draft]:
    """Every saved section of a case, by (instrument, section), in one statement."""
    rows = conn.execute(select(draft).where(draft.c.case_id == case_id)).mappings()
    return {(row["instrument"], row["section"]): _draft(row) for row in rows}


def answers_of(saved: dict[tuple[str, str], Draft]) -> dict[str, dict[str, Answers]]:
    """The answers of all forms: instrument -> section -> field, as the rules judge them."""
    found: dict[str, dict[str, Answers]] = {}
    for (instrument, section), one in saved.items():
        found.setdefault(instrument, {})[section] = one.answers
    return found


def get(conn: Connection, case_id: str, instrument: str, section: str) -> Draft:
    """One section; an empty draft of version 0 where nobody has saved it."""
    row = conn.execute(select(draft).where(*_place(case_id, instrument, section))).mappings().one_or_none()
    return _draft(row) if row is not None else Draft(instrument=instrument, section=section)


def save(
    conn: Connection,
    case_id: str,
    instrument: str,
    section: str,
    answers: Answers,
    *,
    by: str,
    at: datetime,
    expects: int,
) -> Draft:
    """Save a section over the version that its author saw. Raises Stale; then nothing was written."""
    stored = get(conn, case_id, instrument, section)
    if stored.answers == answers and stored.version:
        return stored
    written = conn.execute(
        update(draft)
        .where(*_place(case_id, instrument, section), draft.c.version == expects)
        .values(answers=_text(answers), version=expects + 1, saved_at=canonical.moment(at), saved_by=by)
    )
    if written.rowcount == 0:
        if expects != 0 or stored.version:
            raise Stale(stored)
        _insert(conn, case_id, instrument, section, answers, by=by, at=at, version=1)
    return get(conn, case_id, instrument, section)


def hand_to(
    conn: Connection, case_id: str, instrument: str, section: str, owner: str, *, by: str, at: datetime
) -> None:
    """Say who fills a section; empty hands it back to the form's own rule. The answers stay as they are."""
    changed = conn.execute(update(draft).where(*_place(case_id, instrument, section)).values(owner=owner))
    if changed.rowcount == 0:
        _insert(conn, case_id, instrument, section, {}, by=by, at=at, version=0, owner=owner)


def _insert(
    conn: Connection,
    case_id: str,
    instrument: str,
    section: str,
    answers: Answers,
    *,
    by: str,
    at: datetime,
    version: int,
    owner: str = "",
) -> None:
    try:
        with conn.begin_nested():
            conn.execute(
                draft.insert().values(
                    case_id=case_id,
                    instrument=instrument,
                    section=section,
                    answers=_text(answers),
                    version=version,
                    saved_at=canonical.moment(at),
                    saved_by=by,
                    owner=owner,
                )
            )
    except IntegrityError:
        raise Stale(get(conn, case_id, instrument, section)) from None


def _place(case_id: str, instrument: str, section: str) -> tuple[Any, ...]:
    return (draft.c.case_id == case_id, draft.c.instrument == instrument, draft.c.section == section)


def _text(answers: Answers) -> str:
    return msgspec.json.encode(answers).decode()


def _draft(row: RowMapping) -> Draft:
    return Draft(
        instrument=row["instrument"],
        section=row["section"],
        answers=msgspec.json.decode(row["answers"]),
        version=row["version"],
        saved_at=datetime.fromisoformat(row["saved_at"]) if row["version"] else None,
        saved_by=row["saved_by"] if row["version"] else "",
        owner=row["owner"],
    )
