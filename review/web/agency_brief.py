"""The tables at the head of three desks: the lead's cases, the official's decisions, counsel's concurrences."""

from typing import Any

from flask import url_for
from sqlalchemy import select

from review.casefile import build, facts
from review.casefile.shape import CaseFile
from review.printing.filters import counted, relative_day
from review.records import store
from review.records.tables import cases, record
from review.rules.facts import Facts
from review.rules.turns import position
from review.rules.vocabulary import ENDED, Audience, Conclusion, Outcome, Role, Severity, State, Turn
from review.rules.workflow import ROW, refusals
from review.web.agency_changes import changes_since_concurrence, open_for_counsel
from review.web.agency_signing import signing_act
from review.web.here import Here
from review.web.places import address

MOST = 12
"""Cases of one role that a desk opens; the list of cases has the rest."""


def held_cases(here: Here, role: Role) -> list[Facts]:
    """The open cases on which the person holds this role and has declared, oldest receipt first."""
    mine = (
        select(record.c.case_id)
        .where(record.c.person_id == here.person.id, record.c.kind == "assignment", record.c.held.is_(True))
        .scalar_subquery()
    )
    statement = (
        select(cases)
        .where(cases.c.id.in_(mine), cases.c.state.not_in([state.value for state in ENDED]))
        .order_by(cases.c.received_on, cases.c.id)
        .limit(MOST)
    )
    found = []
    for row in here.conn.execute(statement).mappings():
        own = facts(here.conn, store.case_from_row(row), here.person, here.facts.now)
        if role in own.my_roles and own.attested:
            found.append(own)
    return found


def _file(f: Facts) -> CaseFile:
    return build(f, Audience.INTERNAL_FULL)


def _goal(file: CaseFile) -> dict[str, str]:
    reading = file.header.clock
    if reading is None:
        return {"text": "starts at acceptance"}
    if not reading.running and not reading.ended:
        return {"text": "moves while held", "meta": f"day {reading.review_days} of {reading.allowed_days}"}
    return {
        "text": f"{reading.goal_date:%a %-d %b}",
        "meta": f"day {reading.review_days} of {reading.allowed_days}",
    }


def _turn(f: Facts, file: CaseFile) -> tuple[str, str | None]:
    mine = any(todo.person_id == f.actor.id for todo in position(f).todos)
    turn = file.header.turn
    return turn.value.lower(), "Agency, you" if mine and turn is Turn.AGENCY else None


def squares_of(f: Facts, late: bool) -> list[dict[str, str]]:
    """One state for each discipline that this cycle requires."""
    assert f.cycle is not None
    states = []
    declared = {a.person_id for a in f.attestations}
    for discipline in f.cycle.disciplines:
        review = next((r for r in f.live_reviews if r.discipline is discipline), None)
        if review is None or review.person_id not in declared:
            state = "not_open"
        elif f.signed(review.signature_id):
            state = "signed"
        elif late:
            state = "late"
        else:
            state = "stated" if review.conclusion else "in_work"
        states.append({"discipline": discipline.label, "state": state})
    return states


def lead_cases(here: Here) -> list[dict[str, Any]]:
    """The lead's own cases, each with its six review squares and what it needs."""
    rows = []
    for f in held_cases(here, Role.LEAD):
        file = _file(f)
        by = next((m.on for m in file.header.milestones if m.key == "reviews_signed"), None)
        states = squares_of(f, bool(by and by < here.today and f.state is State.SUBSTANTIVE_REVIEW))
        signed = sum(one["state"] == "signed" for one in states)
        mine = [todo for todo in position(f).todos if todo.person_id == here.person.id]
        turn, turn_label = _turn(f, file)
        due = mine[0].due_on if mine else file.header.due_on
        rows.append(
            {
                "case_id": file.header.case_id,
                "title": file.header.title,
                "href": url_for("agency.now", case_id=file.header.case_id),
                "meta": f"{file.header.lab} · {file.header.number}",
                "turn": turn,
                "turn_label": turn_label,
                "squares": states,
                "words": f"{signed} of {len(states)} signed",
                "needs": mine[0].title if mine else file.header.waiting_for,
                "needs_meta": mine[0].detail if mine else file.header.state.label,
                "needs_href": address(file.header.case_id, mine[0].place) if mine else None,
                "by": due,
                "by_words": relative_day(due, here.today) if due else "",
                "late": bool(due and due < here.today),
                "soon": bool(due and 0 <= (due - here.today).days <= 2),
                "goal": _goal(file),
                "sort": (due is None, due or here.today),
            }
        )
    return sorted(rows, key=lambda row: row["sort"])


