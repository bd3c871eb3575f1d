"""Builds a case file for one audience: an allow-list from the facts, never a removal from something larger."""

from collections.abc import Iterable, Sequence
from datetime import date

from review.casefile.shape import (
    CaseFile,
    DecisionLine,
    Entry,
    EvidenceLine,
    Filed,
    Header,
    MeasurementLine,
    ReviewLine,
    SignatureLine,
    Step,
    TeamMember,
)
from review.rules import clock, evidence, instruments, intervals, turns
from review.rules.entities import (
    Decision,
    EvidenceItem,
    InformationRequest,
    NoticeOfIntendedDecision,
    ReviewCycle,
    Signature,
)
from review.rules.facts import Facts
from review.rules.vocabulary import DECIDED, Act, Audience, Role, State, Turn

STEPS = ("Filed", "Accepted", "In review", "Recommendation", "Notice, only if adverse", "Decision")
_AT_STEP: dict[State, int] = {
    State.DRAFT: 0,
    State.SUBMITTED: 1,
    State.ACCEPTANCE_SCREENING: 1,
    State.REFUSED_TO_ACCEPT: 1,
    State.SUBSTANTIVE_REVIEW: 2,
    State.INFORMATION_REQUEST_HOLD: 2,
    State.RECOMMENDATION: 3,
    State.NOTICE_OF_INTENDED_DECISION: 4,
    State.LAB_RESPONSE_WINDOW: 4,
    State.DECISION_PENDING: 5,
}
NAMED_TO_LAB = frozenset({Role.SIGNATORY, Role.RATIFIER, Role.LAB_RA, Role.LAB_ENG})
"""Deciding officials and ratifiers are always named; so are the lab's own people (decisions taken, 4)."""

LAB_SEES_ACTS = frozenset(
    {
        Act.OPEN_DRAFT, Act.SUBMIT, Act.REFUSE_TO_ACCEPT, Act.ACCEPT, Act.ACCEPT_BY_LAPSE,
        Act.RESUBMIT_AFTER_REFUSAL, Act.FILE_OVER_PROTEST, Act.CLOSE_INACTIVE, Act.ISSUE_INFORMATION_REQUEST,
        Act.RESPOND_TO_INFORMATION_REQUEST, Act.DEEM_WITHDRAWN, Act.ISSUE_NOTICE, Act.ISSUE_NEW_NOTICE,
        Act.ANSWER_NOTICE, Act.CLOSE_RESPONSE_WINDOW, Act.APPROVE, Act.RESTRICT, Act.DENY, Act.WITHDRAW,
        Act.ATTACH_EVIDENCE, Act.WITHDRAW_EVIDENCE, Act.CONFIRM_MEASUREMENT, Act.MATCH_SUBJECT, Act.ANSWER_ITEM,
        Act.WARN, Act.RECOMMEND,
    }
)  # fmt: skip


def build(f: Facts, audience: Audience, entries: Sequence[Entry] = (), index: int = 0) -> CaseFile:
    """The case file of one audience. `entries` are the case's events, oldest first, as `gather.entries` reads them."""
    assert f.case is not None
    lab = audience is Audience.LAB
    decided = f.case.state in DECIDED
    inside = not lab or decided
    pseudonyms = _pseudonyms(f) if lab else {}
    return CaseFile(
        audience=audience,
        as_of=f.now,
        index=index,
        header=header(f, audience),
        timeline=tuple(_seen(entry, lab, pseudonyms) for entry in entries if not lab or _lab_sees(entry)),
        team=() if lab else tuple(_team(f)),
        filed=_filed(f),
        evidence=tuple(_evidence(f, item, cited=inside) for item in f.evidence),
        checklist=f.checklist if not lab or _checklist_shown(f) else None,
        reviews=tuple(_reviews(f, pseudonyms)) if inside else (),
        disciplines=f.cycle.disciplines if f.cycle else (),
        requests=tuple(_request(r, lab) for r in f.requests if not lab or r.issued_at is not None),
        memo=f.memo if inside else None,
        notices=tuple(_notice(n, lab) for n in f.notices if not lab or n.issued_at is not None),
        decision=_decision(f) if inside else None,
        panel=f.panel if inside else None,
        authorization=f.authorization,
        signatures=tuple(_signature(f, s, pseudonyms) for s in _shown_signatures(f, lab, decided)),
        documents=tuple(d for d in f.documents if not lab or d.audience == "LAB"),
    )


