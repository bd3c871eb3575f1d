"""The lab's acts: open, attach evidence, submit, answer, withdraw."""

from typing import Any

import msgspec
from sqlalchemy import delete

from review.acts.door import Door, act
from review.casefile.gather import summaries
from review.records.tables import draft
from review.rules import instruments, policy
from review.rules.clock import ClockKind, add_business_days, calendar_of
from review.rules.entities import (
    Case,
    Checklist,
    ChecklistItem,
    EvidenceItem,
    FilingVersion,
    ResponsePoint,
    ReviewCycle,
    SubjectMatch,
)
from review.rules.given import (
    Confirmation,
    EvidenceFiles,
    Filing,
    ItemAnswer,
    Match,
    NoticeAnswer,
    OpenDraft,
    Protest,
    Reason,
    Withdrawal,
)
from review.rules.vocabulary import Act, Discipline, State, Track


@act(Act.OPEN_DRAFT)
def open_draft(door: Door, given: OpenDraft) -> None:
    """T01: a new draft of the actor's lab."""
    actor = door.f.actor
    assert actor.organization_id is not None
    door.case = Case(
        id=door.new_id(),
        tag=door.new_id(),
        organization_id=actor.organization_id,
        organization_name=actor.organization_name,
        model_name=given.model_name.strip(),
        configuration=given.configuration.strip(),
        opened_by=actor.id,
        opened_at=door.now,
        policy=policy.current().version,
    )
    door.result = door.case.id


@act(Act.ATTACH_EVIDENCE)
def attach_evidence(door: Door, given: EvidenceFiles) -> None:
    """K01: a piece of evidence, with what a reader proposed. Files are in the store already."""
    assert door.case is not None
    request = door.f.open_request
    item = EvidenceItem(
        id=door.new_id(),
        case_id=door.case.id,
        number=f"EV-{len(door.f.evidence) + 1:02d}",
        attached_by=door.f.actor.id,
        attached_at=door.now,
        answers_request=request.number if request else None,
        **{field: getattr(given, field) for field in given.__struct_fields__},
    )
    door.put(item)
    door.result = item.id


@act(Act.WITHDRAW_EVIDENCE)
def withdraw_evidence(door: Door, given: Withdrawal) -> None:
    """K02: the item stays readable, with the reason."""
    door.change(door.f.evidence_by_id[given.target], withdrawn=given.reason)


@act(Act.CONFIRM_MEASUREMENT)
def confirm_measurement(door: Door, given: Confirmation) -> None:
    """K03: a person confirms which numbers count and what they support."""
    item = door.f.evidence_by_id[given.evidence_id]
    confirmed = tuple(
        msgspec.structs.replace(measurement, confirmed_by=door.f.actor.id)
        for measurement in given.measurements
    )
    door.change(item, measurements=confirmed, domain=given.domain, attributes=given.attributes)


@act(Act.MATCH_SUBJECT)
def match_subject(door: Door, given: Match) -> None:
    """K04: a person says which filed model the file is about."""
    item = door.f.evidence_by_id[given.evidence_id]
    actor = door.f.actor
    match = SubjectMatch(
        named=item.subject, is_subject=given.is_subject, note=given.note, by=actor.id, by_name=actor.name
    )
    door.change(item, match=match)


def cover(answers: dict[str, Any], key: str) -> str:
    """One answer of the cover sheet as text; empty when it has none."""
    for section in answers.get("cover_sheet", {}).values():
        if key in section:
            value = section[key]
            return str(value).strip() if isinstance(value, str) else ""
    return ""


@act(Act.SUBMIT, Act.RESUBMIT_AFTER_REFUSAL)
def submit(door: Door, given: Filing) -> None:
    """T02, T07: freeze a filing version, fix the receipt date, number the docket, frame the acceptance review."""
    assert door.case is not None and door.signature is not None
    track = Track(cover(given.answers, "track") or Track.FULL)
    standing = [item for item in door.f.evidence if item.withdrawn is None]
    version = FilingVersion(
        id=door.signature.record_id,
        case_id=door.case.id,
        ordinal=len(door.f.filings) + 1,
        instruments=given.instruments,
        answers=given.answers,
        evidence=tuple(item.id for item in standing),
        further_statements=given.further_statements,
        submitter_notes=given.submitter_notes,
        filed_by=door.f.actor.id,
        filed_at=door.now,
    )
    door.put(version)
    _case_from_cover(door, given, track)
    cycle = _new_cycle(door, track)
    door.cycle = door.put(cycle)
    door.put(_checklist(door, given, cycle, standing))
    if door.case is not None:
        door.result = door.case.number or ""