def decisions(here: Here) -> list[dict[str, Any]]:
    """The official's cases by goal, each with the outcome proposed and what blocks signing."""
    rows = []
    for f in held_cases(here, Role.SIGNATORY):
        file = _file(f)
        turn, turn_label = _turn(f, file)
        act = signing_act(f)
        blocks = refusals(ROW[act], f) if act is not None else ()
        proposed = _proposed(f)
        rows.append(
            {
                "case_id": file.header.case_id,
                "title": file.header.title,
                "href": url_for("agency.now", case_id=file.header.case_id),
                "meta": f"{file.header.lab} · {file.header.number}",
                "turn": turn,
                "turn_label": turn_label,
                "outcome": f"{proposed.label}, proposed" if proposed else "",
                "blocks": _blocks(file, act is not None, len(blocks)),
                "strong": act is not None,
                "goal": _goal(file),
                "brief": brief(here, f, file) if act is not None else None,
                "sort": (
                    turn_label is None,
                    act is None,
                    str(file.header.clock.goal_date) if file.header.clock else "9",
                ),
            }
        )
    return sorted(rows, key=lambda row: row["sort"])


def _blocks(file: CaseFile, at_hand: bool, count: int) -> str:
    if not at_hand:
        return file.header.waiting_for
    return counted(count, "thing").capitalize() if count else "Nothing. It waits for your signature."


def _proposed(f: Facts) -> Outcome | None:
    if f.decision is not None:
        return f.decision.proposal.outcome
    if f.draft_notice is not None:
        return f.draft_notice.proposal.outcome
    return f.recommended


def brief(here: Here, f: Facts, file: CaseFile) -> dict[str, Any]:
    """A case on one page for who decides it: what is proposed, on which findings, what blocks."""
    act = signing_act(f)
    case = file.header.case_id
    found = refusals(ROW[act], f) if act is not None else ()
    weighty = [x for x in f.live_findings if x.severity is Severity.DECISIVE] or [
        x for x in f.live_findings if x.severity is Severity.MAJOR
    ]
    concerns = sum(
        r.conclusion is not None and r.conclusion is not Conclusion.NO_CONCERN for r in f.live_reviews
    )
    proposed = _proposed(f)
    return {
        "title": file.header.title,
        "case_id": case,
        "proposed": proposed.label.lower() if proposed else "",
        "summary": f.memo.summary if f.memo else "",
        "reviews": f"{counted(len(f.live_reviews), 'review').capitalize()}: "
        f"{counted(concerns, 'discipline')} {'finds' if concerns == 1 else 'find'} a concern.",
        "findings": weighty[:4],
        "finding_count": len(f.live_findings),
        "grades": {line.item.id: line.grade.letter.label for line in file.evidence},
        "grid": f.memo.benefit_risk if f.memo else (),
        "points": f.last_notice.points if f.last_notice else (),
        "answers": f.decision.point_answers if f.decision else {},
        "blocks": [
            {
                "title": one.sentence,
                "link": {"label": "Go there", "href": address(case, one.place)} if one.place else None,
            }
            for one in found
        ],
        "href": address(case, "decision"),
        "clock": file.header.clock,
    }


def concurrences(here: Here) -> list[dict[str, Any]]:
    """What asks for counsel's concurrence, with what changed since the last one."""
    rows = []
    for f in held_cases(here, Role.COUNSEL):
        record_ = open_for_counsel(f)
        if record_ is None or f.state not in {State.RECOMMENDATION, State.DECISION_PENDING}:
            continue
        if f.signed(record_.counsel_signature_id) or record_.counsel_note:
            continue
        file = _file(f)
        what = "decision" if record_ is f.decision else "notice"
        rows.append(
            {
                "title": f"{file.header.title}, draft {what}: {record_.proposal.outcome.label.lower()}",
                "meta": f"{file.header.lab} · {file.header.number}",
                "version": record_.version,
                "due": file.header.due_on,
                "due_words": relative_day(file.header.due_on, here.today) if file.header.due_on else "",
                "changes": changes_since_concurrence(here, f),
                "href": url_for("agency.concurrence", case_id=file.header.case_id),
            }
        )
    return rows
