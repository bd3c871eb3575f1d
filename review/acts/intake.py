"""Intake and the team: screening, acceptance, refusal, assignment, conflicts of interest, deadlines of the system."""

from typing import Any

import msgspec

from review.acts.door import Door, act
from review.rules.clock import ClockKind
from review.rules.entities import Assignment, ConflictAttestation, DisciplineReview
from review.rules.given import Assign, ChecklistEntry, Declaration, Reason
from review.rules.given import Warning as WarningGiven
from review.rules.vocabulary import Act, Role


@act(Act.BEGIN_SCREENING)
def begin_screening(door: Door, _given: None) -> None:
    """T03: in the transaction of the submission."""


@act(Act.ANSWER_CHECKLIST_ITEM)
def answer_checklist_item(door: Door, given: ChecklistEntry) -> None:
    """K08: completeness, never merit. A changed answer needs the lead's concurrence anew."""
    assert door.f.checklist is not None
    items = tuple(
        msgspec.structs.replace(
            item,
            answer=given.answer,
            locator=given.locator.strip() or ", ".join(item.places),
            note=given.note.strip(),
            cure=given.cure.strip() or item.cure,
        )
        if item.key == given.key
        else item
        for item in door.f.checklist.items
    )
    door.change(door.f.checklist, items=items, concurred_by=None, concurred_note="")


@act(Act.CONCUR_REFUSAL)
def concur_refusal(door: Door, given: Reason | None) -> None:
    """K09: the lead concurs with the refusal to accept."""
    assert door.f.checklist is not None
    note = given.reason if given is not None else ""
    door.change(door.f.checklist, concurred_by=door.f.actor.id, concurred_note=note)


@act(Act.REFUSE_TO_ACCEPT)
def refuse_to_accept(door: Door, _given: Any) -> None:
    """T04: each failed item with its place and cure."""
    assert door.f.checklist is not None
    door.change(door.f.checklist, refused_on=door.today)


@act(Act.ACCEPT)
def accept(door: Door, _given: Any) -> None:
    """T05: the review clock starts from receipt."""
    _start(door, by_lapse=False)


@act(Act.ACCEPT_BY_LAPSE)
def accept_by_lapse(door: Door, _given: None) -> None:
    """T06: silence means accepted."""
    _start(door, by_lapse=True)


def _start(door: Door, *, by_lapse: bool) -> None:
    assert door.cycle is not None
    door.turn_clock(ClockKind.START, on=door.cycle.received_on)
    door.update_cycle(accepted_on=door.today, accepted_by_lapse=by_lapse)


@act(Act.CLOSE_INACTIVE)
def close_inactive(door: Door, _given: None) -> None:
    """T09: nobody answered the refusal."""
    door.end_clock()


@act(Act.WARN)
def warn(door: Door, given: WarningGiven) -> None:
    """K24: a warning to the lab before something lapses, kept with its day."""
    if given.key == "refusal":
        assert door.cycle is not None
        door.update_cycle(warnings=(*door.cycle.warnings, f"{given.key}@{door.today.isoformat()}"))
        return
    request = door.f.open_request
    assert request is not None
    door.change(request, warnings=(*request.warnings, f"{given.key}@{door.today.isoformat()}"))


@act(Act.ASSIGN_ROLE)
def assign_role(door: Door, given: Assign) -> None:
    """K05: one holder for each role but reviewer; a discipline has one reviewer."""
    assert door.case is not None and door.f.subject is not None
    for held in door.f.held:
        if given.role is not Role.REVIEWER and held.role is given.role and held.person_id != given.person_id:
            door.change(held, ended=door.now, ended_reason="Another person was assigned")
    own = next((a for a in door.f.held if a.person_id == given.person_id and a.role is given.role), None)
    if given.role is Role.REVIEWER:
        _hand_over(door, given)
    if own is not None:
        disciplines = tuple(d for d in dict.fromkeys((*own.disciplines, *given.disciplines)))
        door.change(own, disciplines=disciplines)
    else:
        door.put(
            Assignment(
                id=door.new_id(),
                case_id=door.case.id,
                person_id=given.person_id,
                person_name=door.f.subject.name,
                role=given.role,
                disciplines=given.disciplines,
                since=door.now,
            )
        )
    if given.role is Role.REVIEWER:
        _begin_reviews(door, given, door.f.subject.name)


def _hand_over(door: Door, given: Assign) -> None:
    """A discipline that another reviewer held passes on; that review is superseded, not deleted."""
    for held in door.f.held:
        if held.role is not Role.REVIEWER or held.person_id == given.person_id:
            continue
        kept = tuple(d for d in held.disciplines if d not in given.disciplines)
        if kept == held.disciplines:
            continue
        ended = {} if kept else {"ended": door.now, "ended_reason": "Another reviewer was assigned"}
        door.change(held, disciplines=kept, **ended)
    for review in door.f.live_reviews:
        if review.discipline in given.disciplines and review.person_id != given.person_id:
            supersede_review(door, review, "Another reviewer was assigned")


def _begin_reviews(door: Door, given: Assign, name: str) -> None:
    assert door.case is not None and door.cycle is not None
    existing = {(r.discipline, r.person_id) for r in door.f.live_reviews}
    for discipline in given.disciplines:
        if (discipline, given.person_id) in existing:
            continue
        door.put(
            DisciplineReview(
                id=door.new_id(),
                case_id=door.case.id,
                cycle_id=door.cycle.id,
                discipline=discipline,
                person_id=given.person_id,
                person_name=name,
            )
        )


def supersede_review(door: Door, review: DisciplineReview, why: str) -> None:
    """Mark a review, and its signature, superseded: both stay readable."""
    door.change(review, superseded=why)
    for signature in door.f.signatures:
        if signature.id == review.signature_id and signature.superseded is None:
            door.change(signature, superseded=why)


@act(Act.ATTEST_CONFLICTS)
def attest_conflicts(door: Door, given: Declaration) -> None:
    """K06: before any content is shown. An interest ends the person's part at once."""
    assert door.case is not None
    actor = door.f.actor
    door.put(
        ConflictAttestation(
            id=door.new_id(),
            case_id=door.case.id,
            person_id=actor.id,
            person_name=actor.name,
            interest=given.interest,
            statement=given.statement.strip(),
            named=(door.case.organization_name, *door.case.comparators),
            at=door.now,
        )
    )
    if given.interest:
        _leave(door, "Declared an interest")


@act(Act.RECUSE)
def recuse(door: Door, given: Reason) -> None:
    """K07: access closes at once, and the quorum re-opens."""
    door.reason = given.reason
    _leave(door, f"Recused: {given.reason}")


def _leave(door: Door, why: str) -> None:
    for held in door.f.held:
        if held.person_id == door.f.actor.id:
            door.change(held, ended=door.now, ended_reason=why)
    for review in door.f.live_reviews:
        if review.person_id == door.f.actor.id:
            supersede_review(door, review, why)