def header(f: Facts, audience: Audience = Audience.INTERNAL_FULL) -> Header:
    """Name, state, turn and clock. A lab is told whose turn it is, not what is being prepared."""
    case = f.case
    assert case is not None
    where = turns.position(f)
    lab = audience is Audience.LAB
    state = turns.state_for_lab(case.state, f.last_notice is not None) if lab else case.state
    told = turns.WAITS_FOR.get(state, where.waiting_for) if lab else where.waiting_for
    reading = _reading(f.cycle, f.today)
    return Header(
        case_id=case.id,
        number=case.number or "",
        title=case.configuration or case.model_name or "Untitled filing",
        lab=case.organization_name,
        model=case.model_name,
        version=case.model_version,
        track=case.track.label,
        state=state,
        outcome=case.outcome,
        decided_on=case.decided_on,
        received_on=case.received_on,
        turn=where.turn,
        waiting_for=told,
        due_on=where.due_on if not lab or where.turn is Turn.LAB else None,
        clock=reading,
        milestones=_milestones(f),
        steps=_steps(f, state),
        open_weights=case.open_weights,
        policy=case.policy,
    )


def _reading(cycle: ReviewCycle | None, today: date) -> clock.ClockReading | None:
    if cycle is None or not clock.has_started(cycle.clock):
        return None
    return clock.reading(cycle.clock, cycle.goal_days, today)


def _milestones(f: Facts) -> tuple[clock.Milestone, ...]:
    if f.cycle is None or not clock.has_started(f.cycle.clock):
        return ()
    zone = f.policy.agency.zone
    done: dict[str, date] = {}
    issued = [r.issued_at for r in f.requests if r.issued_at is not None]
    if issued:
        done["first_questions"] = clock.local_date(min(issued), zone)
    signed = [r.signed_on for r in f.live_reviews if f.signed(r.signature_id) and r.signed_on is not None]
    if signed and len(signed) >= len(f.cycle.disciplines):
        done["reviews_signed"] = max(signed)
    if f.last_notice is not None and f.last_notice.issued_at is not None:
        done["notice"] = clock.local_date(f.last_notice.issued_at, zone)
    if f.case is not None and f.case.decided_on is not None:
        done["decision"] = f.case.decided_on
    return clock.milestones(f.policy.track(f.cycle.track.value), f.cycle.clock, f.today, done)


def _steps(f: Facts, state: State) -> tuple[Step, ...]:
    at = _AT_STEP.get(state, len(STEPS))

    def status(n: int) -> str:
        if n < at:
            return "skipped" if n == 4 and not f.notices and at > 4 else "done"
        return "current" if n == at else "todo"

    return tuple(Step(number=n + 1, label=label, status=status(n)) for n, label in enumerate(STEPS))


# What the lab may know ---------------------------------------------------------------------------


def _pseudonyms(f: Facts) -> dict[str, str]:
    """A role and a letter for each agency person, the same throughout the case; officials keep their names."""
    found: dict[str, str] = {}
    letters: dict[Role, int] = {}
    for assignment in f.assignments:
        if assignment.role in NAMED_TO_LAB:
            found[assignment.person_id] = assignment.person_name
        elif assignment.person_id not in found:
            letters[assignment.role] = letters.get(assignment.role, 0) + 1
            letter = chr(ord("A") + letters[assignment.role] - 1)
            only = assignment.role in {Role.LEAD, Role.COUNSEL, Role.INTAKE}
            found[assignment.person_id] = (
                assignment.role.label if only and letter == "A" else f"{assignment.role.label} {letter}"
            )
    return found


def _lab_sees(entry: Entry) -> bool:
    return entry.act in {act.value for act in LAB_SEES_ACTS} and not entry.refused


def _seen(entry: Entry, lab: bool, pseudonyms: dict[str, str]) -> Entry:
    if not lab:
        return entry
    person = entry.who.split("|", 1)
    return Entry(
        index=entry.index,
        at=entry.at,
        act=entry.act,
        title=entry.title,
        detail=entry.detail if entry.moves else "",
        who=pseudonyms.get(person[0], person[-1] if len(person) > 1 else ""),
        moves=entry.moves,
    )


def _checklist_shown(f: Facts) -> bool:
    return f.checklist is not None and (f.checklist.refused_on is not None or not f.checklist.open)


def _request(request: InformationRequest, lab: bool) -> InformationRequest:
    if not lab:
        return request
    return InformationRequest(
        id=request.id,
        case_id=request.case_id,
        number=request.number,
        items=request.items,
        drafted_by="",
        drafted_by_role=request.drafted_by_role,
        issued_at=request.issued_at,
        answer_by=request.answer_by,
        answered_at=request.answered_at,
        warnings=request.warnings,
    )


