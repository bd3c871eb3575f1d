"""A lab's first screen and its list of filings: whose turn, what to answer by when, drafts and how far they are."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import msgspec
from flask import Response, request
from sqlalchemy import Connection, select

from review import worklists
from review.acts.packages import open_prepared
from review.package import prepared
from review.package.prepared import TITLES
from review.printing.filters import counted, day, relative_day, short_day
from review.records import store
from review.records.tables import cases, draft, record
from review.rules.clock import calendar_of
from review.rules.entities import EvidenceItem
from review.rules.facts import Actor
from review.rules.given import OpenDraft
from review.rules.instruments import all_current
from review.rules.refusals import Refusal, Refused
from review.rules.vocabulary import ENDED, Act, Role, State, Turn
from review.rules.workflow import ROW, refusals
from review.web import errors
from review.web import lab_progress as progress
from review.web.access import page
from review.web.here import Here
from review.web.lab_case import EVIDENCE_OPEN, IN_DRAFT, address, blueprint
from review.web.lab_evidence import needs

MOST_DRAFTS = 20


def desk(here: Here) -> Response:
    """The lab's desk. An engineer sees evidence first, the regulatory lead what must be answered or signed."""
    person, today = here.person, here.today
    owed = worklists.tasks(here.conn, person, today)
    open_cases = _open_cases(here.conn, person)
    drafts_ = _drafts(here.conn, open_cases, person)
    evidence = _evidence_tasks(here.conn, open_cases)
    waiting = worklists.waiting(here.conn, person, today, {task.case_id for task in owed})
    engineer = person.lab_role is Role.LAB_ENG
    if engineer:
        unsigned = {one["id"] for one in drafts_ if one["number"] == "Draft"}
        # Signing a draft is the regulatory lead's; an engineer sees the sections that are with an engineer.
        owed = tuple(task for task in owed if task.case_id not in unsigned)
    tasks = [_task(task, today, drafts_, first=n == 0 and not engineer) for n, task in enumerate(owed)]
    sections = _section_tasks(drafts_)
    items = [*evidence, *sections, *tasks] if engineer else [*tasks, *sections, *evidence]
    first_name = person.name.split()[0]
    return here.answer(
        "lab/desk.html",
        title=f"{first_name}, {_needs_words(len(items))}",
        sub=_sub(owed, evidence, len(waiting)),
        tasks=items,
        waiting=[_waiting(line, today) for line in waiting],
        drafts=drafts_,
        messages=worklists.messages(here.conn, person),
        days=_days(here, owed),
        may_open=not refusals(ROW[Act.OPEN_DRAFT], here.facts),
        verified=person.organization_verified,
    )


def _needs_words(count: int) -> str:
    if count == 0:
        return "nothing needs you"
    return f"{counted(count, 'thing')} {'needs' if count == 1 else 'need'} you"


def _sub(owed: Iterable[worklists.Task], evidence: list[dict[str, Any]], waiting: int) -> str:
    dated = [task for task in owed if task.due_on is not None]
    parts = []
    if dated and dated[0].due_on is not None:
        parts.append(f"The next is due {day(dated[0].due_on).striptags()}.")
    if evidence:
        parts.append(f"{counted(len(evidence), 'evidence item').capitalize()} to finish.")
    if waiting:
        parts.append(f"{counted(waiting, 'filing').capitalize()} with others.")
    return " ".join(parts)


def _open_cases(conn: Connection, person: Actor) -> list[Any]:
    """The lab's cases in which something may be written now, newest first."""
    statement = (
        select(cases.c.id, cases.c.state, cases.c.number, cases.c.model_name, cases.c.configuration)
        .where(
            cases.c.organization_id == person.organization_id,
            cases.c.state.in_([state.value for state in EVIDENCE_OPEN]),
        )
        .order_by(cases.c.opened_at.desc())
        .limit(MOST_DRAFTS)
    )
    return list(conn.execute(statement))


def _drafts(conn: Connection, found: list[Any], person: Actor) -> list[dict[str, Any]]:
    """How far each draft is, in two statements for all."""
    own = {row.id: row for row in found if State(row.state) in IN_DRAFT}
    answers: dict[str, dict[str, Any]] = {id: {} for id in own}
    known = {one.name for one in all_current()}
    owners: dict[tuple[str, str, str], str] = {}
    statement = select(draft.c.case_id, draft.c.instrument, draft.c.section, draft.c.answers, draft.c.owner)
    for row in conn.execute(statement.where(draft.c.case_id.in_(list(own)))):
        if row.instrument in known:
            typed = msgspec.json.decode(row.answers)
            answers[row.case_id].setdefault(row.instrument, {})[row.section] = typed
            owners[row.case_id, row.instrument, row.section] = row.owner
    made = []
    for id, row in own.items():
        forms = progress.forms_of(answers[id])
        made.append(
            {
                "id": id,
                "title": row.configuration or row.model_name or "Untitled filing",
                "model": row.model_name,
                "number": row.number or "Draft",
                "href": address(id, "filing"),
                "answered": sum(one.answered for one in forms),
                "required": sum(one.required for one in forms),
                "duration": progress.duration(sum(one.minutes for one in forms)),
                "mine": _open_sections(id, forms, owners, person),
            }
        )
    return made


