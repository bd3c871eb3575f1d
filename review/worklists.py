"""Who must do what by when, and what a person may see: every list passes through `visible`."""

from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, and_, exists, false, func, or_, select, true

from review.records.tables import case_index, cases, outbox, record, todo
from review.rules.clock import ClockEvent, ClockReading, has_started, reading
from review.rules.facts import Actor
from review.rules.turns import WAITS_FOR, state_for_lab
from review.rules.vocabulary import DECIDED, Outcome, Role, State, Turn

PAGE = 50


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a list."""


class CaseLine(Value, frozen=True, kw_only=True):
    """A case in a list. `hidden` names stand until the person has declared conflicts."""

    id: str
    number: str
    title: str
    lab: str
    model: str
    state: State
    turn: Turn
    waiting_for: str
    due_on: date | None
    since: date
    clock: ClockReading | None
    cursor: str
    hidden: bool = False


class Task(Value, frozen=True, kw_only=True):
    """One thing that a person owes on one case."""

    case_id: str
    number: str
    title: str
    lab: str
    hidden: bool
    task: str
    detail: str
    button: str
    place: str
    due_on: date | None
    days_left: int | None


class RegisterLine(Value, frozen=True, kw_only=True):
    """What the public may read of a decided case."""

    id: str
    number: str
    lab: str
    model: str
    configuration: str
    outcome: Outcome
    decided_on: date
    kinds: tuple[str, ...]
    cursor: str


class Message(Value, frozen=True, kw_only=True):
    subject: str
    case_id: str | None
    created_at: str


def visible(query: Select[Any], person: Actor) -> Select[Any]:
    """Only cases that a person may know of: the lab's own, those one is assigned to, all for auditors and dockets."""
    if person.is_lab:
        return query.where(cases.c.organization_id == person.organization_id)
    if person.roles & {Role.AUDITOR, Role.DOCKET_MANAGER}:
        return query.where(cases.c.state != State.DRAFT.value)
    if not person.roles:
        return query.where(false())
    return query.where(_assigned(person))


def _assigned(person: Actor) -> Any:
    return exists(
        select(1).where(
            record.c.person_id == person.id,
            record.c.kind == "assignment",
            record.c.held.is_(true()),
            record.c.case_id == cases.c.id,
        )
    )


def _declared(person: Actor) -> Any:
    """Whether the person has declared for the case; names of the model show after that."""
    if person.is_lab or person.roles & {Role.AUDITOR, Role.DOCKET_MANAGER}:
        return true()
    return exists(
        select(1).where(
            record.c.person_id == person.id,
            record.c.kind == "conflict_attestation",
            record.c.case_id == cases.c.id,
        )
    )


_LINE = (
    cases.c.id,
    cases.c.number,
    cases.c.configuration,
    cases.c.model_name,
    cases.c.organization_name,
    cases.c.state,
    case_index.c.turn,
    case_index.c.waiting_for,
    case_index.c.due_on,
    case_index.c.clock,
    case_index.c.sort_on,
    case_index.c.noticed,
)


def case_list(
    conn: Connection,
    person: Actor,
    today: date,
    *,
    search: str = "",
    turn: str = "",
    state: str = "",
    after: str = "",
    limit: int = PAGE,
) -> tuple[tuple[CaseLine, ...], str]:
    """A page of the cases a person may see, newest first, and the cursor of the next page; one statement."""
    query = visible(
        select(*_LINE, _declared(person).label("declared")).join(
            case_index, case_index.c.case_id == cases.c.id
        ),
        person,
    )
    for word in search.casefold().split()[:8]:
        query = query.where(case_index.c.words.contains(word, autoescape=True))
    if search:
        query = query.where(_declared(person))
    if turn in Turn.__members__:
        query = query.where(case_index.c.turn == turn)
    if state in State.__members__:
        query = query.where(cases.c.state == state)
    if after:
        day, _, id = after.partition("~")
        query = query.where(
            or_(case_index.c.sort_on < day, and_(case_index.c.sort_on == day, case_index.c.case_id < id))
        )
    query = query.order_by(case_index.c.sort_on.desc(), case_index.c.case_id.desc()).limit(limit + 1)
    lines = [_line(row, today, person) for row in conn.execute(query).mappings()]
    return tuple(lines[:limit]), lines[limit - 1].cursor if len(lines) > limit else ""


def _line(row: Any, today: date, person: Actor) -> CaseLine:
    hidden = not row["declared"]
    state = State(row["state"])
    if person.is_lab:
        state = state_for_lab(state, bool(row["noticed"]))
    return CaseLine(
        id=row["id"],
        number=row["number"] or "",
        title="Opens after you declare"
        if hidden
        else row["configuration"] or row["model_name"] or "Untitled filing",
        lab=row["organization_name"],
        model="" if hidden else row["model_name"],
        state=state,
        turn=Turn(row["turn"]),
        waiting_for=WAITS_FOR.get(state, row["waiting_for"]) if person.is_lab else row["waiting_for"],
        due_on=None if person.is_lab and row["turn"] != Turn.LAB.value else _day(row["due_on"]),
        since=date.fromisoformat(row["sort_on"]),
        clock=_clock(row["clock"], today),
        cursor=f"{row['sort_on']}~{row['id']}",
        hidden=hidden,
    )


class _Clock(msgspec.Struct):
    goal_days: int
    events: tuple[ClockEvent, ...]