def _notice(notice: NoticeOfIntendedDecision, lab: bool) -> NoticeOfIntendedDecision:
    if not lab:
        return notice
    return NoticeOfIntendedDecision(
        id=notice.id,
        case_id=notice.case_id,
        cycle_id=notice.cycle_id,
        ordinal=notice.ordinal,
        proposal=notice.proposal,
        drafted_by="",
        version=notice.version,
        issued_at=notice.issued_at,
        respond_by=notice.respond_by,
        responded_at=notice.responded_at,
        response=notice.response,
        points=notice.points,
        offered_conditions=notice.offered_conditions,
    )


# Parts ------------------------------------------------------------------------------------------


def _team(f: Facts) -> Iterable[TeamMember]:
    declared = {a.person_id for a in f.attestations if not a.interest}
    for a in f.assignments:
        yield TeamMember(
            person_id=a.person_id,
            name=a.person_name,
            role=a.role.label,
            disciplines=a.disciplines,
            declared=a.person_id in declared,
            ended=a.ended is not None,
            ended_reason=a.ended_reason,
        )


def _filed(f: Facts) -> Filed | None:
    if not f.filings:
        return None
    last = f.filings[-1]
    gaps = tuple(
        gap
        for name, version in last.instruments.items()
        for gap in instruments.load(name, version).gaps(last.answers.get(name, {}), last.answers)
    )
    return Filed(
        ordinal=last.ordinal,
        filed_at=last.filed_at,
        filed_by=last.filed_by,
        instruments=last.instruments,
        answers=last.answers,
        gaps=gaps,
        further_statements=last.further_statements,
        submitter_notes=last.submitter_notes,
    )


def _evidence(f: Facts, item: EvidenceItem, *, cited: bool) -> EvidenceLine:
    by = tuple(
        finding.number
        for finding in f.live_findings
        if any(citation.evidence_id == item.id for citation in finding.citations)
    )
    return EvidenceLine(
        item=item,
        grade=evidence.grade_of_item(item),
        lines=tuple(measurement_line(item, n) for n in range(len(item.measurements))),
        cited_by=by if cited else (),
    )


def measurement_line(item: EvidenceItem, n: int) -> MeasurementLine:
    """A confirmed number with the interval shown for it and how it stands to its threshold."""
    one = item.measurements[n]
    shown = evidence.interval_of_measured(one, item.attributes).shown
    reach = intervals.reaches(shown, one.threshold).label if shown is not None and one.threshold else ""
    count = ""
    if one.n is not None:
        unit = one.n_unit or "samples"
        count = f"{one.n:,} {unit if unit.endswith('s') else unit + 's'}"
    return MeasurementLine(
        measurement=one,
        value=intervals.value_text(one.value, shown),
        interval=shown,
        count=count,
        reaches=reach,
    )


def _reviews(f: Facts, pseudonyms: dict[str, str]) -> Iterable[ReviewLine]:
    for review in f.reviews:
        yield ReviewLine(
            review=review,
            who=pseudonyms.get(review.person_id, review.person_name),
            findings=tuple(x for x in f.findings if x.review_id == review.id),
            signed=f.signed(review.signature_id),
        )


def _decision(f: Facts) -> DecisionLine | None:
    decision: Decision | None = f.decision
    if decision is None:
        return None
    return DecisionLine(
        number=decision.number,
        version=decision.version,
        proposal=decision.proposal,
        point_answers=decision.point_answers,
        decided_at=decision.decided_at,
        concurred=f.signed(decision.counsel_signature_id),
        ratified=f.signed(decision.ratifier_signature_id),
    )


def _shown_signatures(f: Facts, lab: bool, decided: bool) -> Iterable[Signature]:
    for signature in f.signatures:
        if not lab or decided or signature.record_kind == "filing_version":
            yield signature


def _signature(f: Facts, s: Signature, pseudonyms: dict[str, str]) -> SignatureLine:
    return SignatureLine(
        id=s.id,
        who=pseudonyms.get(s.person_id, s.printed_name),
        role=s.role.label,
        meaning=s.meaning.label,
        says=s.meaning.sentence,
        at=s.at,
        kind="Password, the weaker kind",
        record=s.record_kind,
        record_id=s.record_id,
        record_sha256=s.record_sha256,
        holds=s.superseded is None and s.id in f.valid_signatures,
        superseded=s.superseded,
    )