def _open_sections(
    case_id: str,
    forms: Iterable[progress.FormProgress],
    owners: Mapping[tuple[str, str, str], str],
    person: Actor,
) -> list[tuple[str, str]]:
    """Title and address of the sections that wait for this person: handed over, or an engineer's by the form."""
    found = []
    for form in forms:
        for one in form.sections:
            owner = owners.get((case_id, form.instrument.name, one.section), "")
            by_form = form.instrument.section(one.section).owner == "EVALUATION_ENGINEER"
            mine = owner == person.id or (not owner and by_form and person.lab_role is Role.LAB_ENG)
            if mine and not one.done:
                found.append((one.title, address(case_id, f"filing/{form.instrument.name}/{one.section}")))
    return found


def _section_tasks(drafts_: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One task for each draft in which sections wait for this person."""
    return [
        {
            "date": "No date",
            "date_note": "before the filing is signed",
            "title": f"Fill {counted(len(one['mine']), 'section')} that {'is' if len(one['mine']) == 1 else 'are'} with you",
            "meta": f"{one['title']} · {one['number']}",
            "sentence": f"{', '.join(title for title, _ in one['mine'][:4])}{' …' if len(one['mine']) > 4 else '.'}",
            "button": {"label": "Open the first", "href": one["mine"][0][1]},
        }
        for one in drafts_
        if one["mine"]
    ]


def _evidence_tasks(conn: Connection, found: list[Any]) -> list[dict[str, Any]]:
    """Evidence items that still need a person, one task for each case."""
    own = {row.id: row for row in found}
    statement = select(record.c.case_id, record.c.body).where(
        record.c.kind == EvidenceItem.kind, record.c.case_id.in_(list(own))
    )
    open_items: dict[str, list[EvidenceItem]] = {}
    for case_id, body in conn.execute(statement):
        item = store.decode(EvidenceItem.kind, body)
        assert isinstance(item, EvidenceItem)
        if needs(item):
            open_items.setdefault(case_id, []).append(item)
    tasks = []
    for case_id, items in open_items.items():
        row = own[case_id]
        words = "; ".join(f"{item.number}: {', '.join(needs(item)).lower()}" for item in items[:3])
        tasks.append(
            {
                "date": "No date",
                "date_note": "before the filing is signed"
                if State(row.state) in IN_DRAFT
                else "before the answers are sent",
                "title": f"Finish {counted(len(items), 'evidence item')}",
                "meta": f"{row.configuration or row.model_name} · {row.number or 'Draft'}",
                "sentence": f"{words}{' …' if len(items) > 3 else '.'}",
                "button": {"label": "Open evidence", "href": address(case_id, "filing/evidence")},
            }
        )
    return tasks


def _task(task: worklists.Task, today: date, drafts_: list[dict[str, Any]], *, first: bool) -> dict[str, Any]:
    own = next((one for one in drafts_ if one["id"] == task.case_id), None)
    detail = task.detail
    if own is not None and not detail:
        left = f", {own['duration']} to go" if own["duration"] else ""
        detail = f"{own['answered']} of {own['required']} required answers{left}."
    due = None
    if task.days_left is not None and task.days_left <= 7:
        late = task.days_left < 0
        assert task.due_on is not None
        due = {"label": relative_day(task.due_on, today), "kind": "late" if late else "soon"}
    return {
        "due": due,
        "date": day(task.due_on, year=False) if task.due_on else "No date",
        "date_note": None if task.due_on else "you decide when",
        "title": task.task,
        "meta": f"{task.title} · {task.number}",
        "sentence": detail,
        "button": {"label": task.button, "href": address(task.case_id, task.place), "primary": first},
    }


def _waiting(line: worklists.CaseLine, today: date) -> dict[str, Any]:
    ended = line.state in ENDED
    words = line.waiting_for
    clock = line.clock
    meta = ""
    if clock is not None and not ended:
        meta = f"Review day {clock.review_days} of {clock.allowed_days}"
    return {
        "title": line.title,
        "href": address(line.id),
        "meta": f"{line.model} · {line.number or 'Draft'}",
        "turn": line.turn.value.lower(),
        "turn_label": "Yours" if line.turn is Turn.LAB else None,
        "waiting": words,
        "waiting_meta": meta,
        "since": short_day(line.since),
        "since_meta": "today"
        if line.since == today
        else counted((today - line.since).days, "day", words=False),
    }


def _days(here: Here, owed: Iterable[worklists.Task]) -> list[dict[str, Any]]:
    """The next five working days, with how many things are due on each."""
    due = [task.due_on for task in owed if task.due_on is not None]
    found: list[dict[str, Any]] = []
    calendar = calendar_of(here.facts.policy.agency.holiday_calendar)
    at = here.today
    while len(found) < 5:
        if calendar.is_business_day(at):
            found.append(
                {"weekday": f"{at:%a}", "number": at.day, "count": due.count(at), "today": at == here.today}
            )
        at += timedelta(days=1)
    return found


@page(blueprint, "/evidence", get="lab", endpoint="all_evidence")
def all_evidence(here: Here) -> Response:
    """Evidence of every filing in which it may still change, with what each item needs."""
    found = _open_cases(here.conn, here.person)
    statement = select(record.c.case_id, record.c.body).where(
        record.c.kind == EvidenceItem.kind, record.c.case_id.in_([row.id for row in found])
    )
    items: dict[str, list[dict[str, Any]]] = {}
    for case_id, body in here.conn.execute(statement):
        item = store.decode(EvidenceItem.kind, body)
        assert isinstance(item, EvidenceItem)
        line = {"item": item, "needs": needs(item), "href": address(case_id, f"filing/evidence/{item.id}")}
        items.setdefault(case_id, []).append(line)
    cases_ = [
        {
            "title": row.configuration or row.model_name or "Untitled filing",
            "number": row.number or "Draft",
            "href": address(row.id, "filing/evidence"),
            "items": sorted(items.get(row.id, []), key=lambda line: line["item"].number),
        }
        for row in found
    ]
    return here.answer("lab/all_evidence.html", title="Evidence", cases=cases_)


# Filings ----------------------------------------------------------------------------------------


@page(blueprint, "/filings", get="lab", post="lab")
def filings(here: Here) -> Response:
    """All filings of the lab, newest first, and the way to open another."""
    if request.method == "POST":
        given = OpenDraft(
            model_name=here.form.get("model_name", "").strip()[:200],
            configuration=here.form.get("configuration", "").strip()[:200],
        )
        if not given.model_name:
            wrong = [{"text": "Give the name of the model", "href": "#model_name"}]
            return _filings(here, wrong=wrong, status=422)
        return here.do(
            Act.OPEN_DRAFT,
            given,
            to="/cases/{case_id}/filing",
            again=lambda found: _filings(here, refused=found),
            said="Draft opened. The agency sees nothing of it until you sign.",
        )
    return _filings(here)


def _filings(
    here: Here,
    *,
    wrong: list[dict[str, str]] | None = None,
    refused: tuple[Refusal, ...] = (),
    status: int = 200,
) -> Response:
    asked = {key: request.args.get(key, "")[:200] for key in ("q", "after")}
    lines, older = worklists.case_list(
        here.conn, here.person, here.today, search=asked["q"], after=asked["after"]
    )
    return here.answer(
        "lab/filings.html",
        status,
        title="Filings",
        rows=[_waiting(line, here.today) for line in lines],
        asked=asked,
        older=_more(asked["q"], older) if older else None,
        newer=_more(asked["q"], "") if asked["after"] else None,
        blocked=refusals(ROW[Act.OPEN_DRAFT], here.facts),
        prepared=TITLES if here.office.settings.demonstration else {},
        wrong=wrong or [],
        refused=refused,
        typed=here.form,
    )


def _more(q: str, after: str) -> str:
    pairs = {key: value for key, value in (("q", q), ("after", after)) if value}
    return f"/filings?{urlencode(pairs)}" if pairs else "/filings"


@page(blueprint, "/filings/prepared", post="lab")
def open_prepared_filing(here: Here) -> Response:
    """In a demonstration: a draft with every answer and all evidence of a prepared filing."""
    name = here.form.get("name", "")
    if not here.office.settings.demonstration or name not in TITLES:
        return errors.nothing_here(here)
    denied = refusals(ROW[Act.OPEN_DRAFT], here.facts)
    if denied:
        return errors.refused(here, Act.OPEN_DRAFT, denied, lambda found: _filings(here, refused=found))
    here.release()
    try:
        case_id = open_prepared(here.office, here.person.id, prepared(name))
    except Refused as refused:
        return errors.refused(
            here, Act.OPEN_DRAFT, refused.refusals, lambda found: _filings(here, refused=found)
        )
    here.confirm("The prepared filing is open, with its evidence. Read it, then sign.")
    return here.redirect(address(case_id, "filing"))
