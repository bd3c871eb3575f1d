"""What follows from the record and may be rebuilt: whose turn it is, what each person owes, messages to send."""

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import Connection, delete

from review.audit import canonical
from review.casefile import gather
from review.records import store
from review.records.tables import case_index, outbox, todo
from review.rules import turns
from review.rules.entities import Assignment, Case, Person, RoleGrant
from review.rules.facts import SYSTEM, Facts
from review.rules.vocabulary import Role

if TYPE_CHECKING:
    from review.acts.door import Door


def refresh(conn: Connection, case_id: str, now: datetime) -> None:
    """Recompute a case's place in lists and everybody's to-do from its records."""
    case = store.case(conn, case_id)
    assert case is not None
    f = gather.facts(conn, case, SYSTEM, now)
    where = turns.position(f)
    conn.execute(delete(case_index).where(case_index.c.case_id == case_id))
    conn.execute(case_index.insert().values(**_index(f, case, where)))
    conn.execute(delete(todo).where(todo.c.case_id == case_id))
    rows = [_todo(case_id, item, f) for item in where.todos]
    if rows:
        conn.execute(todo.insert(), list({row["key"]: row for row in rows}.values()))


def _index(f: Facts, case: Case, where: turns.Position) -> dict[str, object]:
    clock = {
        "goal_days": f.cycle.goal_days if f.cycle else 0,
        "events": msgspec.to_builtins(f.cycle.clock) if f.cycle else [],
    }
    words = " ".join(
        (case.number or "", case.organization_name, case.model_name, case.model_version, case.configuration)
    )
    return {
        "case_id": case.id,
        "turn": where.turn.value,
        "waiting_for": where.waiting_for,
        "due_on": where.due_on.isoformat() if where.due_on else None,
        "timer_on": where.timer_on.isoformat() if where.timer_on else None,
        "clock": canonical.encode(clock).decode(),
        "noticed": f.last_notice is not None,
        "sort_on": (case.received_on or case.opened_at.date()).isoformat(),
        "words": words.casefold(),
    }


def _todo(case_id: str, item: turns.Todo, f: Facts) -> dict[str, object]:
    return {
        "case_id": case_id,
        "key": item.key,
        "person_id": item.person_id,
        "role": item.role.value if item.role else None,
        "organization_id": item.organization_id,
        "title": item.title,
        "detail": item.detail,
        "button": item.button,
        "place": item.place,
        "due_on": item.due_on.isoformat() if item.due_on else None,
        "since_on": f.today.isoformat(),
    }


def tell(conn: Connection, door: "Door", case: Case | None, event: int) -> None:
    """Queue a message for everybody whom the row names: what happened and where, never content."""
    if case is None or not door.row.notify:
        return
    people = _recipients(conn, door, case) - {door.f.actor.id}
    if not people:
        return
    number = case.number or "A filing"
    done = gather.DONE.get(door.row.act, door.row.act.label)
    subject = f"{number}: {done[0].lower()}{done[1:]}"
    rows = [
        {
            "id": door.new_id(),
            "event": event,
            "case_id": case.id,
            "person_id": person,
            "subject": subject,
            "text": f"{number}. {done}. Read it at {door.office.settings.address}/cases/{case.id}",
            "created_at": canonical.moment(door.now),
        }
        for person in sorted(people)
    ]
    conn.execute(outbox.insert(), rows)


def _recipients(conn: Connection, door: "Door", case: Case) -> set[str]:
    found: set[str] = set()
    held = [
        *door.f.held,
        *(after for _, after in door.pending() if isinstance(after, Assignment) and after.held),
    ]
    for whom in door.row.notify:
        if whom == "LAB":
            people = store.all_of(conn, Person)
            found |= {p.id for p in people if p.organization_id == case.organization_id and p.active}
        elif whom == "TEAM":
            found |= {a.person_id for a in held}
        elif whom == "DOCKET_MANAGER":
            grants = store.all_of(conn, RoleGrant)
            found |= {g.person_id for g in grants if g.held and g.role is Role.DOCKET_MANAGER}
        elif whom == "ASSIGNEE":
            found |= {a.person_id for _, a in door.pending() if isinstance(a, Assignment)}
        elif whom in Role.__members__:
            found |= {a.person_id for a in held if a.role is Role(whom)}
    return found