def _case_from_cover(door: Door, given: Filing, track: Track) -> None:
    assert door.case is not None
    number = door.case.number or f"FMR-{door.today:%Y}-{door.next_number(f'FMR-{door.today:%Y}'):04d}"
    door.update_case(
        number=number,
        track=track,
        model_name=cover(given.answers, "model_name") or door.case.model_name,
        model_version=cover(given.answers, "model_version") or door.case.model_version,
        configuration=cover(given.answers, "configuration_name") or door.case.configuration,
        received_on=door.today,
        policy=policy.in_force(door.today).version,
        open_weights=releases_weights(given.answers),
        comparators=named_comparators(given.answers),
    )


def releases_weights(answers: dict[str, Any]) -> bool:
    """Whether the deployment plan releases weights: an OPEN_WEIGHTS channel or tier T5."""
    found = msgspec.json.encode(answers.get("deployment_plan", {})).decode()
    return '"OPEN_WEIGHTS"' in found or '"T5"' in found


def named_comparators(answers: dict[str, Any]) -> tuple[str, ...]:
    """Comparators named on the cover sheet, with their developer; people declare conflicts concerning them too."""
    found = answers.get("cover_sheet", {}).get("track", {}).get("comparators")
    rows = [row["answers"] for row in found] if isinstance(found, list) else []
    named = (", ".join(str(row[key]) for key in ("name", "developer") if row.get(key)) for row in rows)
    return tuple(name for name in named if name)


def _new_cycle(door: Door, track: Track) -> ReviewCycle:
    assert door.case is not None
    rules = policy.in_force(door.today).track(track.value)
    zone = calendar_of(door.f.policy.agency.holiday_calendar)
    base = ReviewCycle(
        id=door.cycle.id if door.cycle else door.new_id(),
        case_id=door.case.id,
        ordinal=1,
        track=track,
        goal_days=rules.goal_days,
        received_on=door.today,
        screening_due_on=add_business_days(door.today, rules.acceptance_business_days, zone),
        disciplines=rules.required_disciplines or tuple(Discipline),
    )
    return base


def _checklist(door: Door, given: Filing, cycle: ReviewCycle, standing: list[EvidenceItem]) -> Checklist:
    """The acceptance questions, each with what the rules found; frozen for this receipt."""
    assert door.case is not None
    found = instruments.checklist(given.answers, summaries(tuple(standing)))
    items = tuple(ChecklistItem(**msgspec.structs.asdict(item)) for item in found)
    existing = door.f.checklist
    return Checklist(
        id=existing.id if existing else door.new_id(), case_id=door.case.id, cycle_id=cycle.id, items=items
    )


@act(Act.FILE_OVER_PROTEST)
def file_over_protest(door: Door, given: Protest) -> None:
    """T08: the lab insists on review; the clock starts on the day of the protest."""
    door.update_case(received_on=door.today)
    door.turn_clock(ClockKind.START, reason=f"Filed over protest; conference {given.conference.lower()}")
    door.update_cycle(accepted_on=door.today, received_on=door.today)


@act(Act.ANSWER_ITEM)
def answer_item(door: Door, given: ItemAnswer) -> None:
    """K17: one item of the open question; the hold stays until all are answered and sent."""
    request = door.f.open_request
    assert request is not None
    items = tuple(
        msgspec.structs.replace(
            item,
            answer=given.answer,
            cannot_because=given.cannot_because,
            answered_by=door.f.actor.id,
            evidence=given.evidence,
        )
        if item.id == given.item_id
        else item
        for item in request.items
    )
    door.change(request, items=items)


@act(Act.RESPOND_TO_INFORMATION_REQUEST)
def respond(door: Door, _given: None) -> None:
    """T11: the response is complete; the clock resumes from today."""
    request = door.f.open_request
    assert request is not None
    door.change(request, answered_at=door.now)
    door.turn_clock(ClockKind.RESUME, reason=request.number, hold=request.number)


@act(Act.ANSWER_NOTICE)
def answer_notice(door: Door, given: NoticeAnswer) -> None:
    """T23: the lab's points, or its waiver; the clock resumes."""
    notice = door.f.last_notice
    assert notice is not None
    points = tuple(
        ResponsePoint(id=f"P-{n}", text=text.strip())
        for n, text in enumerate((p for p in given.points if p.strip()), 1)
    )
    door.change(
        notice,
        responded_at=door.now,
        response="WAIVER" if given.waived else "RESPONSE",
        points=() if given.waived else points,
        offered_conditions=given.offered_conditions.strip(),
        answered_by=door.f.actor.id,
    )
    door.turn_clock(ClockKind.RESUME, reason="The notice", hold=f"NOTICE-{notice.ordinal}")


@act(Act.WITHDRAW)
def withdraw(door: Door, given: Reason) -> None:
    """T33: the record is kept; from a draft the section documents go, and no letter is owed."""
    assert door.case is not None
    door.reason = given.reason
    if door.case.state is State.DRAFT:
        door.conn.execute(delete(draft).where(draft.c.case_id == door.case.id))
        door.documents = ()
    door.end_clock()