_CLOCK = msgspec.json.Decoder(_Clock)


def _clock(text: str, today: date) -> ClockReading | None:
    kept = _CLOCK.decode(text)
    return reading(kept.events, kept.goal_days, today) if has_started(kept.events) else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def tasks(conn: Connection, person: Actor, today: date, limit: int = 200) -> tuple[Task, ...]:
    """What a person owes, most urgent first; on a case not declared for, the declaration alone. One statement."""
    owner = [todo.c.person_id == person.id]
    if person.is_lab:
        owner.append(todo.c.organization_id == person.organization_id)
    else:
        owner.append(todo.c.role.in_([role.value for role in person.roles]))
    query = (
        select(
            todo,
            cases.c.number,
            cases.c.configuration,
            cases.c.model_name,
            cases.c.organization_name,
            _declared(person).label("declared"),
        )
        .join(cases, cases.c.id == todo.c.case_id)
        .where(or_(*owner))
        .order_by(func.coalesce(todo.c.due_on, "9999"), todo.c.case_id, todo.c.key)
        .limit(limit)
    )
    rows = conn.execute(query).mappings().all()
    hidden = [row for row in rows if not row["declared"] and row["place"] != "declare"]
    due: dict[str, date | None] = {}
    for row in hidden:
        # What waits behind a declaration says by when to declare; it shows itself after that.
        due.setdefault(row["case_id"], _day(row["due_on"]))
    found = [
        _task(row, today, due.get(row["case_id"]))
        for row in rows
        if row["declared"] or row["place"] == "declare"
    ]
    return tuple(sorted(found, key=lambda task: task.due_on or date.max))


def _task(row: Any, today: date, behind: date | None = None) -> Task:
    due = min((day for day in (_day(row["due_on"]), behind) if day), default=None)
    hidden = not row["declared"]
    return Task(
        case_id=row["case_id"],
        number=row["number"] or "Draft",
        title="Docket opens after you declare"
        if hidden
        else row["configuration"] or row["model_name"] or "Untitled filing",
        lab=row["organization_name"],
        hidden=hidden,
        task=row["title"],
        detail=row["detail"],
        button=row["button"],
        place=row["place"],
        due_on=due,
        days_left=(due - today).days if due else None,
    )


def waiting(
    conn: Connection, person: Actor, today: date, busy: set[str], limit: int = 50
) -> tuple[CaseLine, ...]:
    """Cases in which others must act. The agency's: open ones, longest first. A lab's: all, newest first."""
    query = visible(
        select(*_LINE, _declared(person).label("declared")).join(
            case_index, case_index.c.case_id == cases.c.id
        ),
        person,
    )
    if not person.is_lab:
        query = query.where(case_index.c.turn != Turn.NOBODY.value)
    query = query.order_by(case_index.c.sort_on.desc() if person.is_lab else case_index.c.sort_on).limit(
        limit + len(busy)
    )
    lines = (_line(row, today, person) for row in conn.execute(query).mappings() if row["id"] not in busy)
    return tuple(lines)[:limit]


def messages(conn: Connection, person: Actor, limit: int = 6) -> tuple[Message, ...]:
    """The newest messages to a person."""
    query = (
        select(outbox.c.subject, outbox.c.case_id, outbox.c.created_at)
        .where(outbox.c.person_id == person.id)
        .order_by(outbox.c.created_at.desc())
        .limit(limit)
    )
    return tuple(Message(**row) for row in conn.execute(query).mappings())


def register(
    conn: Connection, denied_until: date, *, search: str = "", after: str = "", limit: int = PAGE
) -> tuple[tuple[RegisterLine, ...], str]:
    """Decided cases as the public may read them, newest first; a denial after its business days."""
    query = (
        select(cases, record.c.body.label("decision"))
        .join(record, and_(record.c.case_id == cases.c.id, record.c.kind == "decision"))
        .where(cases.c.state.in_([state.value for state in DECIDED]))
        .where(or_(cases.c.outcome != Outcome.DENY.value, cases.c.decided_on <= denied_until.isoformat()))
    )
    for word in search.casefold().split()[:8]:
        joined = func.lower(
            cases.c.number
            + " "
            + cases.c.organization_name
            + " "
            + cases.c.model_name
            + " "
            + cases.c.configuration
        )
        query = query.where(joined.contains(word, autoescape=True))
    if after:
        day, _, id = after.partition("~")
        query = query.where(or_(cases.c.decided_on < day, and_(cases.c.decided_on == day, cases.c.id < id)))
    query = query.order_by(cases.c.decided_on.desc(), cases.c.id.desc()).limit(limit + 1)
    lines = [_public(row) for row in conn.execute(query).mappings()]
    return tuple(lines[:limit]), lines[limit - 1].cursor if len(lines) > limit else ""


def _public(row: Any) -> RegisterLine:
    proposal = msgspec.json.decode(row["decision"])["proposal"]
    kinds = tuple(dict.fromkeys(item["condition"]["type"] for item in proposal["conditions"]))
    return RegisterLine(
        id=row["id"],
        number=row["number"],
        lab=row["organization_name"],
        model=row["model_name"],
        configuration=row["configuration"],
        outcome=Outcome(row["outcome"]),
        decided_on=date.fromisoformat(row["decided_on"]),
        kinds=kinds,
        cursor=f"{row['decided_on']}~{row['id']}",
    )
